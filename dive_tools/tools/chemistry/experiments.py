"""Experiments: reaction rates, galvanic cells, electrolysis, gas samples."""

from __future__ import annotations

import math
import re
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.chemistry.elements import row_of
from dive_tools.tools.chemistry.solutions import spread
from dive_tools.values import Given, Part, Quantity, says, vignette

R, FARADAY = 8.31446261815324, 96485.33212331001
CODATA = "CODATA 2022: molar gas constant and Faraday constant"

vignette(
    "rate_study",
    "the reaction",
    (
        "a first-order reaction has a rate constant of {slow} per second at {cold} kelvins and of {fast} per second at "
        "{hot} kelvins",
        "a first-order reaction has a rate constant of {slow} per second at {cold} kelvins",
    ),
    {},
    samples=lambda: [
        {"slow": r["slow"], "cold": r["cold"], "fast": float(f"{r['slow'] * r['factor']:.3g}"),
         "hot": r["cold"] + r["step"]}
        for r in spread(280, slow=(0.00012, 0.00034, 0.00075, 0.0015, 0.0042, 0.0091, 0.023),
                        cold=(293, 298, 303, 310, 325), factor=(1.9, 2.4, 3.1, 4.6, 6.2), step=(10, 15, 20, 25))
    ],
)  # fmt: skip
vignette(
    "galvanic_cell",
    "the cell",
    (
        "a galvanic cell at 25 °C has a standard potential of {standard} volts, its reaction transfers {electrons} "
        "moles of electrons and its reaction quotient is {quotient}",
        "a galvanic cell at 25 °C has a standard potential of {standard} volts, and its reaction transfers {electrons} "
        "moles of electrons",
    ),
    {},
    samples=lambda: spread(
        280, standard=(0.32, 0.46, 0.59, 0.74, 0.93, 1.1, 1.23, 1.56, 2.02), electrons=(2, 3, 4, 6),
        quotient=(0.002, 0.01, 0.05, 0.2, 5.0, 20.0, 150.0, 1000.0),
    ),
)  # fmt: skip
vignette(
    "electrolysis",
    "the electrolysis",
    (
        "a current of {amperes} amperes flows for {minutes} minutes through a solution of {ion} ions",
        "a current of {amperes} amperes flows for {minutes} minutes through a solution",
        "an electric current flows through a solution of {ion} ions",
    ),
    {},
    samples=lambda: spread(
        280, ion=("copper(II)", "silver(I)", "zinc(II)", "nickel(II)", "chromium(III)", "gold(III)", "lead(II)",
                  "tin(II)", "cadmium(II)", "cobalt(II)"),
        amperes=(0.25, 0.5, 0.8, 1.5, 2.0, 3.2, 5.0, 10.0), minutes=(15, 20, 30, 45, 60, 90, 120),
    ),
)  # fmt: skip
vignette(
    "gas_sample",
    "the gas",
    (
        "a closed vessel of {litres} litres holds an ideal gas at {kelvins} kelvins and {kilopascals} kilopascals",
        "a closed vessel holds an ideal gas at {kelvins} kelvins and {kilopascals} kilopascals",
    ),
    {},
    samples=lambda: spread(
        280, litres=(0.5, 0.75, 1.2, 2.5, 4.0, 5.6, 10.0, 22.4), kelvins=(273.15, 283, 293, 298.15, 310, 325, 350),
        kilopascals=(60.0, 85.0, 101.325, 120.0, 150.0, 240.0, 500.0),
    ),
)  # fmt: skip


class Arrhenius(TypedDict):
    activation_energy: Annotated[
        float,
        Quantity("activation energy", "kilojoules per mole"),
        says("the activation energy of {rate_study} by the Arrhenius equation", noun="activation energy"),
    ]


