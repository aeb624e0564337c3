"""Look-ups among deep-sky objects, constellations and named stars."""

from __future__ import annotations

import math
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.academia.sky_tables import (
    ONGC,
    STARS,
    Constellation,
    SkyObject,
    Star,
    find_constellation,
    find_object,
    find_star,
    objects,
    stars,
)
from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Given, Quantity, says


class Position(TypedDict):
    right_ascension: Annotated[float, Meta(description="degrees, equinox 2000", ge=0, lt=360)]
    declination: Annotated[float, Meta(description="degrees, equinox 2000", ge=-90, le=90)]


def position(row: dict[str, Any]) -> Position:
    """Right ascension and declination in degrees."""
    return {"right_ascension": math.degrees(row["ra"]) % 360, "declination": math.degrees(row["dec"])}


class SkyRecord(TypedDict):
    name: Annotated[str, says(quiet=True)]
    kind: Annotated[
        str,
        says(
            "the kind of object that {sky_object} is in OpenNGC", ask="What kind of object is {sky_object} in OpenNGC"
        ),
    ]
    constellation: Annotated[
        str,
        Entity("constellation"),
        says(
            "the constellation in which {sky_object} lies", noun="constellation", quiet=True,
        ),
    ]  # fmt: skip
    position: Annotated[Position, Entity("sky_position"), says("{sky_object}")]


@tool(
    "retrieval",
    examples=[
        example({"sky_object": "M13"}, {"/name": "Messier 13", "/kind": "globular cluster",
                "/constellation": "Hercules"}, "published: SIMBAD, Great Globular Cluster in Hercules"),
        example({"sky_object": "Andromeda Galaxy"}, {"/name": "Messier 31", "/position/right_ascension": 10.685},
                "published: NASA/IPAC Extragalactic Database, RA 10.6847°", tolerance=1e-4),
        example({"sky_object": "NGC 7331"}, {"/kind": "galaxy", "/constellation": "Pegasus"},
                "published: NASA/IPAC Extragalactic Database, NGC 7331"),
        example({"sky_object": "NGC 9999"}, {"error": "refused"}, "published: the New General Catalogue ends at 7840"),
    ],
    **ONGC,
)  # fmt: skip
def sky_object_record(sky_object: SkyObject) -> SkyRecord:
    """Look up a cluster, nebula or galaxy in OpenNGC: what kind of object it is, its constellation, and its position.

    Objects of the Messier, NGC and IC catalogues; stars, duplicates and objects of unknown kind are left out.
    """
    label = find_object(sky_object)
    row = objects()[label]
    return {"name": label, "kind": row["kind"], "constellation": row["constellation"], "position": position(row)}


class Brightness(TypedDict):
    magnitude: Annotated[
        float,
        Quantity("visual magnitude", scale="interval"),
        says(
            "the visual magnitude of {sky_object} in OpenNGC", noun="visual magnitude",
        ),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"sky_object": "Messier 31"}, {"/magnitude": 3.44},
                "published: SIMBAD, M 31, V 3.44", tolerance=1e-6),
        example({"sky_object": "IC 1"}, {"error": "refused"}, "published: IC 1 is a double star"),
    ],
    **ONGC,
)  # fmt: skip
def sky_object_magnitude(sky_object: SkyObject) -> Brightness:
    """Look up the visual (V) magnitude of a cluster, nebula or galaxy in OpenNGC; refuses where it gives none.

    Brighter objects have lower magnitudes.
    """
    label = find_object(sky_object)
    if objects()[label]["vmag"] is None:
        raise Refusal(f"OpenNGC gives no visual magnitude for {label}")
    return {"magnitude": objects()[label]["vmag"]}


