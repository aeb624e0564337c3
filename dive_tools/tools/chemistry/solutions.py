"""Solutions: dilution, weak acids, buffers, titration, ideal mixtures."""

from __future__ import annotations

import math
from itertools import product
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Given, Part, Quantity, says, vignette

PH = {"more": "higher", "less": "lower"}


def spread(count: int, **columns: tuple[Any, ...]) -> list[dict[str, Any]]:
    """Evenly chosen rows of the product of some columns."""
    rows = list(product(*columns.values()))
    return [dict(zip(columns, rows[i * len(rows) // count], strict=True)) for i in range(min(count, len(rows)))]


def _dilutions() -> list[dict[str, Any]]:
    return spread(250, volume=(5, 10, 15, 20, 25, 40, 50), stock=(0.1, 0.25, 0.5, 1.2, 2.0, 3.5, 6.0, 12.0),
                  final=(100, 200, 250, 500, 1000))  # fmt: skip


vignette(
    "dilution",
    "the diluted solution",
    "{volume} millilitres of a solution with {stock} moles per litre are made up with water to {final} millilitres",
    {},
    samples=_dilutions,
)
vignette(
    "weak_acid",
    "the solution",
    "a solution in water contains {molarity} moles per litre of a weak monoprotic acid with a pKa of {pka}",
    {},
    samples=lambda: spread(
        250, molarity=(0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3, 0.5, 0.75),
        pka=(2.86, 3.17, 3.35, 3.75, 3.86, 4.2, 4.37, 4.76, 4.87, 5.23, 6.35, 7.2, 7.53, 8.55, 9.24, 9.31, 9.99, 10.3),
    ),
)  # fmt: skip
vignette(
    "buffer",
    "the buffer",
    "a buffer solution contains {acid} moles of a weak acid with a pKa of {pka} and {base} moles of its conjugate base",
    {},
    samples=lambda: spread(
        280, acid=(0.05, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3),
        pka=(3.75, 3.86, 4.2, 4.76, 4.87, 6.35, 7.2, 8.07, 9.24), base=(0.05, 0.08, 0.1, 0.15, 0.2, 0.25, 0.3),
    ),
)  # fmt: skip
vignette(
    "titration",
    "the acid solution",
    "{sample} millilitres of a solution of a {protons} acid need {used} millilitres of sodium hydroxide solution with "
    "{base} moles per litre to be neutralised completely",
    {},
    says={"protons": lambda n: {1: "monoprotic", 2: "diprotic", 3: "triprotic"}[n]},
    samples=lambda: spread(
        280, protons=(1, 2, 3), sample=(10.0, 20.0, 25.0, 50.0),
        used=(8.4, 11.7, 14.6, 17.25, 19.8, 22.3, 26.9, 31.5), base=(0.05, 0.1, 0.12, 0.2, 0.25, 0.5),
    ),
)  # fmt: skip
vignette(
    "ideal_mixture",
    "the mixture",
    (
        "an ideal liquid mixture contains {first} moles of A, whose vapour pressure is {pressure_a} kilopascals when "
        "pure, and {second} moles of B, whose vapour pressure is {pressure_b} kilopascals when pure, at the same "
        "temperature",
        "an ideal liquid mixture contains A, whose vapour pressure is {pressure_a} kilopascals when pure, and B, whose "
        "vapour pressure is {pressure_b} kilopascals when pure",
    ),
    {},
    samples=lambda: spread(
        280, first=(0.5, 1.5, 2.0, 2.5, 3.0, 4.0), second=(0.8, 2.0, 3.0, 3.5, 5.0),
        pressure_a=(3.8, 6.2, 9.4, 12.7, 16.5, 21.3, 26.0), pressure_b=(1.2, 2.3, 4.5, 5.8, 7.9, 14.1),
    ),
)  # fmt: skip


class Diluted(TypedDict):
    concentration: Annotated[
        float,
        Quantity("concentration", "moles per litre"),
        says("the concentration of {dilution}", noun="concentration"),
    ]
    added: Annotated[
        float,
        Quantity("volume", "millilitres", additive=True),
        says("the volume of water added to prepare {dilution}, volumes being additive,", noun="volume of water added",
             ask="How many millilitres of water are added, if volumes are additive"),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example(
            {"volume": 25, "stock": 2, "final": 500}, {"/concentration": 0.1, "/added": 475}, "identity: c V = c V"
        ),
        example({"volume": 10, "stock": 12, "final": 1000}, {"/concentration": 0.12}, "identity: a hundredth"),
        example({"volume": 50, "stock": 1, "final": 20}, {"error": "refused"}, "identity: no dilution"),
    ],
)
def diluted_concentration(
    volume: Annotated[float, Part("dilution", "volume"), Meta(description="mL of the stock", gt=0)],
    stock: Annotated[float, Part("dilution", "stock"), Meta(description="mol/L", gt=0)],
    final: Annotated[float, Part("dilution", "final"), Meta(description="final mL", gt=0)],
) -> Diluted:
    """Compute the concentration (mol/L) after making a volume of stock solution up to a larger volume, and the water.

    Refuses a final volume below that of the stock.
    """
    if final < volume:
        raise Refusal("the final volume is smaller than that of the stock solution")
    return {"concentration": stock * volume / final, "added": final - volume}


class Acid(TypedDict):
    ph: Annotated[
        float,
        Quantity("pH", "", scale="interval"),
        says("the pH of {weak_acid}", noun="pH", **PH),
    ]
    dissociated: Annotated[
        float,
        Quantity("degree of dissociation", "percent"),
        says("the percentage of the acid that is dissociated in {weak_acid}", noun="percentage dissociated"),
    ]


@tool(
    "processing",
    examples=[
        example({"molarity": 0.1, "pka": 4.76}, {"/ph": 2.88, "/dissociated": 1.31},
                "published: 0.1 M acetic acid has a pH of 2.88 and is 1.3 percent dissociated", tolerance=5e-3),
        example({"molarity": 0.01, "pka": 3.75}, {"/ph": 2.905}, "identity: x^2 / (c - x) = Ka", tolerance=2e-3),
    ],
)  # fmt: skip
def weak_acid_ph(
    molarity: Annotated[float, Part("weak_acid", "molarity"), Meta(description="mol/L", gt=0)],
    pka: Annotated[float, Part("weak_acid", "pka")],
) -> Acid:
    """Compute the pH of a weak monoprotic acid in water and the percentage of it that is dissociated.

    From x² / (c - x) = Ka, leaving aside the ions of water itself; refuses solutions where those would count (pH > 6).
    """
    constant = 10**-pka
    ions = (-constant + math.sqrt(constant**2 + 4 * constant * molarity)) / 2
    if ions < 1e-6:
        raise Refusal("so weak and dilute an acid hardly changes the pH of water")
    return {"ph": -math.log10(ions), "dissociated": 100 * ions / molarity}


class Buffered(TypedDict):
    ph: Annotated[
        float,
        Quantity("pH", "", scale="interval"),
        says("the pH of {buffer} by the Henderson–Hasselbalch equation", noun="pH", **PH),
    ]


Moles = Annotated[float, Part("buffer", "acid"), Meta(description="moles of the weak acid", gt=0)]
Pka = Annotated[float, Part("buffer", "pka")]
Base = Annotated[float, Part("buffer", "base"), Meta(description="moles of the conjugate base", gt=0)]


@tool(
    "processing",
    examples=[
        example({"acid": 0.1, "pka": 4.76, "base": 0.1}, {"/ph": 4.76}, "identity: equal amounts give pH = pKa"),
        example({"acid": 0.02, "pka": 7.2, "base": 0.2}, {"/ph": 8.2}, "identity: ten times as much base"),
    ],
)
def buffer_ph(acid: Moles, pka: Pka, base: Base) -> Buffered:
    """Compute the pH of a buffer by the Henderson-Hasselbalch equation, pKa + log(base / acid)."""
    return {"ph": pka + math.log10(base / acid)}


class Shifted(TypedDict):
    ph: Annotated[
        float,
        Quantity("pH", "", scale="interval"),
        says("the pH of {buffer} after the addition of {added} moles of hydrogen chloride", noun="pH", **PH),
    ]


@tool(
    "processing",
    examples=[
        example({"acid": 0.1, "pka": 4.76, "base": 0.1, "added": 0.02}, {"/ph": 4.76 + math.log10(0.08 / 0.12)},
                "identity: base turns into acid"),
        example({"acid": 0.1, "pka": 4.76, "base": 0.05, "added": 0.05}, {"error": "refused"},
                "identity: no base is left"),
    ],
)  # fmt: skip
def buffer_ph_after_acid(
    acid: Moles, pka: Pka, base: Base,
    added: Annotated[float, Given(0.01, 0.02, 0.03), Meta(description="moles of strong acid", gt=0)],
) -> Shifted:  # fmt: skip
    """Compute the pH of a buffer after some strong acid has turned conjugate base into weak acid.

    Refuses more strong acid than there is base.
    """
    if added >= base:
        raise Refusal("the strong acid uses up the conjugate base")
    return {"ph": pka + math.log10((base - added) / (acid + added))}


class Titrated(TypedDict):
    concentration: Annotated[
        float,
        Quantity("concentration", "moles per litre"),
        says("the concentration of {titration}", noun="concentration"),
    ]


@tool(
    "processing",
    examples=[
        example({"sample": 25, "protons": 1, "used": 20, "base": 0.1}, {"/concentration": 0.08}, "identity: 2 mmol"),
        example({"sample": 20, "protons": 2, "used": 20, "base": 0.1}, {"/concentration": 0.05},
                "identity: two moles of base neutralise one of acid"),
    ],
)  # fmt: skip
def titrated_concentration(
    sample: Annotated[float, Part("titration", "sample"), Meta(description="mL of acid", gt=0)],
    protons: Annotated[int, Part("titration", "protons"), Meta(description="protons per molecule", ge=1, le=3)],
    used: Annotated[float, Part("titration", "used"), Meta(description="mL of base", gt=0)],
    base: Annotated[float, Part("titration", "base"), Meta(description="mol/L of base", gt=0)],
) -> Titrated:
    """Compute the concentration in mol/L of an acid from its complete neutralisation by sodium hydroxide."""
    return {"concentration": used * base / protons / sample}


class Vapour(TypedDict):
    pressure: Annotated[
        float,
        Quantity("pressure", "kilopascals"),
        says("the vapour pressure over {ideal_mixture} by Raoult's law", noun="vapour pressure"),
    ]
    share: Annotated[
        float,
        Quantity("mole fraction", "percent"),
        says("the mole percentage of A in the vapour over {ideal_mixture} by Raoult's law",
             noun="mole percentage of A"),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"first": 1, "second": 1, "pressure_a": 12.0, "pressure_b": 4.0}, {"/pressure": 8, "/share": 75},
                "identity: half of each pressure"),
        example({"first": 3, "second": 1, "pressure_a": 10.0, "pressure_b": 10.0}, {"/pressure": 10, "/share": 75},
                "identity: equal pressures leave the composition"),
    ],
)  # fmt: skip
def ideal_mixture_vapour(
    first: Annotated[float, Part("ideal_mixture", "first"), Meta(description="moles of A", gt=0)],
    second: Annotated[float, Part("ideal_mixture", "second"), Meta(description="moles of B", gt=0)],
    pressure_a: Annotated[float, Part("ideal_mixture", "pressure_a"), Meta(description="kPa", gt=0)],
    pressure_b: Annotated[float, Part("ideal_mixture", "pressure_b"), Meta(description="kPa", gt=0)],
) -> Vapour:
    """Compute the vapour pressure in kPa over an ideal mixture of two liquids and the vapour's percentage of A."""
    total = first + second
    pressure = (first * pressure_a + second * pressure_b) / total
    return {"pressure": pressure, "share": 100 * first * pressure_a / total / pressure}