Slow = Annotated[float, Part("rate_study", "slow"), Meta(description="per second, at the first temperature", gt=0)]
Cold = Annotated[float, Part("rate_study", "cold"), Meta(description="kelvins", gt=0)]
Fast = Annotated[float, Part("rate_study", "fast"), Meta(description="per second, at the second temperature", gt=0)]
Hot = Annotated[float, Part("rate_study", "hot"), Meta(description="kelvins", gt=0)]


@tool(
    "processing",
    source=CODATA,
    examples=[
        example({"slow": 0.001, "cold": 298, "fast": 0.002, "hot": 308}, {"/activation_energy": 52.9},
                "published: a rate doubling from 298 to 308 K means about 52.9 kJ/mol", tolerance=2e-3),
        example({"slow": 1, "cold": 300, "fast": math.e, "hot": 400}, {"/activation_energy": 1.2 * R},
                "identity: R / (1/300 - 1/400)"),
    ],
)  # fmt: skip
def activation_energy(slow: Slow, cold: Cold, fast: Fast, hot: Hot) -> Arrhenius:
    """Compute the activation energy in kJ/mol from the rate constants at two temperatures (Arrhenius)."""
    if cold == hot:
        raise Refusal("the two temperatures are equal")
    return {"activation_energy": R * math.log(fast / slow) / (1 / cold - 1 / hot) / 1000}


class Extrapolated(TypedDict):
    constant: Annotated[
        float,
        Quantity("rate constant", "per second"),
        says("the rate constant at {kelvins} kelvins that follows from {energy}", noun="rate constant"),
    ]


@tool(
    "processing",
    source=CODATA,
    examples=[
        example({"slow": 0.001, "cold": 298, "energy": 52.9, "kelvins": 308}, {"/constant": 0.002},
                "published: 52.9 kJ/mol doubles a rate from 298 to 308 K", tolerance=2e-3),
        example({"slow": 0.001, "cold": 300, "energy": 1.2 * R, "kelvins": 400}, {"/constant": 0.001 * math.e},
                "identity: 1200 (1/300 - 1/400) = 1"),
    ],
)  # fmt: skip
def rate_constant_at(
    slow: Slow,
    cold: Cold,
    energy: Annotated[float, Quantity("activation energy", "kilojoules per mole"), Meta(description="kJ/mol")],
    kelvins: Annotated[float, Given(340, 350, 360), Meta(description="temperature asked for", gt=0)],
) -> Extrapolated:
    """Compute the rate constant per second at another temperature from one rate constant and the activation energy."""
    return {"constant": slow * math.exp(energy * 1000 / R * (1 / cold - 1 / kelvins))}


class Halving(TypedDict):
    seconds: Annotated[
        float,
        Quantity("time", "seconds"),
        says("the half-life of a first-order reaction with {constant}", noun="half-life", most="longest",
             least="shortest", more="longer", less="shorter"),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"constant": math.log(2)}, {"/seconds": 1.0}, "identity: ln 2 divided by the constant"),
        example({"constant": 0.01}, {"/seconds": 69.31471806}, "identity: ln 2 divided by the constant"),
    ],
)
def first_order_half_life(
    constant: Annotated[float, Quantity("rate constant", "per second"), Meta(description="per second", gt=0)],
) -> Halving:
    """Compute the half-life in seconds of a first-order reaction from its rate constant, ln 2 / k."""
    return {"seconds": math.log(2) / constant}


class Potential(TypedDict):
    volts: Annotated[
        float,
        Quantity("cell potential", "volts", scale="interval"),
        says("the potential of {galvanic_cell} by the Nernst equation", noun="potential"),
    ]


Standard = Annotated[float, Part("galvanic_cell", "standard"), Meta(description="standard potential in volts")]
Electrons = Annotated[int, Part("galvanic_cell", "electrons"), Meta(description="moles of electrons", ge=1)]