class Size(TypedDict):
    major_axis: Annotated[
        float,
        Quantity("apparent size", "arcminutes"),
        says(
            "the apparent major axis of {sky_object} in OpenNGC", noun="apparent major axis",
            most="longest", least="shortest", more="longer", less="shorter",
        ),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"sky_object": "Messier 31"}, {"/major_axis": 177.83},
                "published: OpenNGC, NGC0224, MajAx 177.83", tolerance=1e-6),
        example({"sky_object": "NGC 9999"}, {"error": "refused"}, "published: the New General Catalogue ends at 7840"),
    ],
    **ONGC,
)  # fmt: skip
def sky_object_size(sky_object: SkyObject) -> Size:
    """Look up the apparent major axis, in arcminutes, of a cluster, nebula or galaxy in OpenNGC; refuses where none."""
    label = find_object(sky_object)
    if objects()[label]["majax"] is None:
        raise Refusal(f"OpenNGC gives no size for {label}")
    return {"major_axis": objects()[label]["majax"]}


class Galaxy(TypedDict):
    hubble_type: Annotated[
        str, says("the Hubble type of {sky_object} in OpenNGC", ask="Which Hubble type does OpenNGC give {sky_object}")
    ]
    velocity: Annotated[
        int,
        Quantity("radial velocity", "kilometres per second", scale="interval"),
        says("the radial velocity of {sky_object} in OpenNGC", noun="radial velocity"),
    ]


@tool(
    "retrieval",
    examples=[
        example({"sky_object": "Messier 31"}, {"/hubble_type": "Sb", "/velocity": -300},
                "published: NASA/IPAC Extragalactic Database, M 31, SA(s)b, -300 km/s"),
        example({"sky_object": "Messier 13"}, {"error": "refused"}, "identity: a globular cluster is no galaxy"),
    ],
    **ONGC,
)  # fmt: skip
def galaxy_record(sky_object: SkyObject) -> Galaxy:
    """Look up a galaxy in OpenNGC: its Hubble type and its heliocentric radial velocity in km/s (positive: receding).

    Refuses objects that are no single galaxy, and galaxies of which the catalogue lacks one of the two.
    """
    label = find_object(sky_object)
    row = objects()[label]
    if row["kind"] != "galaxy" or not row["hubble"] or row["radvel"] is None:
        raise Refusal(f"OpenNGC has no galaxy {label} with Hubble type and radial velocity")
    return {"hubble_type": row["hubble"], "velocity": row["radvel"]}


class MessierObjects(TypedDict):
    objects: Annotated[
        list[Annotated[str, Entity("sky_object")]],
        says(
            "the Messier objects that OpenNGC lists in {constellation}",
            only="the only Messier object that OpenNGC lists in {constellation}",
            noun="Messier object", plural="Messier objects",
            ask_count="How many Messier clusters, nebulae and galaxies does OpenNGC list in {constellation}",
        ),
    ]  # fmt: skip
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"constellation": "Andromeda"}, {"/objects": ["Messier 31", "Messier 32", "Messier 110"]},
                "published: Messier catalogue, SEDS"),
        example({"constellation": "Lyra"}, {"/objects": ["Messier 56", "Messier 57"]},
                "published: Messier catalogue, SEDS"),
        example({"constellation": "Octans"}, {"/objects": []}, "identity: never above Messier's horizon in Paris"),
    ],
    **ONGC,
)  # fmt: skip
def messier_objects(constellation: Constellation) -> MessierObjects:
    """List the Messier clusters, nebulae and galaxies in a constellation (OpenNGC), in the order of their numbers.

    The list is complete; M24 (a star cloud), M40 (a double star), M73 and M102 are no such objects in OpenNGC.
    """
    name = find_constellation(constellation)
    found = [label for label, row in objects().items() if row["messier"] and row["constellation"] == name]
    return {"objects": sorted(found, key=lambda label: int(label.split()[1])), "complete": True}


