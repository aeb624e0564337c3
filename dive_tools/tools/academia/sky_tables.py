"""Deep-sky objects of OpenNGC (library pyongc) and named stars of PyEphem, with the constellations they lie in."""

from __future__ import annotations

import importlib.util
import sqlite3
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta

from dive_tools.tools.base import Refusal
from dive_tools.values import Entity, entity

ONGC: dict[str, Any] = {"needs": ("pyongc", "ephem"), "source": "OpenNGC, by pyongc", "licence": "CC-BY-SA-4.0"}
STARS: dict[str, Any] = {"needs": ("ephem",), "source": "star catalogue of PyEphem", "licence": "MIT"}
KINDS = {
    "G": "galaxy", "OCl": "open cluster", "GCl": "globular cluster", "PN": "planetary nebula", "Neb": "nebula",
    "HII": "H II region", "EmN": "emission nebula", "RfN": "reflection nebula", "SNR": "supernova remnant",
    "Cl+N": "star cluster with nebula", "GPair": "galaxy pair", "GTrpl": "galaxy triplet",
    "GGroup": "group of galaxies",
}  # fmt: skip
_FIELDS = ("name", "type", "const", "ra", "dec", "majax", "vmag", "radvel", "hubble", "sbrightn", "messier")
# of two spellings of one star in the catalogue, the one that is not the name in the IAU list
_OTHER_NAMES = {
    "Adara": "Adhara", "Agena": "Hadar", "Albereo": "Albireo", "Alcaid": "Alkaid", "Sirrah": "Alpheratz",
    "Etamin": "Eltanin", "Formalhaut": "Fomalhaut", "Gienah Corvi": "Gienah",
}  # fmt: skip
SERPENS = {"Se1": "Serpens", "Se2": "Serpens"}


@lru_cache(maxsize=1)
def constellations() -> dict[str, str]:
    """English (Latin) name by abbreviation; the two parts of Serpens are one constellation."""
    import ephem

    places = ((i * 0.035, j * 0.035) for i in range(180) for j in range(-44, 45))
    found = dict(ephem.constellation(place) for place in places)
    found["Boo"] = "Boötes"
    return {**found, **SERPENS}


@lru_cache(maxsize=1)
def objects() -> dict[str, dict[str, Any]]:
    """Objects by name, "Messier 31", "NGC 7331" or "IC 342"; those with a kind and a place only."""
    found = importlib.util.find_spec("pyongc")
    if found is None or found.origin is None:
        raise Refusal("the catalogue of pyongc is not installed")
    path = Path(found.origin).parent / "ongc.db"
    with sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True) as table:
        rows = table.execute(f"select {', '.join(_FIELDS)}, commonnames from objects order by name").fetchall()
    table.close()
    named = {}
    for row in rows:
        item = dict(zip((*_FIELDS, "common"), row, strict=True))
        label = _label(item)
        if label and item["type"] in KINDS and item["const"]:
            named[label] = {**item, "kind": KINDS[item["type"]], "constellation": constellations()[item["const"]]}
    return dict(sorted(named.items(), key=lambda pair: (not pair[1]["messier"], pair[1]["name"])))


def _label(item: dict[str, Any]) -> str | None:
    if item["messier"]:
        return f"Messier {int(item['messier'])}"
    catalogue = "NGC" if item["name"].startswith("NGC") else "IC"
    number = item["name"].removeprefix(catalogue)
    return f"{catalogue} {int(number)}" if number.isdigit() else None


@lru_cache(maxsize=1)
def _aliases() -> dict[str, str]:
    found: dict[str, str] = {}
    for label, item in reversed(objects().items()):
        short = label.replace("Messier ", "M")
        for alias in (label, short, short.replace(" ", ""), item["name"], *item["common"].split(",")):
            found[alias.casefold()] = label
    return found


def find_object(text: str) -> str:
    """The catalogue name of a deep-sky object; Refusal when OpenNGC has no such object."""
    label = _aliases().get(text.strip().casefold())
    if label is None:
        raise Refusal(f"OpenNGC has no cluster, nebula or galaxy named {text!r}")
    return label


@lru_cache(maxsize=1)
def stars() -> dict[str, dict[str, Any]]:
    """Named stars: constellation, magnitude, spectral class, place in radians (J2000)."""
    import ephem
    import ephem.stars

    found = {}
    for name in sorted(ephem.stars.stars):
        star = ephem.star(name)
        star.compute("2000/1/1")
        home = constellations()[ephem.constellation((star._ra, star._dec))[0]]
        if name not in _OTHER_NAMES:
            row = {"magnitude": star.mag, "spectrum": star._spect.strip()}
            found[name] = {**row, "constellation": home, "ra": float(star._ra), "dec": float(star._dec)}
    return found


def find_star(text: str) -> str:
    """The catalogue's name of a star; Refusal when there is none."""
    asked = text.strip().casefold()
    spelt = {**{n.casefold(): n for n in stars()}, **{o.casefold(): n for o, n in _OTHER_NAMES.items()}}
    if asked not in spelt:
        raise Refusal(f"PyEphem's catalogue has no star named {text!r}")
    return spelt[asked]


def find_constellation(text: str) -> str:
    """The name of a constellation given by name or abbreviation; Refusal when there is none."""
    asked = text.strip().casefold().removeprefix("the constellation ")
    for short, name in constellations().items():
        if asked in (short.casefold(), name.casefold(), name.casefold().replace("ö", "o")):
            return name
    raise Refusal(f"there is no constellation {text!r}")


def _object_samples() -> list[str]:
    """Objects with magnitude and size that are bright for their kind, or of the Messier catalogue."""
    rows = [(name, row) for name, row in objects().items() if row["vmag"] and row["majax"]]
    return [n for n, r in rows if r["messier"] or r["vmag"] < (12.5 if r["kind"] == "galaxy" else 9.5)]


def _same_kind(name: str) -> list[str]:
    home = objects()[name]
    rows = [(n, r) for n, r in objects().items() if n != name and r["kind"] == home["kind"] and r["vmag"]]
    near = [n for n, r in rows if r["constellation"] == home["constellation"] and r["vmag"] < 12.5]
    return near or [n for n, r in rows if r["messier"]]


def _bright_stars(name: str) -> list[str]:
    return [other for other in stars() if other != name]


entity("sky_object", "deep-sky object", samples=_object_samples, akin=_same_kind)
entity("constellation", "constellation", samples=lambda: sorted(set(constellations().values())))
entity("star", "star", samples=lambda: list(stars()), akin=_bright_stars)
entity("sky_position", "position", spoken="owner")
SkyObject = Annotated[
    str, Entity("sky_object"), Meta(description='"Messier 31", "NGC 7331" or "IC 342"; common names too')
]
Constellation = Annotated[str, Entity("constellation"), Meta(description='name or abbreviation ("Orion", "Ori")')]
Star = Annotated[str, Entity("star"), Meta(description='proper name ("Vega")')]
