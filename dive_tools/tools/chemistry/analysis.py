"""Elemental analysis and reacting masses."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.chemistry.compounds import atoms_of, formula_mass, sources
from dive_tools.tools.chemistry.elements import MENDELEEV
from dive_tools.tools.chemistry.structures import by_formula
from dive_tools.values import Entity, Given, Part, Quantity, says, vignette


def _analyses() -> list[dict[str, Any]]:
    """What burning 100 to 250 mg of compounds gives, for formulas that the compound table holds one to six times."""
    found = []
    for formula, names in sorted(by_formula().items()):
        atoms = atoms_of(formula)
        if set(atoms) == {"C", "H", "O"} and atoms["C"] <= 12 and len(names) <= 6:
            mass = formula_mass(formula)
            for weight in (100.0,) if len(names) == 1 else (100.0, 120.0, 150.0, 200.0):
                row = {
                    "sample": weight,
                    "dioxide": round(weight / mass * atoms["C"] * formula_mass("CO2"), 1),
                    "water": round(weight / mass * atoms["H"] / 2 * formula_mass("H2O"), 1),
                    "mass": round(mass, 1),
                }
                found.append(row)
    return found


vignette(
    "elemental_analysis",
    "the compound analysed",
    (
        "burning {sample} milligrams of a compound of carbon, hydrogen and oxygen gives {dioxide} milligrams of carbon "
        "dioxide and {water} milligrams of water, and its molar mass is about {mass} grams per mole",
        "burning {sample} milligrams of a compound of carbon, hydrogen and oxygen gives {dioxide} milligrams of carbon "
        "dioxide and {water} milligrams of water",
    ),
    {},
    samples=_analyses,
)
EQUATIONS = """2 H2 + O2 -> 2 H2O;N2 + 3 H2 -> 2 NH3;4 Fe + 3 O2 -> 2 Fe2O3;2 Al + 3 Cl2 -> 2 AlCl3;2 Mg + O2 -> 2 MgO
CH4 + 2 O2 -> CO2 + 2 H2O;C3H8 + 5 O2 -> 3 CO2 + 4 H2O;2 C4H10 + 13 O2 -> 8 CO2 + 10 H2O;2 Na + Cl2 -> 2 NaCl
Fe2O3 + 2 Al -> Al2O3 + 2 Fe;Fe2O3 + 3 CO -> 2 Fe + 3 CO2;Zn + 2 HCl -> ZnCl2 + H2;2 Al + 6 HCl -> 2 AlCl3 + 3 H2
CaO + H2O -> Ca(OH)2;4 NH3 + 5 O2 -> 4 NO + 6 H2O;P4 + 5 O2 -> P4O10;2 SO2 + O2 -> 2 SO3;TiCl4 + 2 Mg -> Ti + 2 MgCl2
AgNO3 + NaCl -> AgCl + NaNO3;BaCl2 + Na2SO4 -> BaSO4 + 2 NaCl;CaC2 + 2 H2O -> C2H2 + Ca(OH)2;CuO + H2 -> Cu + H2O
2 KI + Pb(NO3)2 -> PbI2 + 2 KNO3;C2H4 + Br2 -> C2H4Br2;C6H6 + HNO3 -> C6H5NO2 + H2O;CO + 2 H2 -> CH3OH
WO3 + 3 H2 -> W + 3 H2O;SiO2 + 2 C -> Si + 2 CO;2 NaOH + H2SO4 -> Na2SO4 + 2 H2O;PCl3 + Cl2 -> PCl5
Fe + S -> FeS;3 Mg + N2 -> Mg3N2;2 H2S + SO2 -> 3 S + 2 H2O;4 HCl + O2 -> 2 Cl2 + 2 H2O
Cu + 2 AgNO3 -> 2 Ag + Cu(NO3)2"""


def parse(equation: str) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """The (coefficient, formula) pairs of both sides of "2 H2 + O2 -> 2 H2O"."""
    sides = equation.split("->")
    if len(sides) != 2:
        raise Refusal(f"{equation!r} is no equation with an arrow ->")
    left, right = (
        [(int(m[1] or 1), m[2]) for term in side.split("+") if (m := re.fullmatch(r"\s*(\d*)\s*(\S+)\s*", term))]
        for side in sides
    )
    return left, right


def plain(formula: str) -> str:
    """ "Ca(OH)2" -> "CaOHOH"."""
    return re.sub(r"\(([^()]*)\)(\d*)", lambda m: m[1] * int(m[2] or 1), formula)


def _batches() -> list[dict[str, Any]]:
    found = []
    for i, equation in enumerate(e for e in re.split(r"[;\n]", EQUATIONS) if e):
        left, _ = parse(equation)
        for k, factor in enumerate((0.55, 0.8, 1.25, 1.7, 0.65)):
            moles = (0.1, 0.2, 0.25, 0.4, 0.5)[(i + k) % 5]
            first, second = (n * formula_mass(plain(f)) for n, f in left)
            found.append({"equation": equation, "first": float(f"{first * moles:.2g}"),
                          "second": float(f"{second * moles * factor:.2g}")})  # fmt: skip
    return found


def _say_equation(equation: str) -> str:
    return equation.replace("->", "→")


vignette(
    "reacting_masses",
    "the reaction",
    "{first} grams of the first and {second} grams of the second reactant are brought to react according to {equation}",
    {},
    says={"equation": _say_equation},
    samples=_batches,
)


class Analysed(TypedDict):
    empirical: Annotated[str, says("the empirical formula of {elemental_analysis}", noun="empirical formula")]


Sample = Annotated[float, Part("elemental_analysis", "sample"), Meta(description="mg", gt=0)]
Dioxide = Annotated[float, Part("elemental_analysis", "dioxide"), Meta(description="mg of CO2", gt=0)]
Water = Annotated[float, Part("elemental_analysis", "water"), Meta(description="mg of H2O", gt=0)]


@lru_cache(maxsize=1)
def _masses() -> tuple[float, float, float]:
    return formula_mass("C"), formula_mass("H"), formula_mass("O")


def _ratios(sample: float, dioxide: float, water: float) -> tuple[int, int, int]:
    carbon, hydrogen, oxygen = _masses()
    c, h = dioxide / (carbon + 2 * oxygen), 2 * water / (2 * hydrogen + oxygen)
    o = (sample - c * carbon - h * hydrogen) / oxygen
    if o < -0.02 * c:
        raise Refusal("more carbon and hydrogen than the sample weighs")
    for n in range(1, 25):
        counts = [n, h / c * n, o / c * n]
        if all(abs(x - round(x)) < 0.004 * n + 0.02 for x in counts) and round(counts[1]):
            return n, round(counts[1]), round(counts[2])
    raise Refusal("no formula with whole numbers fits the analysis")


def hill(c: int, h: int, o: int) -> str:
    """(2, 6, 1) -> "C2H6O"."""
    return "".join(s + (str(n) if n > 1 else "") for s, n in (("C", c), ("H", h), ("O", o)) if n)


@tool(
    "processing",
    **sources("atomic weights of mendeleev"),
    examples=[
        example({"sample": 100, "dioxide": 191.1, "water": 117.3}, {"/empirical": "C2H6O"}, "identity: ethanol"),
        example({"sample": 100, "dioxide": 146.6, "water": 60.0}, {"/empirical": "CH2O"}, "identity: glucose"),
    ],
)
def empirical_formula(sample: Sample, dioxide: Dioxide, water: Water) -> Analysed:
    """Work out the empirical formula of a compound of C, H and O from its combustion analysis (all in mg).

    Oxygen by difference. Refuses an analysis that no small whole numbers fit.
    """
    return {"empirical": hill(*_ratios(sample, dioxide, water))}


class Molecular(TypedDict):
    formula: Annotated[
        str,
        Entity("molecular_formula"),
        says("the molecular formula of {elemental_analysis}", noun="molecular formula"),
    ]


@tool(
    "processing",
    **sources("atomic weights of mendeleev"),
    examples=[
        example({"sample": 100, "dioxide": 191.1, "water": 117.3, "mass": 46.1}, {"/formula": "C2H6O"},
                "identity: ethanol"),
        example({"sample": 100, "dioxide": 146.6, "water": 60.0, "mass": 180.2}, {"/formula": "C6H12O6"},
                "identity: glucose"),
    ],
)  # fmt: skip
def molecular_formula(
    sample: Sample, dioxide: Dioxide, water: Water,
    mass: Annotated[float, Part("elemental_analysis", "mass"), Meta(description="g/mol", gt=0)],
) -> Molecular:  # fmt: skip
    """Work out the molecular formula of a compound of C, H and O from its combustion analysis and molar mass."""
    ratios = _ratios(sample, dioxide, water)
    times = mass / sum(n * m for n, m in zip(ratios, _masses(), strict=True))
    if round(times) < 1 or abs(times - round(times)) > 0.05:
        raise Refusal("the molar mass is no whole multiple of that of the empirical formula")
    return {"formula": hill(*(n * round(times) for n in ratios))}


class Limiting(TypedDict):
    limiting: Annotated[
        str,
        says("the limiting reactant of {reacting_masses}", noun="limiting reactant", ask="Which reactant is limiting"),
    ]
    product: Annotated[
        float,
        Quantity("theoretical yield", "grams"),
        says("the theoretical yield of the first-named product of {reacting_masses}", noun="theoretical yield",
             ask="How many grams of the first-named product can form at most"),
    ]  # fmt: skip
    left: Annotated[
        float,
        Quantity("mass left over", "grams"),
        says("the mass of the reactant in excess that is left over after {reacting_masses}", noun="mass left over",
             ask="How many grams of the reactant in excess are left over"),
    ]  # fmt: skip


@tool(
    "processing",
    **MENDELEEV,
    examples=[
        example({"equation": "2 H2 + O2 -> 2 H2O", "first": 4.032, "second": 16.0},
                {"/limiting": "O2", "/product": 18.016, "/left": 2.016}, "identity: half of the hydrogen reacts",
                tolerance=1e-3),
        example({"equation": "N2 + 3 H2 -> 2 NH3", "first": 28.014, "second": 6.048}, {"/product": 34.062},
                "identity: one mole of nitrogen", tolerance=1e-3),
        example({"equation": "H2 + O2 -> H2O", "first": 1, "second": 1}, {"error": "refused"},
                "identity: not balanced"),
    ],
)  # fmt: skip
def limiting_reactant(
    equation: Annotated[str, Part("reacting_masses", "equation"), Meta(description='"2 H2 + O2 -> 2 H2O"')],
    first: Annotated[float, Part("reacting_masses", "first"), Meta(description="g of the first reactant", gt=0)],
    second: Annotated[float, Part("reacting_masses", "second"), Meta(description="g of the second reactant", gt=0)],
) -> Limiting:
    """Find the limiting one of two reactants, the theoretical yield of the first product and the excess left (grams).

    Refuses an equation that is not balanced or has not two reactants.
    """
    left, right = parse(equation)
    sides = [
        {s: sum(n * atoms_of(plain(f)).get(s, 0) for n, f in side) for _, g in left + right for s in atoms_of(plain(g))}
        for side in (left, right)
    ]
    if len(left) != 2 or not right or sides[0] != sides[1]:
        raise Refusal(f"{equation!r} is no balanced equation with two reactants")
    masses = [formula_mass(plain(f)) for _, f in left]
    turns = [grams / mass / n for grams, mass, (n, _) in zip((first, second), masses, left, strict=True)]
    short = min((0, 1), key=lambda i: turns[i])
    count, formula = right[0]
    rest = (first, second)[1 - short] - turns[short] * left[1 - short][0] * masses[1 - short]
    return {"limiting": left[short][1], "product": turns[short] * count * formula_mass(plain(formula)),
            "left": max(rest, 0.0)}  # fmt: skip


class Actual(TypedDict):
    grams: Annotated[
        float,
        Quantity("mass of product", "grams", additive=True),
        says("the mass of product obtained when {percent} percent of {theoretical} is reached",
             noun="mass of product obtained", most="largest", least="smallest", more="larger", less="smaller"),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"theoretical": 50, "percent": 80}, {"/grams": 40}, "identity: four fifths"),
        example({"theoretical": 12.5, "percent": 64}, {"/grams": 8}, "identity: percentage of the theoretical yield"),
    ],
)
def actual_yield(
    theoretical: Annotated[float, Quantity("theoretical yield", "grams"), Meta(description="grams", gt=0)],
    percent: Annotated[float, Given(65, 75, 80, 90), Meta(description="percentage yield", gt=0, le=100)],
) -> Actual:
    """Compute the mass in grams of product that a percentage of the theoretical yield means."""
    return {"grams": theoretical * percent / 100}