@tool(
    "processing",
    source=CODATA,
    examples=[
        example({"standard": 1.1, "electrons": 2, "quotient": 10}, {"/volts": 1.1 - 0.02958},
                "published: 59.16 mV per decade and electron at 25 degrees Celsius", tolerance=1e-5),
        example({"standard": 0.74, "electrons": 6, "quotient": 1}, {"/volts": 0.74}, "identity: standard state"),
    ],
)  # fmt: skip
def nernst_potential(
    standard: Standard,
    electrons: Electrons,
    quotient: Annotated[float, Part("galvanic_cell", "quotient"), Meta(description="reaction quotient", gt=0)],
) -> Potential:
    """Compute the potential in volts of a galvanic cell at 25 °C from its reaction quotient (Nernst equation)."""
    return {"volts": standard - R * 298.15 / (electrons * FARADAY) * math.log(quotient)}


class Driving(TypedDict):
    gibbs: Annotated[
        float,
        Quantity("Gibbs energy", "kilojoules per mole", scale="interval"),
        says("the standard Gibbs energy of the reaction of {galvanic_cell}", noun="standard Gibbs energy of reaction"),
    ]
    exponent: Annotated[
        float,
        Quantity("logarithm of an equilibrium constant", "", scale="interval"),
        says("the decadic logarithm of the equilibrium constant of the reaction of {galvanic_cell}",
             noun="decadic logarithm of the equilibrium constant"),
    ]  # fmt: skip


@tool(
    "processing",
    source=CODATA,
    examples=[
        example({"standard": 1.1, "electrons": 2}, {"/gibbs": -212.3, "/exponent": 37.2},
                "published: the Daniell cell, -212 kJ/mol and K = 1.5e37", tolerance=2e-3),
        example({"standard": 0.0, "electrons": 2}, {"/gibbs": 0, "/exponent": 0}, "identity: equilibrium"),
    ],
)  # fmt: skip
def cell_reaction_energy(standard: Standard, electrons: Electrons) -> Driving:
    """Compute the standard Gibbs energy -nFE (kJ/mol) and the log of the equilibrium constant of a cell reaction."""
    gibbs = -electrons * FARADAY * standard / 1000
    return {"gibbs": gibbs + 0.0, "exponent": -gibbs * 1000 / (R * 298.15 * math.log(10)) + 0.0}


class Charge(TypedDict):
    charge: Annotated[
        float,
        Quantity("electric charge", "coulombs", additive=True),
        says("the electric charge that flows in {electrolysis}", noun="electric charge", most="largest",
             least="smallest", more="larger", less="smaller"),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"amperes": 2, "minutes": 30}, {"/charge": 3600}, "identity: current times time"),
        example({"amperes": 0.5, "minutes": 10}, {"/charge": 300}, "identity: current times time"),
    ],
)
def electrolysis_charge(
    amperes: Annotated[float, Part("electrolysis", "amperes"), Meta(gt=0)],
    minutes: Annotated[float, Part("electrolysis", "minutes"), Meta(gt=0)],
) -> Charge:
    """Compute the electric charge in coulombs that a steady current in amperes carries in some minutes."""
    return {"charge": amperes * minutes * 60}


class Deposit(TypedDict):
    grams: Annotated[
        float,
        Quantity("mass deposited", "grams", additive=True),
        says("the mass of metal deposited by {charge} according to Faraday's law", noun="mass deposited",
             most="largest", least="smallest", more="larger", less="smaller"),
    ]  # fmt: skip