class Aliquot(TypedDict):
    millimoles: Annotated[
        float,
        Quantity("amount of substance", "millimoles", additive=True),
        says("the amount of solute in {millilitres} millilitres at {concentration}",
             noun="amount of solute", most="largest", least="smallest", more="larger", less="smaller"),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example(
            {"concentration": 0.1, "millilitres": 25}, {"/millimoles": 2.5}, "identity: concentration times volume"
        ),
        example({"concentration": 2, "millilitres": 10}, {"/millimoles": 20}, "identity: concentration times volume"),
    ],
)
def amount_in_volume(
    concentration: Annotated[float, Quantity("concentration", "moles per litre"), Meta(description="mol/L", gt=0)],
    millilitres: Annotated[float, Given(10, 20, 50, 75), Meta(description="volume in mL", gt=0)],
) -> Aliquot:
    """Compute the amount of solute in millimoles in a volume (mL) of a solution of a given concentration (mol/L)."""
    return {"millimoles": concentration * millilitres}


class Protons(TypedDict):
    micromolar: Annotated[
        float,
        Quantity("hydrogen ion concentration", "micromoles per litre"),
        says("the hydrogen ion concentration at {ph}", noun="hydrogen ion concentration"),
    ]


@tool(
    "processing",
    examples=[
        example({"ph": 6}, {"/micromolar": 1.0}, "identity: 10^-6 moles per litre"),
        example({"ph": 4.3}, {"/micromolar": 10**1.7}, "identity: 10^-4.3 moles per litre"),
    ],
)
def hydrogen_ion_concentration(ph: Annotated[float, Quantity("pH"), Meta(ge=-1, le=15)]) -> Protons:
    """Compute the concentration of hydrogen ions in micromoles per litre from the pH, unit activity coefficients."""
    return {"micromolar": 10 ** (6 - ph)}


