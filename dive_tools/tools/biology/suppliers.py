"""Who sells which restriction enzymes, by REBASE; enzymes that cut the same site elsewhere."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.biology.restriction import REBASE, Enzyme, find_enzyme, sold
from dive_tools.values import Entity, Quantity, entity, says


@lru_cache(maxsize=1)
def _catalogues() -> dict[str, list[str]]:
    """Enzymes with one known cut by the supplier that sells them."""
    from Bio.Restriction.Restriction_Dictionary import suppliers

    ours = {str(enzyme) for enzyme in sold() if not enzyme.cut_twice() and not enzyme.is_unknown()}
    found = {name: sorted(ours.intersection(enzymes)) for name, enzymes in suppliers.values()}
    return {name: enzymes for name, enzymes in sorted(found.items()) if enzymes}


def _catalogue(supplier: str) -> list[str]:
    asked = supplier.strip().casefold()
    for name, enzymes in _catalogues().items():
        if asked == name.casefold():
            return enzymes
    raise Refusal(f"REBASE has no supplier {supplier!r}")


entity("enzyme_supplier", "supplier", samples=lambda: list(_catalogues()),
       akin=lambda supplier: [name for name in _catalogues() if name != supplier])  # fmt: skip
Supplier = Annotated[str, Entity("enzyme_supplier"), Meta(description='name in REBASE ("New England Biolabs")')]


class Suppliers(TypedDict):
    suppliers: Annotated[
        list[Annotated[str, Entity("enzyme_supplier")]],
        says(
            "the suppliers that sell {enzyme} according to REBASE",
            only="the only supplier that sells {enzyme} according to REBASE",
            noun="supplier", plural="suppliers",
        ),
    ]  # fmt: skip
    number: Annotated[
        int,
        Quantity("number of suppliers"),
        says(
            "the number of suppliers that sell {enzyme} according to REBASE", noun="number of suppliers",
            most="largest", least="smallest", more="larger", less="smaller",
        ),
    ]  # fmt: skip
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"enzyme": "FseI"}, {"/suppliers": ["New England Biolabs"]}, "published: REBASE, FseI <N>"),
        example({"enzyme": "PmeI"}, {"/suppliers": ["New England Biolabs"]}, "published: REBASE, PmeI <N>"),
        example({"enzyme": "NoSuchI"}, {"error": "refused"}, "identity: no such enzyme"),
    ],
    **REBASE,
)
def enzyme_suppliers(enzyme: Enzyme) -> Suppliers:
    """List the suppliers that sell a restriction enzyme according to REBASE, in alphabetical order, and their number.

    The list is complete for REBASE as packaged in Biopython, and empty for an enzyme that nobody sells.
    """
    name = str(find_enzyme(enzyme))
    found = [supplier for supplier, enzymes in _catalogues().items() if name in enzymes]
    return {"suppliers": found, "number": len(found), "complete": True}


class Range(TypedDict):
    enzymes: Annotated[
        int,
        Quantity("number of restriction enzymes", additive=False),
        says(
            "the number of restriction enzymes that {supplier} sells according to REBASE",
            noun="number of restriction enzymes", most="largest", least="smallest", more="larger", less="smaller",
            ask="How many restriction enzymes does {supplier} sell according to REBASE",
        ),
    ]  # fmt: skip
    blunt: Annotated[
        int,
        Quantity("number of blunt cutters", additive=False),
        says(
            "the number of blunt cutters that {supplier} sells according to REBASE",
            noun="number of blunt cutters", most="largest", least="smallest", more="larger", less="smaller",
            ask="How many restriction enzymes that leave blunt ends does {supplier} sell according to REBASE",
        ),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"supplier": "SinaClon BioScience Co."}, {"/enzymes": 14},
                "published: REBASE, suppliers file of the packaged release"),
        example({"supplier": "Nobody"}, {"error": "refused"}, "identity: no such supplier"),
    ],
    **REBASE,
)  # fmt: skip
def supplier_range(supplier: Supplier) -> Range:
    """Look up how many restriction enzymes a supplier sells according to REBASE, and how many of them cut bluntly.

    Enzymes with one known cut, as packaged in Biopython.
    """
    enzymes = [find_enzyme(name) for name in _catalogue(supplier)]
    return {"enzymes": len(enzymes), "blunt": sum(enzyme.is_blunt() for enzyme in enzymes)}


class RareCutters(TypedDict):
    enzymes: Annotated[
        list[Annotated[str, Entity("restriction_enzyme")]],
        says(
            "the restriction enzymes sold by {supplier} that recognise exactly eight defined bases",
            only="the only restriction enzyme sold by {supplier} that recognises exactly eight defined bases",
            noun="enzyme", plural="enzymes",
            ask_count="How many restriction enzymes sold by {supplier} recognise exactly eight defined bases",
        ),
    ]  # fmt: skip
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"supplier": "Promega Corporation"}, {"/enzymes": ["NotI", "SgfI"]}, "published: REBASE, supplier R"),
        example({"supplier": "Agilent Technologies"}, {"/enzymes": []}, "published: REBASE, supplier E"),
    ],
    **REBASE,
)
def eight_base_cutters(supplier: Supplier) -> RareCutters:
    """List the restriction enzymes of a supplier whose site has exactly eight bases A, C, G or T (REBASE).

    In alphabetical order, complete for REBASE as packaged in Biopython; any N between them is not counted.
    """
    found = [name for name in _catalogue(supplier) if _defined(find_enzyme(name).site) == 8]
    return {"enzymes": found, "complete": True}


def _defined(site: str) -> int:
    return sum(base in "ACGT" for base in site)


class Neoschizomers(TypedDict):
    enzymes: Annotated[
        list[Annotated[str, Entity("restriction_enzyme")]],
        says(
            "the commercially available enzymes that cut the recognition site of {enzyme} at another place",
            only="the only commercially available enzyme that cuts the recognition site of {enzyme} at another place",
            noun="neoschizomer", plural="neoschizomers",
            ask_count="How many commercially available neoschizomers does {enzyme} have in REBASE",
        ),
    ]  # fmt: skip
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"enzyme": "SmaI"}, {"/enzymes": ["Cfr9I", "TspMI", "XmaI"]}, "published: REBASE, C^CCGGG"),
        example({"enzyme": "KpnI"}, {"/enzymes": ["Acc65I", "Asp718I"]}, "published: REBASE, G^GTACC"),
        example({"enzyme": "BamHI"}, {"/enzymes": []}, "published: REBASE, GGATCC is cut G^GATCC by all"),
    ],
    **REBASE,
)
def neoschizomers(enzyme: Enzyme) -> Neoschizomers:
    """List the commercial enzymes that recognise the same site as an enzyme but cut it at another place (REBASE).

    In alphabetical order, complete for REBASE as packaged in Biopython, possibly empty.
    """
    found = find_enzyme(enzyme).neoschizomers(sold())
    return {"enzymes": sorted(str(e) for e in found if not e.cut_twice()), "complete": True}
