"""Cleavage of peptides by proteases and reagents, and the peptides that come out of it."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.biology.peptide_table import PEPTIDES
from dive_tools.tools.biology.peptides import Chain, DigestPeptide
from dive_tools.tools.biology.types import AGENTS, AMINO_ACIDS
from dive_tools.values import Entity, Given, Quantity, says

PYTEOMICS: dict[str, Any] = {"needs": ("pyteomics",), "licence": "Apache-2.0"}
Agent = Annotated[
    str, Entity("cleavage_agent"), Given(*AGENTS), Meta(description='protease or reagent ("trypsin", "Lys-C")')
]


def find_agent(text: str) -> str:
    """The table's name of a protease or reagent; Refusal when there is none."""
    found = next((name for name in AGENTS if name.casefold() == text.strip().casefold()), None)
    if found is None:
        raise Refusal(f"no cleavage rule for {text!r}; there are {', '.join(AGENTS)}")
    return found


class Rule(TypedDict):
    amino_acids: Annotated[
        list[Annotated[str, Entity("amino_acid")]],
        says(
            "the amino acids next to which {agent} cuts by the PeptideCutter rules", noun="amino acid",
            plural="amino acids",
            ask_count="Next to how many kinds of amino acid does {agent} cut by the PeptideCutter rules",
        ),
    ]  # fmt: skip
    side: Annotated[str, says(quiet=True)]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"agent": "trypsin"}, {"/amino_acids": ["arginine", "lysine"], "/side": "C-terminal"},
                "published: ExPASy PeptideCutter, trypsin"),
        example({"agent": "Asp-N"}, {"/amino_acids": ["aspartic acid"], "/side": "N-terminal"},
                "published: ExPASy PeptideCutter, Asp-N endopeptidase"),
    ],
    source="ExPASy PeptideCutter", licence="facts",
)  # fmt: skip
def cleavage_rule(agent: Agent) -> Rule:
    """Look up next to which amino acids a protease or reagent cuts, and on their C-terminal or N-terminal side.

    Trypsin and chymotrypsin do not cut before proline; trypsin has further exceptions in the PeptideCutter rules.
    """
    _, letters, side = AGENTS[find_agent(agent)]
    return {
        "amino_acids": sorted(AMINO_ACIDS[letter] for letter in letters),
        "side": f"{side}-terminal",
        "complete": True,
    }


class Digest(TypedDict):
    peptides: Annotated[
        list[Annotated[str, Entity("digest_peptide")]],
        says(
            "the different peptides that {agent} cuts {sequence} into by the PeptideCutter rules",
            noun="peptide", plural="peptides",
            ask_count="Into how many different peptides does {agent} cut {sequence} by the PeptideCutter rules",
        ),
    ]  # fmt: skip
    complete: bool


@tool(
    "processing",
    examples=[
        example({"sequence": PEPTIDES["insulin chain B"][2], "agent": "trypsin"},
                {"/peptides": ["FVNQHLCGSHLVEALYLVCGER", "GFFYTPK", "T"]}, "published: trypsin cuts B22 and B29"),
        example({"sequence": PEPTIDES["glucagon"][2], "agent": "cyanogen bromide"},
                {"/peptides": ["HSQGTFTSDYSKYLDSRRAQDFVQWLM", "NT"]}, "published: glucagon has one Met, at 27"),
        example({"sequence": "AGAG", "agent": "Lys-C"}, {"/peptides": ["AGAG"]}, "identity: no lysine, no cut"),
    ],
    **PYTEOMICS,
)  # fmt: skip
def complete_digestion(sequence: Chain, agent: Agent) -> Digest:
    """Cut an amino acid chain with a protease or reagent, without missed cleavages (PeptideCutter rules, pyteomics).

    Lists the different peptides in the order of the chain; the list is complete.
    """
    from pyteomics import parser

    rule = parser.expasy_rules[AGENTS[find_agent(agent)][0]]
    exception = parser.expasy_rules["trypsin_exception"] if agent.strip().casefold() == "trypsin" else None
    found = parser.icleave(sequence, rule, missed_cleavages=0, exception=exception, regex=True)
    return {"peptides": list(dict.fromkeys(p for _, p in sorted(found))), "complete": True}


class Ion(TypedDict):
    mz: Annotated[
        float,
        Quantity("mass-to-charge ratio"),
        says(
            "the monoisotopic m/z of {peptide} with {charge}",
            noun="monoisotopic m/z",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"peptide": "DRVYIHPF", "charge": 1}, {"/mz": 1046.5418},
                "published: angiotensin II [M+H]+, a MALDI calibrant", tolerance=1e-6),
        example({"peptide": "RPPGFSPFR", "charge": 2}, {"/mz": 530.788}, "published: [M+2H]2+", tolerance=1e-5),
    ],
    **PYTEOMICS,
)  # fmt: skip
def peptide_ion(
    peptide: DigestPeptide,
    charge: Annotated[
        int,
        Given({1: "one added proton", 2: "two added protons", 3: "three added protons"}),
        Meta(description="number of added protons", ge=1, le=10),
    ],
) -> Ion:
    """Compute the monoisotopic mass-to-charge ratio of a peptide with `charge` added protons (pyteomics)."""
    from pyteomics import mass

    return {"mz": mass.fast_mass(peptide, charge=charge)}


class PeptideHydropathy(TypedDict):
    hydropathy: Annotated[
        float,
        Quantity("peptide hydropathy sum", scale="interval"),
        says(
            "the summed Kyte–Doolittle hydropathy of {peptide}", noun="summed Kyte–Doolittle hydropathy",
            ask="How large is the sum of the Kyte–Doolittle hydropathy indices of the residues of {peptide}",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"peptide": "GFFYTPK"}, {"/hydropathy": -2.3},
                "identity: -0.4 + 2.8 + 2.8 - 1.3 - 0.7 - 1.6 - 3.9, by Kyte and Doolittle 1982"),
        example({"peptide": "IV"}, {"/hydropathy": 8.7}, "published: Kyte and Doolittle 1982: 4.5 and 4.2"),
    ],
    needs=("Bio",),
)  # fmt: skip
def peptide_hydropathy(peptide: DigestPeptide) -> PeptideHydropathy:
    """Add up the Kyte–Doolittle hydropathy indices of the residues of a peptide."""
    from Bio.SeqUtils.ProtParamData import kd

    return {"hydropathy": round(sum(kd[letter] for letter in peptide), 6)}