class OfKind(TypedDict):
    objects: Annotated[
        list[Annotated[str, Entity("sky_object")]],
        says(
            "the {kind} that OpenNGC lists in {constellation}", noun="object", plural="objects",
            ask_count="How many {kind} does OpenNGC list in {constellation}",
        ),
    ]  # fmt: skip
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"constellation": "Lyra", "kind": "planetary nebula"}, {"/objects/0": "Messier 57"},
                "published: SIMBAD, the Ring Nebula"),
        example({"constellation": "Hercules", "kind": "globular cluster"},
                {"/objects": ["Messier 13", "Messier 92", "NGC 6229"]},
                "published: Harris 1996, globular clusters in Hercules"),
        example({"constellation": "Leo", "kind": "comet"}, {"error": "refused"}, "identity: no kind of the catalogue"),
    ],
    **ONGC,
)  # fmt: skip
def sky_objects_of_kind(
    constellation: Constellation,
    kind: Annotated[
        str,
        Given({"globular cluster": "globular clusters", "planetary nebula": "planetary nebulae",
               "open cluster": "open clusters"}),
        Meta(description="globular cluster, planetary nebula, open cluster, galaxy or another kind of OpenNGC"),
    ],
) -> OfKind:  # fmt: skip
    """List the objects of one kind that OpenNGC has in a constellation, Messier objects first; complete for OpenNGC.

    An empty list means that it has none there. Refuses kinds that OpenNGC does not know.
    """
    name = find_constellation(constellation)
    if kind not in {row["kind"] for row in objects().values()}:
        raise Refusal(f"OpenNGC has no kind of object called {kind!r}")
    found = [n for n, row in objects().items() if row["constellation"] == name and row["kind"] == kind]
    return {"objects": sorted(found, key=_order), "complete": True}


def _order(label: str) -> tuple[str, int]:
    catalogue, number = label.split()
    return (catalogue.replace("IC", "O"), int(number))


# --- stars --------------------


class StarRecord(TypedDict):
    name: Annotated[str, says(quiet=True)]
    constellation: Annotated[
        str,
        Entity("constellation"),
        says("the constellation of {star}", noun="constellation", quiet=True),
    ]
    magnitude: Annotated[
        float,
        Quantity("star magnitude", scale="interval"),
        says(
            "the apparent magnitude of {star} in PyEphem's star catalogue", noun="apparent magnitude",
        ),
    ]  # fmt: skip
    spectral_class: Annotated[
        str,
        says(
            "the spectral class of {star} in PyEphem's star catalogue",
            ask="Which spectral class does {star} have in PyEphem's star catalogue",
        ),
    ]  # fmt: skip
    position: Annotated[Position, Entity("sky_position"), says("{star}")]


@tool(
    "retrieval",
    examples=[
        example({"star": "Sirius"}, {"/constellation": "Canis Major", "/magnitude": -1.44},
                "published: Hipparcos catalogue, HIP 32349, -1.44"),
        example({"star": "agena"}, {"/name": "Hadar", "/constellation": "Centaurus"}, "published: SIMBAD, beta Cen"),
        example({"star": "Death Star"}, {"error": "refused"}, "identity: no star"),
    ],
    **STARS,
)  # fmt: skip
def star_record(star: Star) -> StarRecord:
    """Look up a named star in PyEphem's catalogue: constellation, apparent magnitude, spectral class, position."""
    name = find_star(star)
    row = stars()[name]
    return {
        "name": name,
        "constellation": row["constellation"],
        "magnitude": row["magnitude"],
        "spectral_class": row["spectrum"],
        "position": position(row),
    }


class NamedStars(TypedDict):
    stars: Annotated[
        list[Annotated[str, Entity("star")]],
        says(
            "the named stars of PyEphem's star catalogue in {constellation}",
            only="the only named star of PyEphem's star catalogue in {constellation}",
            noun="star", plural="stars",
            ask_count="How many named stars does PyEphem's star catalogue have in {constellation}",
        ),
    ]  # fmt: skip
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"constellation": "Gemini"}, {"/stars/1": "Castor"}, "published: IAU Catalog of Star Names, alpha Gem"),
        example({"constellation": "Ursa Minor"}, {"/stars": ["Kochab", "Polaris"]},
                "published: IAU Catalog of Star Names, alpha and beta UMi"),
    ],
    **STARS,
)  # fmt: skip
def constellation_stars(constellation: Constellation) -> NamedStars:
    """List the named stars of PyEphem's catalogue in a constellation, in alphabetical order; complete for it."""
    name = find_constellation(constellation)
    return {"stars": sorted(n for n, row in stars().items() if row["constellation"] == name), "complete": True}
