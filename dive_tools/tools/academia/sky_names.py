"""Deep-sky objects with common names; surface brightness of galaxies."""

from __future__ import annotations

from typing import Annotated, TypedDict

from dive_tools.tools.academia.sky_tables import (
    ONGC,
    Constellation,
    SkyObject,
    find_constellation,
    find_object,
    objects,
)
from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Quantity, says


class NamedObjects(TypedDict):
    objects: Annotated[
        list[Annotated[str, Entity("sky_object")]],
        says(
            "the deep-sky objects in {constellation} that have a common name in OpenNGC",
            only="the only deep-sky object in {constellation} that has a common name in OpenNGC",
            noun="deep-sky object",
            plural="deep-sky objects",
            ask_count="How many deep-sky objects in {constellation} have a common name in OpenNGC",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"constellation": "Lyra"}, {"/objects": ["Messier 57"]}, "published: SIMBAD, the Ring Nebula"),
        example({"constellation": "Andromeda"}, {"/objects/0": "Messier 31"}, "published: SIMBAD, Andromeda Galaxy"),
    ],
    **ONGC,
)
def named_sky_objects(constellation: Constellation) -> NamedObjects:
    """List the clusters, nebulae and galaxies of a constellation that have a common name in OpenNGC; complete.

    Messier objects first, then by catalogue and number.
    """
    name = find_constellation(constellation)
    found = [label for label, row in objects().items() if row["constellation"] == name and row["common"]]
    return {"objects": sorted(found, key=_order), "complete": True}


def _order(label: str) -> tuple[int, int]:
    catalogue, number = label.split()
    return (["Messier", "NGC", "IC"].index(catalogue), int(number))


class SurfaceBrightness(TypedDict):
    surface_brightness: Annotated[
        float,
        Quantity("surface brightness", "magnitudes per square arcsecond", scale="interval"),
        says("the surface brightness of {sky_object} in OpenNGC", noun="surface brightness"),
    ]


@tool(
    "retrieval",
    examples=[
        example({"sky_object": "Messier 31"}, {"/surface_brightness": 23.63}, "published: OpenNGC, NGC0224, SurfBr"),
        example({"sky_object": "Messier 13"}, {"error": "refused"}, "published: OpenNGC gives it for galaxies only"),
    ],
    **ONGC,
)
def galaxy_surface_brightness(sky_object: SkyObject) -> SurfaceBrightness:
    """Look up the mean surface brightness of a galaxy in OpenNGC (B, within the 25th-magnitude isophote).

    In magnitudes per square arcsecond: higher is fainter. Refuses objects without one.
    """
    label = find_object(sky_object)
    if objects()[label]["sbrightn"] is None:
        raise Refusal(f"OpenNGC gives no surface brightness for {label}")
    return {"surface_brightness": objects()[label]["sbrightn"]}