class Thinned(TypedDict):
    ph: Annotated[
        float,
        Quantity("pH", "", scale="interval"),
        says("the pH of {weak_acid} after dilution with water to {factor} times its volume", noun="pH", **PH),
    ]


@tool(
    "processing",
    examples=[
        example({"molarity": 0.2, "pka": 4.76, "factor": 2}, {"/ph": 2.88}, "published: 0.1 M acetic acid, pH 2.88",
                tolerance=5e-3),
        example({"molarity": 1.0, "pka": 3.75, "factor": 100}, {"/ph": 2.905}, "identity: x^2 / (c - x) = Ka",
                tolerance=2e-3),
    ],
)  # fmt: skip
def diluted_acid_ph(
    molarity: Annotated[float, Part("weak_acid", "molarity"), Meta(description="mol/L before", gt=0)],
    pka: Annotated[float, Part("weak_acid", "pka")],
    factor: Annotated[float, Given(2, 5, 10), Meta(description="final volume by first volume", ge=1)],
) -> Thinned:
    """Compute the pH of a solution of a weak monoprotic acid after dilution to a multiple of its volume."""
    return {"ph": weak_acid_ph(molarity / factor, pka)["ph"]}


class Distillate(TypedDict):
    pressure: Annotated[
        float,
        Quantity("pressure", "kilopascals"),
        says("the vapour pressure, at the same temperature, over the liquid to which a vapour with {share} condenses",
             noun="vapour pressure of the condensate"),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"share": 75, "pressure_a": 12, "pressure_b": 4}, {"/pressure": 10}, "identity: 0.75 x 12 + 0.25 x 4"),
        example({"share": 0, "pressure_a": 12, "pressure_b": 4}, {"/pressure": 4}, "identity: pure B"),
    ],
)
def condensate_pressure(
    share: Annotated[float, Quantity("mole fraction", "percent"), Meta(description="mole percent of A", ge=0, le=100)],
    pressure_a: Annotated[float, Part("ideal_mixture", "pressure_a"), Meta(description="kPa", gt=0)],
    pressure_b: Annotated[float, Part("ideal_mixture", "pressure_b"), Meta(description="kPa", gt=0)],
) -> Distillate:
    """Compute the vapour pressure in kPa over an ideal mixture of a given mole percentage of A (Raoult's law)."""
    return {"pressure": (share * pressure_a + (100 - share) * pressure_b) / 100}
