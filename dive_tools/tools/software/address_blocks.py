"""IANA's registry of the IPv4 address space."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, TypedDict

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.software.addresses import Address, address_of
from dive_tools.values import Entity, Quantity, entity, says

IANA = {"needs": ("netaddr",), "source": "IANA registries, by netaddr", "licence": "CC0-1.0 (IANA), BSD-3-Clause"}


@lru_cache(maxsize=1)
def _blocks() -> dict[int, dict[str, str]]:
    """The rows of IANA's IPv4 address space registry by first octet."""
    import os
    from xml.etree import ElementTree

    import netaddr.ip

    path = os.path.join(os.path.dirname(netaddr.ip.__file__), "ipv4-address-space.xml")
    space = "{http://www.iana.org/assignments}"
    found = {}
    for row in ElementTree.parse(path).getroot().iter(space + "record"):
        cells = {cell.tag.removeprefix(space): (cell.text or "").strip() for cell in row}
        if "prefix" in cells:
            found[int(cells["prefix"].partition("/")[0])] = cells
    return found


class Block(TypedDict):
    designation: Annotated[
        str,
        Entity("address_registry"),
        says(
            "the designation of the /8 block of {address} in the IANA registry",
            noun="designation",
            scope="in the IANA registry",
            ask="How does the IANA registry designate the /8 block of {address}",
        ),
    ]
    status: Annotated[str, says("the status of the /8 block of {address} in the IANA registry", noun="status")]
    year: Annotated[
        int,
        Quantity("year", scale="ordinal"),
        says(
            "the year of allocation of the /8 block of {address} in the IANA registry",
            noun="year of allocation",
            scope="in the IANA registry",
            most="latest",
            least="earliest",
            more="later",
            less="earlier",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"address": "1.1.1.1"},
            {"/designation": "APNIC", "/status": "ALLOCATED", "/year": 2010},
            "published: IANA IPv4 Address Space Registry, 001/8",
        ),
        example(
            {"address": "2.4.6.8"},
            {"/designation": "RIPE NCC", "/year": 2009},
            "published: IANA IPv4 Address Space Registry, 002/8",
        ),
        example({"address": "300.1.1.1"}, {"error": "refused"}, "identity: no IPv4 address"),
    ],
    **IANA,  # type: ignore[arg-type]
)
def ipv4_block_registration(address: Address) -> Block:
    """Look up the /8 block of an IPv4 address in IANA's address space registry: its designation, status and the year
    of allocation. Refuses a block without a date."""
    row = _blocks().get(int(address_of(address)) >> 24, {})
    if not row.get("date"):
        raise Refusal(f"the IANA registry gives no date for the block of {address}")
    return {"designation": row["designation"], "status": row["status"], "year": int(row["date"][:4])}


entity("address_registry", "designation", intro="{}")


class Given8(TypedDict):
    block: Annotated[str, Entity("address_block")]
    year: Annotated[
        int,
        Quantity("year", scale="ordinal"),
        says(
            "the year of allocation of {block}",
            noun="year of allocation",
            most="latest",
            least="earliest",
            more="later",
            less="earlier",
        ),
    ]


class Blocks(TypedDict):
    blocks: Annotated[
        list[Given8],
        says(
            "the /8 blocks that bear {designation} in the IANA registry",
            noun="block",
            plural="blocks",
            ask_count="How many /8 blocks bear {designation} in the IANA registry",
        ),
    ]
    complete: bool


entity("address_block", "block")


@tool(
    "retrieval",
    examples=[
        example(
            {"designation": "AFRINIC"},
            {"/blocks/0": {"block": "41.0.0.0/8", "year": 2005}},
            "published: IANA IPv4 Address Space Registry",
        ),
        example({"designation": "Nonesuch"}, {"error": "refused"}, "identity: no such designation"),
    ],
    **IANA,  # type: ignore[arg-type]
)
def blocks_of_designation(designation: Annotated[str, Entity("address_registry")]) -> Blocks:
    """List the /8 blocks of IANA's IPv4 address space registry that bear a designation (a regional registry, as
    "APNIC", or an organisation), with their years of allocation, in order of address; complete."""
    rows = [(n, row) for n, row in sorted(_blocks().items()) if row["designation"] == designation and row.get("date")]
    if not rows:
        raise Refusal(f"the IANA registry designates no block as {designation!r}")
    return {"blocks": [{"block": f"{n}.0.0.0/8", "year": int(r["date"][:4])} for n, r in rows], "complete": True}
