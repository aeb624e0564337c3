"""Particles of the Particle Data Group's table (library particle): masses, quarks, lifetimes, relativity."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Given, Quantity, entity, says

PDG: dict[str, Any] = {
    "needs": ("particle",),
    "source": "Particle Data Group, by the library particle",
    "licence": "CC-BY-4.0",
}
HBAR_C = 197.3269804593  # MeV fm, CODATA 2022
HBAR = 6.582119569509066e-22  # MeV s
QUARKS = {"d": "down", "u": "up", "s": "strange", "c": "charm", "b": "bottom", "t": "top"}
PLAIN = {
    "e-": "the electron",
    "e+": "the positron",
    "mu-": "the muon",
    "mu+": "the antimuon",
    "tau-": "the tau lepton",
    "tau+": "the antitau lepton",
    "p": "the proton",
    "p~": "the antiproton",
    "n": "the neutron",
    "n~": "the antineutron",
    "gamma": "the photon",
    "g": "the gluon",
    "W+": "the W+ boson",
    "W-": "the W- boson",
    "Z0": "the Z boson",
    "H0": "the Higgs boson",
}


def _label(particle: Any) -> str | None:
    """What a person calls it; None for those that this tool leaves out."""
    name = particle.name
    if name in PLAIN:
        return PLAIN[name]
    if re.fullmatch(r"[ducsbt]~?", name):
        return f"the {QUARKS[name[0]]} {'antiquark' if name.endswith('~') else 'quark'}"
    if not re.fullmatch("[udscbtUDSCBT]{2,3}", particle.quarks or "") or name.startswith("("):
        return None
    return f"the {name} {'meson' if len(particle.quarks) == 2 else 'baryon'}"


@lru_cache(maxsize=1)
def table() -> dict[str, Any]:
    from particle import Particle

    found: dict[str, Any] = {}
    for particle in sorted(Particle.all(), key=lambda p: (abs(int(p.pdgid)), int(p.pdgid) < 0)):
        label = _label(particle)
        if label and particle.mass is not None:
            found.setdefault(label, particle)
    return found


@lru_cache(maxsize=1)
def _aliases() -> dict[str, str]:
    found = {particle.name: label for label, particle in table().items()}
    return found | {label.removeprefix("the ").casefold(): label for label in table()}


def find_particle(text: str) -> str:
    """The canonical name of a particle given by that name or by its PDG name."""
    asked = text.strip()
    label = (
        asked if asked in table() else _aliases().get(asked) or _aliases().get(asked.casefold().removeprefix("the "))
    )
    if label is None:
        raise Refusal(f"no particle {text!r} in the table of the Particle Data Group")
    return label


def _samples() -> list[str]:
    """Hadrons with a known width; antiparticles, whose names are not for prose, are left out."""
    return [label for label, p in table().items() if len(p.quarks or "") > 1 and p.width and "~" not in label]


PARTICLE = entity("particle", "particle", samples=_samples)
ParticleName = Annotated[
    str, Entity("particle"), Meta(description='as in "the muon" or "the K+ meson"; PDG names such as "K+" too')
]


class Row(TypedDict):
    name: Annotated[str, says(quiet=True)]
    mass: Annotated[
        float,
        Quantity("particle mass", "megaelectronvolts per c squared"),
        says(
            "the PDG mass of {particle}", "the mass of {particle} in the Particle Data Group's table", noun="PDG mass"
        ),
    ]
    charge: Annotated[
        float,
        Quantity("electric charge", "elementary charges", scale="interval"),
        says("the electric charge of {particle}", noun="electric charge"),
    ]


@tool(
    "retrieval",
    examples=[
        example({"particle": "the proton"}, {"/mass": 938.27208943, "/charge": 1}, "published: CODATA 2022"),
        example(
            {"particle": "mu-"}, {"/name": "the muon", "/mass": 105.6583755}, "published: Particle Data Group, muon"
        ),
        example(
            {"particle": "the graviton"}, {"error": "refused"}, "published: the Particle Data Group lists no graviton"
        ),
    ],
    **PDG,
)
def particle_data(particle: ParticleName) -> Row:
    """Look up the mass (MeV/c²) and the electric charge (in elementary charges) of a particle in the PDG table.

    Quarks, leptons, gauge bosons and hadrons whose quark content is a plain list. Refuses what the table does not have.
    """
    label = find_particle(particle)
    row = table()[label]
    return {"name": label, "mass": row.mass, "charge": float(row.charge)}


class Width(TypedDict):
    width: Annotated[
        float,
        Quantity("decay width", "megaelectronvolts"),
        says(
            "the PDG decay width of {particle}",
            "the decay width of {particle} in the Particle Data Group's table",
            noun="PDG decay width",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"particle": "the Z boson"},
            {"/width": 2495.5},
            "published: Particle Data Group, Z width 2.4955 GeV",
            tolerance=1e-3,
        ),
        example({"particle": "the proton"}, {"error": "refused"}, "identity: the proton is stable"),
    ],
    **PDG,
)
def particle_width(particle: ParticleName) -> Width:
    """Look up a particle's total decay width (MeV) in the PDG table; refuses stable particles and unknown widths."""
    label = find_particle(particle)
    if not table()[label].width:
        raise Refusal(f"the Particle Data Group's table has no decay width for {label}")
    return {"width": table()[label].width}


