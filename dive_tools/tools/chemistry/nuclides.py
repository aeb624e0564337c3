"""Nuclides of mendeleev's isotope table: natural isotopes, masses, half-lives, decay, binding energy."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.chemistry.elements import MENDELEEV, by_number, database, find_element, row_of, table
from dive_tools.values import Entity, Given, Quantity, entity, says

YEAR = 31556925.445  # seconds: the tropical year of NUBASE, from which the half-lives come
SECONDS = {
    "second": 1.0,
    "sec": 1.0,
    "msec": 1e-3,
    "usec": 1e-6,
    "nsec": 1e-9,
    "psec": 1e-12,
    "asec": 1e-18,
    "zsec": 1e-21,
    "ysec": 1e-24,
    "minute": 60.0,
    "hour": 3600.0,
    "day": 86400.0,
    "year": YEAR,
    "kyear": 1e3 * YEAR,
    "Myear": 1e6 * YEAR,
    "Gyear": 1e9 * YEAR,
    "Tyear": 1e12 * YEAR,
    "Pyear": 1e15 * YEAR,
    "Eyear": 1e18 * YEAR,
    "Zyear": 1e21 * YEAR,
    "Yyear": 1e24 * YEAR,
}
# change of (atomic number, mass number) in a decay
STEPS = {"A": (-2, -4), "B-": (1, 0), "B+": (-1, 0), "EC": (-1, 0), "EC+B+": (-1, 0), "e+": (-1, 0)}
MODES = {
    "A": "alpha decay",
    "B-": "beta-minus decay",
    "B+": "beta-plus decay or electron capture",
    "EC+B+": "beta-plus decay or electron capture",
    "EC": "electron capture",
    "e+": "positron emission",
}


@lru_cache(maxsize=1)
def nuclide_rows() -> dict[tuple[int, int], dict[str, Any]]:
    """Rows by (atomic number, mass number), with their decay modes, most frequent first."""
    found = {
        (r["atomic_number"], r["mass_number"]): {**r, "modes": []} for r in database().execute("SELECT * FROM isotopes")
    }
    by_id = {row["id"]: row for row in found.values()}
    for mode in database().execute(
        "SELECT * FROM isotopedecaymodes WHERE intensity IS NOT NULL AND relation IN ('=', '~') "
        "ORDER BY intensity DESC, id"
    ):
        by_id[mode["isotope_id"]]["modes"].append((mode["mode"], mode["intensity"]))
    return found


def name_of(number: int, mass: int) -> str:
    """(6, 14) -> "carbon-14"."""
    return f"{by_number()[number]}-{mass}"


def find_nuclide(text: str) -> dict[str, Any]:
    """The row of a nuclide given as "carbon-14", "C-14" or "14C"."""
    asked = re.fullmatch(r"([A-Za-z]+)[- ]?(\d+)", text.strip()) or re.fullmatch(
        r"(?P<n>\d+)(?P<e>[A-Z][a-z]?)", text.strip()
    )
    if asked is None:
        raise Refusal(f"{text!r} does not name a nuclide; say it as in 'carbon-14'")
    name, mass = (asked["e"], asked["n"]) if "e" in asked.groupdict() else (asked[1], asked[2])
    row = nuclide_rows().get((row_of(name)["atomic_number"], int(mass)))
    if row is None:
        raise Refusal(f"no nuclide {text!r} in the mendeleev table")
    return row


def main_mode(row: dict[str, Any]) -> str | None:
    """The mode of the most frequent decay where it is known, simple and stands out; else None."""
    modes = row["modes"]
    if not modes or modes[0][0] not in STEPS or modes[0][1] <= 50:
        return None
    number, mass = (a + b for a, b in zip((row["atomic_number"], row["mass_number"]), STEPS[modes[0][0]], strict=True))
    return modes[0][0] if (number, mass) in nuclide_rows() and number in by_number() else None


def half_life(row: dict[str, Any]) -> float | None:
    """The half-life in seconds."""
    return row["half_life"] * SECONDS[row["half_life_unit"]] if row["half_life"] and row["half_life_unit"] else None


def _samples() -> list[str]:
    """Radionuclides with a half-life between six hours and ten billion years and a known main decay."""
    rows = [row for row in nuclide_rows().values() if main_mode(row) and 21600 < (half_life(row) or 0) < 1e10 * YEAR]
    return [
        name_of(r["atomic_number"], r["mass_number"])
        for r in sorted(rows, key=lambda r: (r["atomic_number"], r["mass_number"]))
    ]


def _akin(nuclide: str) -> list[str]:
    number = find_nuclide(nuclide)["atomic_number"]
    return [n for n in _samples() if n != nuclide and abs(find_nuclide(n)["atomic_number"] - number) <= 2]


NUCLIDE = entity("nuclide", "nuclide", samples=_samples, akin=_akin)
Nuclide = Annotated[str, Entity("nuclide"), Meta(description='as in "carbon-14", "C-14" or "14C"')]


class Isotopes(TypedDict):
    isotopes: Annotated[
        list[Annotated[str, Entity("nuclide")]],
        says(
            "the naturally occurring isotopes of {element} listed by mendeleev",
            noun="naturally occurring isotope",
            plural="naturally occurring isotopes",
            ask_count="How many naturally occurring isotopes of {element} does mendeleev list",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"element": "magnesium"},
            {"/isotopes": ["magnesium-24", "magnesium-25", "magnesium-26"]},
            "published: IUPAC, isotopic compositions of the elements",
        ),
        example({"element": "F"}, {"/isotopes": ["fluorine-19"]}, "published: fluorine is monoisotopic, IUPAC"),
        example(
            {"element": "technetium"},
            {"/isotopes": []},
            "published: technetium has no natural isotopic composition, IUPAC",
        ),
    ],
    **MENDELEEV,
)
def natural_isotopes(element: Annotated[str, Entity("element"), Meta(description="name or symbol")]) -> Isotopes:
    """List the isotopes of an element that have a natural isotopic abundance in the mendeleev table, lightest first.

    The list is complete in that sense (long-lived radioactive ones with an abundance are in it); it may be empty.
    """
    number = table()[find_element(element)]["atomic_number"]
    masses = sorted(m for (z, m), row in nuclide_rows().items() if z == number and row["abundance"])
    return {"isotopes": [name_of(number, m) for m in masses], "complete": True}


class NuclideRow(TypedDict):
    name: Annotated[str, Entity("nuclide"), says(quiet=True)]
    element: str  # its name says it: not to be asked, nor to lead on
    neutrons: Annotated[
        int,
        Quantity("number of neutrons", "neutrons"),
        says(
            "the number of neutrons in a nucleus of {nuclide}",
            noun="number of neutrons",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
            ask="How many neutrons are there in a nucleus of {nuclide}",
        ),
    ]
    mass: Annotated[float, Quantity("atomic mass", "daltons"), says("the atomic mass of {nuclide}", noun="atomic mass")]
    abundance: Annotated[
        float | None,
        Quantity("isotopic abundance", "percent", additive=True),
        says("the natural isotopic abundance of {nuclide} listed by mendeleev", noun="natural isotopic abundance"),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"nuclide": "carbon-14"},
            {"/element": "carbon", "/neutrons": 8, "/abundance": None},
            "identity: 14 - 6 = 8 neutrons",
        ),
        example({"nuclide": "12C"}, {"/name": "carbon-12", "/mass": 12.0}, "published: definition of the dalton"),
        example({"nuclide": "Fe-56"}, {"/mass": 55.934936}, "published: AME2020, 55.93493554 u", tolerance=1e-7),
    ],
    **MENDELEEV,
)
def nuclide_data(nuclide: Nuclide) -> NuclideRow:
    """Look up a nuclide's element, number of neutrons, atomic mass (Da) and natural abundance (%) in mendeleev.

    The abundance is null for nuclides without a natural abundance. Refuses a nuclide that the table does not have.
    """
    row = find_nuclide(nuclide)
    return {
        "name": name_of(row["atomic_number"], row["mass_number"]),
        "element": by_number()[row["atomic_number"]],
        "neutrons": row["mass_number"] - row["atomic_number"],
        "mass": row["mass"],
        "abundance": row["abundance"],
    }


class NuclideYear(TypedDict):
    year: Annotated[
        int,
        Quantity("year", "", scale="interval"),
        says(
            "the year in which {nuclide} was discovered, by the mendeleev table",
            noun="year of discovery",
            most="latest",
            least="earliest",
            more="later",
            less="earlier",
            ask="In which year was {nuclide} discovered, by the mendeleev table",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"nuclide": "hydrogen-3"}, {"/year": 1934}, "published: Oliphant, Harteck and Rutherford, 1934"),
        example({"nuclide": "hydrogen-2"}, {"/year": 1932}, "published: Urey, Brickwedde and Murphy, 1932"),
    ],
    **MENDELEEV,
)
def nuclide_discovery(nuclide: Nuclide) -> NuclideYear:
    """Look up the year in which a nuclide was discovered (mendeleev table); refuses where it has none."""
    row = find_nuclide(nuclide)
    if row["discovery_year"] is None:
        raise Refusal(f"the mendeleev table has no year of discovery for {nuclide}")
    return {"year": row["discovery_year"]}


class HalfLife(TypedDict):
    half_life: Annotated[
        float,
        Quantity("half-life", "days"),
        says(
            "the half-life of {nuclide} in the mendeleev table",
            noun="half-life",
            most="longest",
            least="shortest",
            more="longer",
            less="shorter",
            ask="What is the half-life of {nuclide}, by the mendeleev table",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"nuclide": "iodine-131"}, {"/half_life": 8.0249}, "published: NUBASE2020, 8.0249 d", tolerance=1e-3),
        example({"nuclide": "cobalt-60"}, {"/half_life": 1925.2}, "published: NUBASE2020, 5.2714 y", tolerance=2e-3),
        example({"nuclide": "carbon-12"}, {"error": "refused"}, "identity: a stable nuclide has no half-life"),
    ],
    **MENDELEEV,
)
def nuclide_half_life(nuclide: Nuclide) -> HalfLife:
    """Look up the half-life of a radioactive nuclide, in days, from the mendeleev table (NUBASE).

    Refuses stable nuclides and those whose half-life is not known.
    """
    life = half_life(find_nuclide(nuclide))
    if life is None:
        raise Refusal(f"the mendeleev table has no half-life for {nuclide}")
    return {"half_life": life / 86400}


class Decay(TypedDict):
    mode: Annotated[str, says("the main decay mode of {nuclide}", noun="main decay mode")]
    daughter: Annotated[
        str,
        Entity("nuclide"),
        says(
            "the main decay product of {nuclide}",
            "the nuclide into which {nuclide} mostly decays",
            noun="main decay product",
            ask="Into which nuclide does {nuclide} mostly decay",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"nuclide": "carbon-14"}, {"/daughter": "nitrogen-14", "/mode": "beta-minus decay"}, "published: NUBASE2020"
        ),
        example(
            {"nuclide": "uranium-238"}, {"/daughter": "thorium-234", "/mode": "alpha decay"}, "published: NUBASE2020"
        ),
        example({"nuclide": "oxygen-16"}, {"error": "refused"}, "identity: a stable nuclide does not decay"),
    ],
    **MENDELEEV,
)
def decay_daughter(nuclide: Nuclide) -> Decay:
    """Work out the daughter nuclide of the most frequent decay of a radioactive nuclide (its ground state).

    The mode and its share come from the mendeleev table (NUBASE). Refuses stable nuclides, and those where no alpha or
    beta mode has more than 50 % of the decays.
    """
    row = find_nuclide(nuclide)
    mode = main_mode(row)
    if mode is None:
        raise Refusal(f"no alpha or beta decay of {nuclide} is known to have more than half of its decays")
    return {
        "mode": MODES[mode],
        "daughter": name_of(row["atomic_number"] + STEPS[mode][0], row["mass_number"] + STEPS[mode][1]),
    }


class Binding(TypedDict):
    binding_energy: Annotated[
        float,
        Quantity("binding energy per nucleon", "megaelectronvolts"),
        says("the binding energy per nucleon of {nuclide}", noun="binding energy per nucleon"),
    ]


@tool(
    "processing",
    examples=[
        example({"nuclide": "iron-56"}, {"/binding_energy": 8.7903}, "published: AME2020, 8790.36 keV", tolerance=1e-4),
        example(
            {"nuclide": "helium-4"}, {"/binding_energy": 7.0739}, "published: AME2020, 7073.916 keV", tolerance=1e-4
        ),
        example({"nuclide": "hydrogen-1"}, {"/binding_energy": 0.0}, "identity: a single proton is bound to nothing"),
    ],
    **MENDELEEV,
)
def nuclear_binding_energy(nuclide: Nuclide) -> Binding:
    """Compute the mean binding energy per nucleon in MeV from the atomic mass: (Z m(H-1) + N m(n) - m) c² / A.

    Masses from the mendeleev table (AME2020), neutron 1.00866491606 Da, 931.49410372 MeV per dalton (CODATA 2022).
    """
    row = find_nuclide(nuclide)
    protons, nucleons = row["atomic_number"], row["mass_number"]
    if row["mass"] is None:
        raise Refusal(f"the mendeleev table has no mass for {nuclide}")
    defect = protons * nuclide_rows()[(1, 1)]["mass"] + (nucleons - protons) * 1.00866491606 - row["mass"]
    return {"binding_energy": defect * 931.49410372 / nucleons}


class Left(TypedDict):
    remaining: Annotated[
        float,
        Quantity("remaining share", "percent"),
        says(
            "the share of a radioactive sample with {half_life} that is left after {days} days",
            noun="remaining share",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"half_life": 10, "days": 30}, {"/remaining": 12.5}, "identity: three half-lives leave one eighth"),
        example({"half_life": 8.0249, "days": 8.0249}, {"/remaining": 50.0}, "identity: one half-life leaves one half"),
    ],
)
def radioactive_remainder(
    half_life: Annotated[float, Quantity("half-life", "days"), Meta(description="days", gt=0)],
    days: Annotated[float, Given(3, 10, 30, 100, 365), Meta(description="time gone by, in days", ge=0)],
) -> Left:
    """Compute what percentage of the nuclei of a radioactive sample is left after some days, 100 · 2^(-t/T).

    Refuses more than ten half-lives, which leave next to nothing.
    """
    if days > 10 * half_life:
        raise Refusal("after more than ten half-lives next to nothing is left")
    return {"remaining": 100 * 0.5 ** (days / half_life)}


class Activity(TypedDict):
    activity: Annotated[
        float,
        Quantity("specific activity", "becquerels per gram"),
        says("the specific activity of {nuclide}", noun="specific activity"),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"nuclide": "radium-226"},
            {"/activity": 3.66e10},
            "published: about 1 Ci (3.7e10 Bq) per gram of radium-226",
            tolerance=0.01,
        ),
        example(
            {"nuclide": "cobalt-60"}, {"/activity": 4.18e13}, "published: about 4.2e13 Bq/g (1130 Ci/g)", tolerance=0.01
        ),
    ],
    **MENDELEEV,
)
def specific_activity(nuclide: Nuclide) -> Activity:
    """Compute the activity of one gram of a pure radioactive nuclide in becquerels.

    ln 2 · N_A / (half-life · atomic mass). Half-life and mass from the mendeleev table. Refuses nuclides
    without a half-life there.
    """
    row = find_nuclide(nuclide)
    life = half_life(row)
    if life is None:
        raise Refusal(f"the mendeleev table has no half-life for {nuclide}")
    return {"activity": math.log(2) * 6.02214076e23 / (life * row["mass"])}
