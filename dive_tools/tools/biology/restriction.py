"""Restriction enzymes of REBASE, and what they do to a DNA sequence."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.biology.dna import Dna
from dive_tools.values import Entity, Given, Quantity, says

REBASE: dict[str, Any] = {"needs": ("Bio",), "source": "REBASE, by Biopython", "licence": "BSD-3-Clause"}
Enzyme = Annotated[str, Entity("restriction_enzyme"), Meta(description='name in REBASE ("EcoRI")')]
VENDORS = {"N": "New England Biolabs", "B": "Thermo Fisher Scientific", "K": "Takara Bio"}
Vendor = Annotated[str, Given(VENDORS), Meta(description="REBASE code of a supplier: N, B or K")]


@lru_cache(maxsize=1)
def _enzymes() -> dict[str, Any]:
    from Bio.Restriction import AllEnzymes  # type: ignore[attr-defined]

    return {str(enzyme).casefold(): enzyme for enzyme in AllEnzymes}


def find_enzyme(text: str) -> Any:
    """The Biopython class of a restriction enzyme; Refusal when REBASE has none or it cuts on both sides."""
    found = _enzymes().get(text.strip().casefold())
    if found is None or found.cut_twice() or found.is_unknown():
        raise Refusal(f"no restriction enzyme named {text!r} with one known cut")
    return found


@cache
def sold() -> Any:
    from Bio.Restriction import CommOnly  # type: ignore[attr-defined]

    return CommOnly


@cache
def _sold_by(vendor: str) -> Any:
    from Bio.Restriction import RestrictionBatch  # type: ignore[attr-defined]

    if vendor not in VENDORS:
        raise Refusal(f"the suppliers are {VENDORS}")
    batch = RestrictionBatch(first=[], suppliers=[vendor])
    return RestrictionBatch([e for e in batch if len(e.site) >= 6 and not e.cut_twice() and not e.is_unknown()])


class EnzymeRecord(TypedDict):
    name: Annotated[str, says(quiet=True)]
    site: Annotated[
        str,
        says(
            "the recognition site of {enzyme}", noun="recognition site",
            ask="Which DNA sequence, 5' to 3', does {enzyme} recognise",
        ),
    ]  # fmt: skip
    ends: Annotated[
        str,
        says("the kind of ends that {enzyme} leaves", noun="kind of ends", ask="What kind of ends does {enzyme} leave"),
    ]
    overhang: Annotated[
        int | None,
        Quantity("overhang length", "bases"),
        says(
            "the length of the overhang that {enzyme} leaves", noun="length of the overhang",
            most="longest", least="shortest", more="longer", less="shorter",
        ),
    ]  # fmt: skip
    spacing: Annotated[
        float,
        Quantity("expected site spacing", "base pairs"),
        says(
            "the expected site spacing of {enzyme} in uniformly random DNA",
            noun="expected site spacing",
            most="longest", least="shortest", more="longer", less="shorter",
        ),
    ]  # fmt: skip


@tool(
    "retrieval",
    version="2",
    examples=[
        example({"enzyme": "EcoRI"}, {"/site": "GAATTC", "/ends": "5' overhang", "/overhang": 4, "/spacing": 4096.0},
                "published: REBASE, EcoRI G^AATTC"),
        example({"enzyme": "smai"}, {"/name": "SmaI", "/ends": "blunt", "/overhang": None},
                "published: REBASE, CCC^GGG"),
        example({"enzyme": "NotI"}, {"/spacing": 65536.0}, "identity: four to the power of eight"),
    ],
    **REBASE,
)  # fmt: skip
def restriction_enzyme(enzyme: Enzyme) -> EnzymeRecord:
    """Look up a restriction enzyme in REBASE: recognition site, ends, overhang, spacing.

    Ends are blunt or a 5' or 3' overhang; the length of the overhang is null for blunt ends.

    Spacing is the mean distance in base pairs between sites in random DNA with all bases equally frequent.
    Refuses unknown names and enzymes that cut on both sides of their site.
    """
    found = find_enzyme(enzyme)
    return {
        "name": str(found),
        "site": found.site,
        "ends": found.overhang(),
        "overhang": abs(found.ovhg) or None,
        "spacing": float(found.frequency()),
    }


class SameSite(TypedDict):
    enzymes: Annotated[
        list[Annotated[str, Entity("restriction_enzyme")]],
        says(
            "the commercially available isoschizomers of {enzyme} in Biopython's REBASE data", noun="enzyme",
            plural="enzymes",
            ask_count="How many commercially available isoschizomers of {enzyme} are there in Biopython's REBASE data",
        ),
    ]  # fmt: skip
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"enzyme": "SmaI"}, {"/enzymes": ["Cfr9I", "TspMI", "XmaI"]}, "published: REBASE, CCCGGG"),
        example({"enzyme": "KpnI"}, {"/enzymes": ["Acc65I", "Asp718I"]}, "published: REBASE, GGTACC"),
    ],
    **REBASE,
)
def isoschizomers(enzyme: Enzyme) -> SameSite:
    """List the other commercially available enzymes with the same recognition site in REBASE, wherever they cut.

    Neoschizomers are thus included. The list is complete for REBASE as packaged in Biopython.
    """
    found = find_enzyme(enzyme)
    same = [e for e in sold() if e.site == found.site and e is not found and not e.cut_twice()]
    return {"enzymes": sorted(map(str, same)), "complete": True}


class Compatible(TypedDict):
    enzymes: Annotated[
        list[Annotated[str, Entity("restriction_enzyme")]],
        says(
            "the enzymes sold by {vendor} (sites of six or more bases) whose ends are compatible with those of "
            "{enzyme}",
            noun="enzyme", plural="enzymes",
            ask_count="How many enzymes sold by {vendor} (sites of six or more bases) have ends compatible with those "
            "of {enzyme}",
        ),
    ]  # fmt: skip
    complete: bool


@tool(
    "retrieval",
    version="2",
    examples=[
        example({"enzyme": "BamHI", "vendor": "N"}, {"/enzymes/0": "BclI", "/enzymes/1": "BglII"},
                "published: BamHI, BclI and BglII all leave GATC"),
        example({"enzyme": "SmaI", "vendor": "K"}, {"/enzymes/0": "Aor51HI"},
                "published: REBASE, AGC^GCT of Takara; blunt ends fit any blunt end"),
    ],
    **REBASE,
)  # fmt: skip
def compatible_ends(enzyme: Enzyme, vendor: Vendor) -> Compatible:
    """List a supplier's enzymes (sites of six or more bases) whose overhangs can be ligated to those of an enzyme.

    By REBASE in Biopython, complete for the supplier; the enzyme itself is left out. Blunt ends fit all blunt ends.
    Refuses enzymes whose overhang is not defined by the site.
    """
    found = find_enzyme(enzyme)
    if not found.is_defined():
        raise Refusal(f"the site of {found} does not say which ends it leaves")
    fitting = set(found.compatible_end())
    same = [e for e in _sold_by(vendor) if e in fitting and e is not found and e.is_defined()]
    return {"enzymes": sorted(map(str, same)), "complete": True}


class SingleCutters(TypedDict):
    enzymes: Annotated[
        list[Annotated[str, Entity("restriction_enzyme")]],
        says(
            "the enzymes sold by {vendor} (sites of six or more bases) that cut {dna} once",
            noun="enzyme", plural="enzymes",
            ask_count="How many enzymes sold by {vendor}, with sites of six or more bases, cut {dna} exactly once",
        ),
    ]  # fmt: skip
    complete: bool


@tool(
    "processing",
    examples=[
        example({"dna": "AAAAAGAATTCAAAAA", "vendor": "K"}, {"/enzymes": ["EcoRI"]},
                "identity: the only palindrome of six in it"),
        example({"dna": "AAAAAAAAAAAA", "vendor": "N"}, {"/enzymes": []}, "identity: no site consists of A alone"),
    ],
    **REBASE,
)  # fmt: skip
def single_cutters(dna: Dna, vendor: Vendor) -> SingleCutters:
    """List the enzymes of a supplier (sites of six or more bases, REBASE in Biopython) that cut a linear DNA once."""
    from Bio.Seq import Seq

    found = _sold_by(vendor).search(Seq(dna), linear=True)
    return {"enzymes": sorted(str(e) for e, places in found.items() if len(places) == 1), "complete": True}


class ExpectedSites(TypedDict):
    sites: Annotated[
        float,
        Quantity("expected number of sites", additive=True),
        says(
            "the number of sites to expect from {spacing} in {genome}",
            noun="expected number of sites", most="largest", least="smallest", more="larger", less="smaller",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"spacing": 4096.0, "genome": 48502}, {"/sites": 11.84130859}, "identity: 48502 / 4096"),
        example({"spacing": 65536.0, "genome": 4641652}, {"/sites": 70.82598877}, "identity: 4641652 / 65536"),
    ],
    source="definition",
)
def expected_restriction_sites(
    spacing: Annotated[float, Quantity("expected site spacing", "base pairs"), Meta(description="base pairs", gt=0)],
    genome: Annotated[
        int,
        Given({48502: "48,502 base pairs (phage lambda)", 4641652: "4,641,652 base pairs (Escherichia coli MG1655)"}),
        Meta(description="length of the DNA in base pairs", ge=1),
    ],
) -> ExpectedSites:
    """Divide the length of a DNA by the expected distance between sites: the expected number of sites, unrounded."""
    return {"sites": genome / spacing}