class Spin(TypedDict):
    spin: Annotated[
        float,
        Quantity("spin"),
        says("the spin of {particle} in units of the reduced Planck constant", noun="spin"),
    ]


@tool(
    "retrieval",
    examples=[
        example({"particle": "the muon"}, {"/spin": 0.5}, "published: Particle Data Group, leptons have spin 1/2"),
        example({"particle": "Delta(1232)++"}, {"/spin": 1.5}, "published: Particle Data Group, Delta(1232) 3/2+"),
        example({"particle": "the pi+ meson"}, {"/spin": 0.0}, "published: Particle Data Group, pion 0-"),
    ],
    **PDG,
)
def particle_spin(particle: ParticleName) -> Spin:
    """Look up the spin quantum number J of a particle, as its PDG number encodes it; refuses where it is not known."""
    label = find_particle(particle)
    if table()[label].J is None:
        raise Refusal(f"the spin of {label} is not known")
    return {"spin": float(table()[label].J)}


class Anti(TypedDict):
    antiparticle: Annotated[  # no value type: it has the particle's own mass, width and spin
        str,
        says(
            "the antiparticle of {particle}",
            noun="antiparticle",
            ask="Which particle is the antiparticle of {particle}",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"particle": "the electron"}, {"/antiparticle": "the positron"}, "published: Particle Data Group"),
        example({"particle": "K+"}, {"/antiparticle": "the K- meson"}, "published: Particle Data Group"),
        example({"particle": "the photon"}, {"error": "refused"}, "identity: the photon is its own antiparticle"),
    ],
    **PDG,
)
def particle_antiparticle(particle: ParticleName) -> Anti:
    """Look up the antiparticle of a particle; refuses a particle that is its own antiparticle."""
    label = find_particle(particle)
    other = _label(table()[label].invert())
    if other is None or other == label or other not in table():
        raise Refusal(f"{label} is its own antiparticle")
    return {"antiparticle": other}


class Quarks(TypedDict):
    quarks: Annotated[
        list[Annotated[str, Entity("particle")]],
        says(
            "the kinds of valence quark and antiquark that {particle} is made of",
            noun="valence quark",
            plural="kinds of valence quark",
            ask_count="How many kinds of valence quark and antiquark is {particle} made of",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"particle": "the proton"},
            {"/quarks": ["the up quark", "the down quark"]},
            "published: Particle Data Group, proton uud",
        ),
        example(
            {"particle": "Lambda(c)+"},
            {"/quarks": ["the up quark", "the down quark", "the charm quark"]},
            "published: Particle Data Group, udc",
        ),
        example({"particle": "the muon"}, {"error": "refused"}, "identity: a lepton is not made of quarks"),
    ],
    **PDG,
)
def valence_quarks(particle: ParticleName) -> Quarks:
    """List the different valence quarks and antiquarks of a hadron (each kind once), from the PDG table.

    In the order of the table's quark content. The list is complete. Refuses particles that are not hadrons.
    """
    content = table()[find_particle(particle)].quarks or ""
    if len(content) < 2:
        raise Refusal(f"{particle} is not made of quarks")
    kinds = list(dict.fromkeys(content))
    return {
        "quarks": [f"the {QUARKS[k.lower()]} {'quark' if k.islower() else 'antiquark'}" for k in kinds],
        "complete": True,
    }


# --- computed -------------------------------------------------------------------------------------------------------


class Lifetime(TypedDict):
    lifetime: Annotated[
        float,
        Quantity("mean lifetime", "seconds"),
        says(
            "the mean lifetime that corresponds to {width}",
            noun="mean lifetime",
            most="longest",
            least="shortest",
            more="longer",
            less="shorter",
        ),
    ]


