"""IP networks and addresses: plans, bounds, subnets, and the registries of IANA."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Given, Quantity, entity, says

PLAIN: dict[str, Any] = {"source": "RFC 4632, by ipaddress", "licence": "PSF-2.0"}
IANA = {"needs": ("netaddr",), "source": "IANA registries, by netaddr", "licence": "CC0-1.0 (IANA), BSD-3-Clause"}
SIZE = {"most": "largest", "least": "smallest", "more": "larger", "less": "smaller"}


@lru_cache(maxsize=1)
def _networks() -> list[str]:
    """IPv4 networks of /18 to /29 inside the private and documentation blocks."""
    found = []
    for i in range(420):
        prefix = 18 + i % 12
        home = ("10.0.0.0", "172.16.0.0", "192.168.0.0")[i % 3]
        room = {"10.0.0.0": 24, "172.16.0.0": 20, "192.168.0.0": 16}[home]
        step = 2 ** (32 - prefix)
        offset = (i * 7919 * 65537) % 2**room // step * step
        found.append(f"{ipaddress.IPv4Address(int(ipaddress.IPv4Address(home)) + offset)}/{prefix}")
    return sorted(set(found), key=lambda n: ipaddress.IPv4Network(n))


@lru_cache(maxsize=1)
def _addresses() -> list[str]:
    """Addresses all over the unicast blocks that IANA has given to a regional registry or an organisation."""
    rows = [n for n in range(1, 224) if n not in (10, 127)]
    return [
        f"{n}.{(n * 37 + k * 91) % 256}.{(n * 53 + k * 17) % 256}.{(n * 29 + k * 71) % 254 + 1}"
        for n in rows
        for k in (0, 1)
    ]


def _private() -> list[str]:
    """An address inside each of the sample networks."""
    return [str(ipaddress.IPv4Network(n)[5 + (i * 7919) % (ipaddress.IPv4Network(n).num_addresses - 6)])
            for i, n in enumerate(_networks())][::2]  # fmt: skip


entity("ip_network", "network", intro="the network {}", samples=_networks)
entity("ip_address", "address", "addresses", intro="the address {}", samples=_addresses)
entity("private_address", "private address", "private addresses", intro="the private address {}", samples=_private)
Network = Annotated[str, Entity("ip_network"), Meta(description='IPv4 network in CIDR form, as "10.20.0.0/22"')]
Address = Annotated[str, Entity("ip_address"), Meta(description='IPv4 address, as "203.0.113.9"')]


def network_of(text: str) -> ipaddress.IPv4Network:
    try:
        return ipaddress.IPv4Network(text)
    except ValueError as error:
        raise Refusal(f"no IPv4 network: {error}") from None


def address_of(text: str) -> ipaddress.IPv4Address:
    try:
        return ipaddress.IPv4Address(text)
    except ValueError as error:
        raise Refusal(f"no IPv4 address: {error}") from None


class Size(TypedDict):
    hosts: Annotated[
        int,
        Quantity("usable hosts", "host addresses", additive=True),
        says(
            "the number of usable host addresses of {network}",
            noun="number of usable host addresses",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
            ask="How many usable host addresses does {network} have",
        ),
    ]
    mask: Annotated[str, says("the subnet mask of {network}", noun="subnet mask")]


@tool(
    "processing",
    examples=[
        example({"network": "192.0.2.0/24"}, {"/hosts": 254, "/mask": "255.255.255.0"}, "published: RFC 1878"),
        example({"network": "10.0.0.0/30"}, {"/hosts": 2, "/mask": "255.255.255.252"}, "published: RFC 1878"),
        example({"network": "10.0.0.1/24"}, {"error": "refused"}, "identity: host bits are set"),
    ],
    **PLAIN,
)
def network_size(network: Network) -> Size:
    """Compute how many host addresses an IPv4 network has without its network and broadcast address (two of a /31),
    and its subnet mask. Refuses a network with host bits set."""
    found = network_of(network)
    hosts = found.num_addresses - (2 if found.prefixlen < 31 else 0)
    return {"hosts": hosts, "mask": str(found.netmask)}


class Bounds(TypedDict):
    first: Annotated[str, says("the first usable host address of {network}", noun="first host address")]
    last: Annotated[str, says("the last usable host address of {network}", noun="last host address")]
    broadcast: Annotated[str, says("the broadcast address of {network}", noun="broadcast address")]


@tool(
    "processing",
    examples=[
        example(
            {"network": "192.0.2.64/26"},
            {"/first": "192.0.2.65", "/last": "192.0.2.126", "/broadcast": "192.0.2.127"},
            "identity: 64 addresses from 64 on",
        ),
        example({"network": "10.0.4.0/22"}, {"/broadcast": "10.0.7.255"}, "identity: four times 256 addresses"),
    ],
    **PLAIN,
)
def network_bounds(network: Network) -> Bounds:
    """Compute the first and last usable host address and the broadcast address of an IPv4 network up to a /30."""
    found = network_of(network)
    if found.prefixlen > 30:
        raise Refusal(f"{network} has no broadcast address")
    return {"first": str(found[1]), "last": str(found[-2]), "broadcast": str(found[-1])}


class Pieces(TypedDict):
    subnets: Annotated[
        list[Annotated[str, Entity("ip_network")]],
        says("the {parts} equal subnets of {network}", noun="subnet", plural="subnets"),
    ]
    last: Annotated[
        str,
        Entity("ip_network"),
        says(
            "the last of the {parts} equal subnets of {network}",
            noun="subnet",
            ask="Which is the last subnet if {network} is split into {parts} equal subnets",
        ),
    ]
    complete: bool


@tool(
    "processing",
    examples=[
        example(
            {"network": "10.0.0.0/22", "parts": 4},
            {"/subnets": ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"], "/last": "10.0.3.0/24"},
            "identity: four times 256 addresses",
        ),
        example({"network": "10.0.0.0/31", "parts": 4}, {"error": "refused"}, "identity: two addresses in four parts"),
    ],
    **PLAIN,
)
def split_network(network: Network, parts: Annotated[int, Given(4), Meta(ge=2, le=64)]) -> Pieces:
    """Split an IPv4 network into equal subnets, in order of address; complete. The parts must be a power of two."""
    found = network_of(network)
    bits = parts.bit_length() - 1
    if parts != 2**bits or found.prefixlen + bits > 30:
        raise Refusal(f"{network} does not split into {parts} equal subnets with hosts")
    subnets = [str(n) for n in found.subnets(prefixlen_diff=bits)]
    return {"subnets": subnets, "last": subnets[-1], "complete": True}


class Home(TypedDict):
    network: Annotated[
        str,
        Entity("ip_network"),
        says(
            "the /{prefix} network that holds {address}", noun="network", ask="Which /{prefix} network holds {address}"
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"address": "192.0.2.77", "prefix": 26}, {"/network": "192.0.2.64/26"}, "identity: 77 is 64 and 13"),
        example(
            {"address": "198.51.100.9", "prefix": 24}, {"/network": "198.51.100.0/24"}, "identity: zero last octet"
        ),
    ],
    **PLAIN,
)
def network_of_address(
    address: Annotated[str, Entity("private_address"), Meta(description="IPv4 address")],
    prefix: Annotated[int, Given(19, 20, 21, 22, 26, 27, 28), Meta(ge=0, le=32)],
) -> Home:
    """Compute the IPv4 network of a prefix length that holds an address."""
    return {"network": str(ipaddress.IPv4Network((int(address_of(address)), prefix), strict=False))}
