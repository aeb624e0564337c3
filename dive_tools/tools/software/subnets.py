"""Subnet plans made up for a question."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.software.addresses import PLAIN, network_of
from dive_tools.values import Entity, Part, Quantity, says, vignette


def _plans() -> list[dict[str, Any]]:
    return [
        {
            "block": f"10.{(i * 13) % 256}.0.0/{(16, 17, 18, 19, 20)[i % 5]}",
            "hosts": (25, 50, 60, 100, 120, 12, 200, 28)[i % 8],
            "sites": (6, 9, 12, 14, 20, 24, 30)[i % 7],
        }
        for i in range(160)
    ]


vignette(
    "subnet_plan",
    "the company",
    ("a company with {sites} sites", "a company"),
    {
        "block": "owns the private block {block}",
        "hosts": "wants one subnet for each site, the smallest that has room for {hosts} hosts",
    },
    samples=_plans,
    alone=" plans its network",
)
Block_ = Annotated[str, Part("subnet_plan", "block"), Meta(description="IPv4 block in CIDR form")]
Hosts = Annotated[int, Part("subnet_plan", "hosts"), Meta(ge=1, le=65000, description="hosts at a site")]
Sites = Annotated[int, Part("subnet_plan", "sites"), Meta(ge=1, le=10000, description="number of sites")]


def _prefix(hosts: int) -> int:
    return 32 - (hosts + 1).bit_length()


class Wanted(TypedDict):
    prefix: Annotated[
        int,
        Quantity("prefix length", "bits", scale="interval"),
        says(
            "the prefix length of the subnet of each site",
            noun="prefix length",
            ask="What prefix length does the subnet of each site get",
        ),
    ]
    spare: Annotated[
        int,
        Quantity("usable hosts", "host addresses"),
        says("the number of usable host addresses left over in each subnet", noun="number left over in each subnet"),
    ]


class Room(TypedDict):
    subnets: Annotated[
        int,
        Quantity("subnets", "subnets"),
        says(
            "the number of subnets of {prefix} that fit into the block",
            noun="number of subnets that fit",
            ask="How many subnets of {prefix} fit into the block",
        ),
    ]
    last: Annotated[
        str,
        Entity("ip_network"),
        says(
            "the subnet of the last site if the sites take the subnets of {prefix} in the block one after another",
            noun="subnet",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"hosts": 50}, {"/prefix": 26, "/spare": 12}, "identity: 62 hosts are the least that hold 50"),
        example({"hosts": 2}, {"/prefix": 30, "/spare": 0}, "identity: four addresses, two of them for hosts"),
        example({"hosts": 254}, {"/prefix": 24}, "identity: 256 addresses less two"),
    ],
    **PLAIN,
)
def subnet_for_hosts(hosts: Hosts) -> Wanted:
    """Compute the longest IPv4 prefix whose network holds a number of hosts besides its network and broadcast address,
    and how many host addresses remain."""
    prefix = _prefix(hosts)
    return {"prefix": prefix, "spare": 2 ** (32 - prefix) - 2 - hosts}


@tool(
    "processing",
    examples=[
        example(
            {"block": "10.0.0.0/22", "prefix": 25, "sites": 3},
            {"/subnets": 8, "/last": "10.0.1.0/25"},
            "identity: eight times 128 addresses",
        ),
        example({"block": "10.0.0.0/24", "prefix": 25, "sites": 3}, {"error": "refused"}, "identity: only two fit"),
    ],
    **PLAIN,
)
def subnet_plan(
    block: Block_,
    sites: Sites,
    prefix: Annotated[int, Quantity("prefix length", "bits"), Meta(ge=8, le=30, description="of each subnet")],
) -> Room:
    """Compute how many subnets of a prefix length fit into an IPv4 block, and the subnet of the last site when sites
    get them in order. Refuses a block that is too small."""
    whole = network_of(block)
    fit = 2 ** (prefix - whole.prefixlen) if prefix >= whole.prefixlen else 0
    if fit < sites:
        raise Refusal(f"{block} has room for {fit} such subnets only")
    start = int(whole.network_address) + (sites - 1) * 2 ** (32 - prefix)
    return {"subnets": fit, "last": f"{ipaddress.IPv4Address(start)}/{prefix}"}