@tool(
    "processing",
    source="CODATA 2022, reduced Planck constant",
    examples=[
        example(
            {"width": 2495.2}, {"/lifetime": 2.6379e-25}, "published: Z boson lifetime about 2.64e-25 s", tolerance=1e-4
        ),
        example(
            {"width": 6.582119569509066e-22},
            {"/lifetime": 1.0},
            "identity: a width of hbar per second lives one second",
        ),
    ],
)
def lifetime_of_width(
    width: Annotated[float, Quantity("decay width", "megaelectronvolts"), Meta(description="total width in MeV", gt=0)],
) -> Lifetime:
    """Compute the mean lifetime in seconds of an unstable particle from its total decay width in MeV, ħ / Γ."""
    return {"lifetime": HBAR / width}


class Flight(TypedDict):
    path: Annotated[
        float,
        Quantity("mean decay length", "metres"),
        says(
            "the mean distance covered before decay at a Lorentz factor of {lorentz_factor} "
            "by a particle with {lifetime}",
            noun="mean decay length",
            most="longest",
            least="shortest",
            more="longer",
            less="shorter",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"lifetime": 2.1969811e-6, "lorentz_factor": math.sqrt(2)},
            {"/path": 658.638},
            "published: c tau of the muon is 658.638 m",
            tolerance=1e-5,
        ),
        example(
            {"lifetime": 1.0, "lorentz_factor": 2},
            {"/path": 299792458 * math.sqrt(3)},
            "identity: sqrt(gamma squared - 1) c tau",
        ),
    ],
)
def decay_length(
    lifetime: Annotated[
        float, Quantity("mean lifetime", "seconds"), Meta(description="mean proper lifetime in seconds", gt=0)
    ],
    lorentz_factor: Annotated[float, Given(2, 5, 10), Meta(description="Lorentz factor", gt=1)],
) -> Flight:
    """Compute the mean decay length in metres of a moving particle, sqrt(γ² - 1) c τ."""
    return {"path": math.sqrt(lorentz_factor**2 - 1) * 299792458 * lifetime}


class Compton(TypedDict):
    wavelength: Annotated[
        float,
        Quantity("Compton wavelength", "femtometres"),
        says(
            "the Compton wavelength that corresponds to {mass}",
            noun="Compton wavelength",
            most="longest",
            least="shortest",
            more="longer",
            less="shorter",
        ),
    ]


@tool(
    "processing",
    source="CODATA 2022, h c",
    examples=[
        example(
            {"mass": 0.51099895069},
            {"/wavelength": 2426.31023},
            "published: CODATA, electron Compton wavelength",
            tolerance=1e-7,
        ),
        example(
            {"mass": 938.27208943},
            {"/wavelength": 1.32140985},
            "published: CODATA, proton Compton wavelength",
            tolerance=1e-7,
        ),
    ],
)
def compton_wavelength(
    mass: Annotated[
        float, Quantity("particle mass", "megaelectronvolts per c squared"), Meta(description="MeV/c²", gt=0)
    ],
) -> Compton:
    """Compute the Compton wavelength h / (m c) in femtometres of a particle from its mass in MeV/c²."""
    return {"wavelength": 2 * math.pi * HBAR_C / mass}


class Beta(TypedDict):
    speed: Annotated[
        float,
        Quantity("speed as a share of that of light", "percent"),
        says(
            "the speed of a particle with {kinetic_energy} MeV of kinetic energy and {mass}, "
            "as a percentage of that of light",
            noun="speed",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"mass": 100, "kinetic_energy": 25}, {"/speed": 60.0}, "identity: a Lorentz factor of 1.25 belongs to 0.6 c"
        ),
        example(
            {"mass": 0.51099895, "kinetic_energy": 0.51099895},
            {"/speed": 86.60254038},
            "identity: gamma = 2 is sqrt(3)/2 of c",
        ),
    ],
)
def relativistic_speed(
    mass: Annotated[
        float, Quantity("particle mass", "megaelectronvolts per c squared"), Meta(description="MeV/c²", gt=0)
    ],
    kinetic_energy: Annotated[float, Given(50, 100, 500, 1000), Meta(description="MeV", gt=0)],
) -> Beta:
    """Compute a particle's speed, in percent of that of light, from its mass (MeV/c²) and kinetic energy (MeV)."""
    gamma = 1 + kinetic_energy / mass
    return {"speed": 100 * math.sqrt(1 - 1 / gamma**2)}
