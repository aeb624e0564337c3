"""Species: names, orders and chromosome numbers."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.biology.peptide_table import PEPTIDES
from dive_tools.tools.biology.species_table import SPECIES
from dive_tools.values import Entity, Quantity, says

TABLE: dict[str, Any] = {"source": "NCBI Taxonomy and karyotype tables, a table of dive-tools", "licence": "facts"}
Species = Annotated[str, Entity("species"), Meta(description='scientific or English name ("Bos taurus", "cattle")')]


def find_species(text: str) -> str:
    """The scientific name of a species given by scientific or English name; Refusal when the table has none."""
    folded = text.strip().casefold()
    found = next((n for n, row in SPECIES.items() if folded in (n.casefold(), str(row["common"]).casefold())), None)
    if found is None:
        raise Refusal(f"no species {text!r} in the species table")
    return found


class Taxonomy(TypedDict):
    name: Annotated[str, says(quiet=True)]
    family: Annotated[str, says("the taxonomic family of {species}", noun="taxonomic family")]
    order: Annotated[
        str,
        Entity("taxonomic_order"),
        says(
            "the taxonomic order of {species}", noun="taxonomic order",
            ask="To which taxonomic order does {species} belong",
        ),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"species": "cattle"}, {"/name": "Bos taurus", "/family": "Bovidae", "/order": "Artiodactyla"},
                "published: NCBI Taxonomy 9913"),
        example({"species": "Apis mellifera"}, {"/order": "Hymenoptera"}, "published: NCBI Taxonomy 7460"),
        example({"species": "unicorn"}, {"error": "refused"}, "identity: no such species"),
    ],
    **TABLE,
)  # fmt: skip
def species_taxonomy(species: Species) -> Taxonomy:
    """Look up the family and order of a species of the species table of dive-tools (model and domestic organisms)."""
    name = find_species(species)
    return {"name": name, "family": str(SPECIES[name]["family"]), "order": str(SPECIES[name]["order"])}


class OrderSpecies(TypedDict):
    species: Annotated[
        list[Annotated[str, Entity("species")]],
        says(
            "the species of {order} in the species table", noun="species", plural="species",
            ask_count="How many species of {order} does the species table list",
        ),
    ]  # fmt: skip
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"order": "Perissodactyla"}, {"/species": ["Equus asinus", "Equus caballus"]},
                "published: NCBI Taxonomy: horse and donkey are odd-toed ungulates"),
        example({"order": "Galliformes"}, {"/species": ["Coturnix japonica", "Gallus gallus", "Meleagris gallopavo"]},
                "published: NCBI Taxonomy: the domestic landfowl"),
    ],
    **TABLE,
)  # fmt: skip
def species_of_order(
    order: Annotated[str, Entity("taxonomic_order"), Meta(description='taxonomic order ("Poales")')],
) -> OrderSpecies:
    """List the species of a taxonomic order in the species table of dive-tools; complete for that table."""
    found = sorted(name for name, row in SPECIES.items() if str(row["order"]).casefold() == order.strip().casefold())
    if not found:
        raise Refusal(f"the species table has no species of the order {order!r}")
    return {"species": found, "complete": True}


class Karyotype(TypedDict):
    diploid: Annotated[
        int,
        Quantity("chromosome number", "chromosomes"),
        says(
            "the diploid chromosome number of {species}", noun="diploid chromosome number",
            ask="How many chromosomes does a somatic cell of {species} have",
        ),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"species": "Homo sapiens"}, {"/diploid": 46}, "published: Tjio and Levan 1956"),
        example({"species": "fruit fly"}, {"/diploid": 8}, "published: Drosophila melanogaster, 2n = 8"),
        example({"species": "Escherichia coli"}, {"error": "refused"}, "identity: a bacterium is not diploid"),
    ],
    **TABLE,
)
def chromosome_number(species: Species) -> Karyotype:
    """Look up the number of chromosomes in a somatic (diploid, 2n) cell; refuses where the table gives none."""
    name = find_species(species)
    if not SPECIES[name]["chromosomes"]:
        raise Refusal(f"the species table gives no chromosome number for {name}")
    return {"diploid": int(SPECIES[name]["chromosomes"])}


class SpeciesPeptides(TypedDict):
    peptides: Annotated[
        list[Annotated[str, Entity("peptide")]],
        says(
            "the peptides and proteins that the peptide table lists for {species}", noun="peptide", plural="peptides",
            ask_count="How many peptides and proteins does the peptide table list for {species}",
        ),
    ]  # fmt: skip
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"species": "honey bee"}, {"/peptides": ["apamin", "melittin"]}, "published: UniProt P01500, P01501"),
        example({"species": "Xenopus laevis"}, {"/peptides": ["magainin-1", "magainin-2"]},
                "published: UniProt P11006"),
        example({"species": "Danio rerio"}, {"/peptides": []}, "identity: the table has no zebrafish peptide"),
    ],
    **TABLE,
)  # fmt: skip
def peptides_of_species(species: Species) -> SpeciesPeptides:
    """List the peptides and proteins of a species in the peptide table of dive-tools, complete for that table.

    An empty list means that the table has none of this species.
    """
    name = find_species(species)
    found = sorted(peptide for peptide, row in PEPTIDES.items() if row[1] == SPECIES[name]["common"])
    return {"peptides": found, "complete": True}
