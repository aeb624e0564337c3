"""Quantum numbers of hadrons in the Particle Data Group's table, and hadrons made of the same quarks."""

from __future__ import annotations

from typing import Annotated, TypedDict

from dive_tools.tools.academia.particles import PDG, ParticleName, find_particle, table
from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Quantity, says


class QuantumNumbers(TypedDict):
    isospin: Annotated[
        float,
        Quantity("isospin"),
        says("the isospin of {particle} in the PDG table", noun="isospin", scope="in the PDG table"),
    ]
    parity: Annotated[
        str,
        says(
            "the intrinsic parity of {particle} in the PDG table",
            ask="Is the intrinsic parity of {particle} in the PDG table positive or negative",
        ),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"particle": "the pi+ meson"}, {"/isospin": 1.0, "/parity": "negative"},
                "published: Particle Data Group, pi±, I^G(J^P) = 1^-(0^-)"),
        example({"particle": "the proton"}, {"/isospin": 0.5, "/parity": "positive"},
                "published: Particle Data Group, p, I(J^P) = 1/2(1/2^+)"),
        example({"particle": "the muon"}, {"error": "refused"}, "identity: a lepton has no isospin"),
    ],
    **PDG,
)  # fmt: skip
def hadron_quantum_numbers(particle: ParticleName) -> QuantumNumbers:
    """Look up the isospin and the intrinsic parity of a hadron in the PDG table; refuses where it gives not both."""
    from particle import Parity

    label = find_particle(particle)
    row = table()[label]
    parity = {Parity.p: "positive", Parity.m: "negative"}.get(row.P)
    if row.I is None or parity is None:
        raise Refusal(f"the Particle Data Group's table does not give isospin and parity of {label}")
    return {"isospin": float(row.I), "parity": parity}


class Flavour(TypedDict):
    strangeness: Annotated[
        int,
        Quantity("strangeness", scale="interval"),
        says("the strangeness of {particle}", noun="strangeness"),
    ]
    charm: Annotated[
        int,
        Quantity("charm", scale="interval"),
        says("the charm quantum number of {particle}", noun="charm quantum number"),
    ]
    bottomness: Annotated[
        int,
        Quantity("bottomness", scale="interval"),
        says("the bottomness of {particle}", noun="bottomness"),
    ]
    baryon_number: Annotated[
        int,
        Quantity("baryon number", scale="interval"),
        says("the baryon number of {particle}", noun="baryon number"),
    ]


@tool(
    "retrieval",
    examples=[
        example({"particle": "the K+ meson"}, {"/strangeness": 1, "/charm": 0, "/baryon_number": 0},
                "published: Particle Data Group, K+ has strangeness +1"),
        example({"particle": "the Omega- baryon"}, {"/strangeness": -3, "/baryon_number": 1},
                "published: Particle Data Group, Omega- is sss, each s having strangeness -1"),
        example({"particle": "the B+ meson"}, {"/bottomness": 1}, "published: Particle Data Group, B+ has B = +1"),
    ],
    **PDG,
)  # fmt: skip
def hadron_flavour(particle: ParticleName) -> Flavour:
    """Look up strangeness, charm, bottomness and baryon number of a hadron, from its quark content in the PDG table.

    A strange or bottom quark counts -1, a charm quark +1, antiquarks the other way. Refuses what is no hadron.
    """
    label = find_particle(particle)
    content = table()[label].quarks or ""
    if len(content) < 2:
        raise Refusal(f"{label} is not made of quarks")
    net = {quark: content.count(quark) - content.count(quark.upper()) for quark in "scb"}
    baryon = 0 if len(content) == 2 else 1 if content.islower() else -1
    return {"strangeness": -net["s"], "charm": net["c"], "bottomness": -net["b"], "baryon_number": baryon}


class Alike(TypedDict):
    particles: Annotated[
        list[Annotated[str, Entity("particle")]],
        says(
            "the other hadrons in the PDG table with the same valence quarks as {particle}",
            only="the only other hadron in the PDG table with the same valence quarks as {particle}",
            noun="hadron", plural="hadrons",
            ask_count="How many other hadrons in the PDG table have the same valence quarks as {particle}",
        ),
    ]  # fmt: skip
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"particle": "the B+ meson"}, {"/particles": ["the B(2)*(5747)+ meson", "the B*+ meson"]},
                "published: Particle Data Group, bottom mesons of content u b-bar"),
        example({"particle": "the Omega- baryon"}, {"/particles": ["the Omega(2250)- baryon"]},
                "published: Particle Data Group, Omega baryons"),
        example({"particle": "the photon"}, {"error": "refused"}, "identity: a photon is not made of quarks"),
    ],
    **PDG,
)  # fmt: skip
def hadrons_of_same_quarks(particle: ParticleName) -> Alike:
    """List the other hadrons with the same valence quarks as a hadron, in alphabetical order; complete for the table.

    Its excited states among them. Quarks and antiquarks are told apart, so that a particle's antiparticle is not
    listed. Refuses what is no hadron, and hadrons that are mixtures of several quark contents.
    """
    label = find_particle(particle)
    content = table()[label].quarks or ""
    if len(content) < 2:
        raise Refusal(f"{label} is not made of quarks")
    same = [n for n, row in table().items() if n != label and sorted(row.quarks or "") == sorted(content)]
    return {"particles": sorted(same), "complete": True}