@tool(
    "processing",
    needs=("mendeleev",),
    source=CODATA + "; atomic weights of mendeleev",
    licence="MIT",
    examples=[
        example({"ion": "copper(II)", "charge": 3600}, {"/grams": 1.1855},
                "published: Faraday's law, 63.546 / 2 / 96485 grams per coulomb", tolerance=1e-3),
        example({"ion": "silver(I)", "charge": 60}, {"/grams": 60 * 0.001118},
                "published: the former definition of the ampere, 1.118 mg of silver per coulomb", tolerance=1e-3),
    ],
)  # fmt: skip
def electrolytic_deposit(
    ion: Annotated[str, Part("electrolysis", "ion"), Meta(description='as in "copper(II)"')],
    charge: Annotated[float, Quantity("electric charge", "coulombs"), Meta(gt=0)],
) -> Deposit:
    """Compute the mass in grams of metal that an electric charge in coulombs deposits from ions such as copper(II)."""
    found = re.fullmatch(r"([a-z]+)\((I{1,3}|IV)\)", ion.strip())
    if found is None:
        raise Refusal(f"{ion!r} does not name a cation of a metal with its charge")
    moles = charge / FARADAY / {"I": 1, "II": 2, "III": 3, "IV": 4}[found[2]]
    return {"grams": moles * row_of(found[1])["atomic_weight"]}


class GasAmount(TypedDict):
    moles: Annotated[
        float,
        Quantity("amount of substance", "moles", additive=True),
        says("the amount of substance of {gas_sample}", noun="amount of substance", most="largest", least="smallest",
             more="larger", less="smaller", ask="How many moles of gas does the vessel hold"),
    ]  # fmt: skip


Litres = Annotated[float, Part("gas_sample", "litres"), Meta(gt=0)]
Kelvins = Annotated[float, Part("gas_sample", "kelvins"), Meta(gt=0)]
Kilopascals = Annotated[float, Part("gas_sample", "kilopascals"), Meta(gt=0)]


@tool(
    "processing",
    source=CODATA,
    examples=[
        example({"litres": 22.41396954, "kelvins": 273.15, "kilopascals": 101.325}, {"/moles": 1.0},
                "published: CODATA molar volume of an ideal gas, 22.41396954 L/mol"),
        example({"litres": 1, "kelvins": 300, "kilopascals": 0.3 * R * 1000}, {"/moles": 1.0}, "identity: p V = n R T"),
    ],
)  # fmt: skip
def gas_amount(litres: Litres, kelvins: Kelvins, kilopascals: Kilopascals) -> GasAmount:
    """Compute the amount in moles of an ideal gas from volume (L), temperature (K) and pressure (kPa)."""
    return {"moles": kilopascals * litres / (R * kelvins)}


class Heated(TypedDict):
    kilopascals: Annotated[
        float,
        Quantity("pressure", "kilopascals"),
        says("the pressure of {gas_sample} after heating the vessel to {warm} kelvins", noun="pressure"),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"kelvins": 300, "kilopascals": 100, "warm": 450}, {"/kilopascals": 150}, "identity: p / T is constant"
        ),
        example({"kelvins": 293, "kilopascals": 101.325, "warm": 586}, {"/kilopascals": 202.65}, "identity: twice T"),
    ],
)
def heated_gas_pressure(
    kelvins: Kelvins,
    kilopascals: Kilopascals,
    warm: Annotated[float, Given(400, 450, 500), Meta(description="new temperature in kelvins", gt=0)],
) -> Heated:
    """Compute the pressure in kPa of an ideal gas in a closed rigid vessel at another temperature."""
    return {"kilopascals": kilopascals * warm / kelvins}


class Work(TypedDict):
    kilojoules: Annotated[
        float,
        Quantity("electrical energy", "kilojoules", additive=True),
        says("the electrical energy spent when {charge} flows at a voltage of {volts} volts", noun="electrical energy",
             most="largest", least="smallest", more="larger", less="smaller"),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"charge": 3600, "volts": 10}, {"/kilojoules": 36}, "identity: charge times voltage"),
        example({"charge": 96485, "volts": 2}, {"/kilojoules": 192.97}, "identity: charge times voltage"),
    ],
)
def electrolysis_energy(
    charge: Annotated[float, Quantity("electric charge", "coulombs"), Meta(gt=0)],
    volts: Annotated[float, Given(2.5, 4, 6), Meta(description="cell voltage", gt=0)],
) -> Work:
    """Compute the electrical energy in kilojoules that a charge in coulombs takes at a voltage."""
    return {"kilojoules": charge * volts / 1000}
