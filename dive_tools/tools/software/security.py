"""CVSS vectors, checksums of cache keys, and the room in identifiers."""

from __future__ import annotations

import hashlib
import zlib
from functools import lru_cache
from itertools import product
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Given, Quantity, entity, says

CVSS = {"needs": ("cvss",), "source": "CVSS 3.1 specification of FIRST, by cvss", "licence": "LGPL-3.0-or-later"}
STANDARD: dict[str, Any] = {"source": "standard library of Python", "licence": "PSF-2.0"}
_METRICS = {"AV": "NALP", "AC": "LH", "PR": "NLH", "UI": "NR", "S": "UC", "C": "HLN", "I": "HLN", "A": "HLN"}


@lru_cache(maxsize=1)
def _vectors() -> list[str]:
    """CVSS 3.1 base vectors with some impact, every seventh of all."""
    rows = [dict(zip(_METRICS, values, strict=True)) for values in product(*_METRICS.values())]
    rows = [row for row in rows if {row["C"], row["I"], row["A"]} != {"N"}]
    return ["CVSS:3.1/" + "/".join(f"{k}:{v}" for k, v in row.items()) for row in rows[::6]]


def _one_off(vector: str) -> list[str]:
    mine = vector.split("/")
    return [v for v in _vectors() if sum(a != b for a, b in zip(mine, v.split("/"), strict=True)) in (1, 2)][:24]


entity("cvss_vector", "CVSS vector", samples=_vectors, akin=_one_off)
Vector = Annotated[str, Entity("cvss_vector"), Meta(description='base vector, as "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/…"')]


def _read(vector: str) -> Any:
    from cvss import CVSS3
    from cvss.exceptions import CVSSError

    try:
        return CVSS3(vector)
    except CVSSError as error:
        raise Refusal(str(error)) from None


class Score(TypedDict):
    score: Annotated[
        float,
        Quantity("CVSS base score", scale="interval"),
        says("the CVSS base score of {vector}", noun="CVSS base score"),
    ]
    severity: Annotated[
        str,
        says("the CVSS severity rating of {vector}", noun="severity rating"),
    ]


class Temporal(TypedDict):
    score: Annotated[
        float,
        Quantity("CVSS temporal score", scale="interval"),
        says("the CVSS temporal score of {vector} with {exploit} and {remedy}", noun="CVSS temporal score"),
    ]


WORST = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"


@tool(
    "processing",
    examples=[
        example({"vector": WORST}, {"/score": 10.0, "/severity": "Critical"}, "published: CVSS 3.1 specification"),
        example(
            {"vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"},
            {"/score": 6.1, "/severity": "Medium"},
            "published: CVSS 3.1 examples, CVE-2013-1937",
        ),
        example({"vector": "CVSS:3.1/AV:N"}, {"error": "refused"}, "identity: metrics are missing"),
    ],
    **CVSS,  # type: ignore[arg-type]
)
def cvss_base_score(vector: Vector) -> Score:
    """Compute the base score (0 to 10) and the qualitative severity rating of a CVSS 3.0 or 3.1 vector.

    Refuses a vector that is malformed or lacks a base metric.
    """
    found = _read(vector)
    return {"score": float(found.scores()[0]), "severity": found.severities()[0]}


@tool(
    "processing",
    examples=[
        example(
            {"vector": WORST, "exploit": "H", "remedy": "U"}, {"/score": 10.0}, "published: CVSS 3.1, weights of 1"
        ),
        example(
            {"vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", "exploit": "P", "remedy": "O"},
            {"/score": 5.5},
            "identity: 6.1 times 0.94 times 0.95, rounded up",
        ),
    ],
    **CVSS,  # type: ignore[arg-type]
)
def cvss_temporal_score(
    vector: Vector,
    exploit: Annotated[
        str,
        Given(
            {
                "P": "only proof-of-concept exploit code (E:P)",
                "F": "functional exploit code (E:F)",
                "U": "no proven exploit (E:U)",
            }
        ),
        Meta(description="exploit code maturity: H, F, P or U", pattern="^[HFPU]$"),
    ],
    remedy: Annotated[
        str,
        Given({"O": "an official fix (RL:O)", "W": "a workaround (RL:W)", "U": "no remedy available (RL:U)"}),
        Meta(description="remediation level: U, W, T or O", pattern="^[UWTO]$"),
    ],
) -> Temporal:
    """Compute the temporal score (0 to 10) of a CVSS 3.1 base vector with an exploit code maturity and a remediation
    level, the report confidence left undefined."""
    if "/E:" in vector or "/RL:" in vector:
        raise Refusal("the vector holds temporal metrics already")
    _read(vector)
    return {"score": float(_read(f"{vector}/E:{exploit}/RL:{remedy}").scores()[1])}


# --- keys and their checksums -----------------------------------------------------------------------------------------


def _keys() -> list[str]:
    kinds = ("user:{}", "order-{}", "session/{}", "invoice_{}", "img/{}.png", "cart:{}", "build-{}", "tenant/{}/config")
    return [kinds[i % 8].format(1000 + (i * 7919) % 9000) for i in range(320)]


entity("cache_key", "key", intro='the key "{}"', samples=_keys)
Key = Annotated[str, Entity("cache_key"), Meta(description="a text, taken as UTF-8", max_length=2000)]


class Sums(TypedDict):
    crc32: Annotated[
        str,
        says(
            "the CRC-32 of {key} in eight hexadecimal digits",
            noun="CRC-32",
            ask="What is the CRC-32 of {key}, in eight hexadecimal digits",
        ),
    ]
    sha256: Annotated[
        str,
        says(
            "the first eight hexadecimal digits of the SHA-256 of {key}",
            noun="SHA-256 prefix",
            ask="What are the first eight hexadecimal digits of the SHA-256 of {key}",
        ),
    ]
    number: Annotated[
        int,
        Quantity("CRC-32 value"),
        says("the CRC-32 of {key} as an unsigned integer", noun="CRC-32 value"),
    ]


class Shard(TypedDict):
    shard: Annotated[
        int,
        Quantity("shard number", scale="ordinal"),
        says(
            "the shard number that {crc} modulo {shards} gives",
            noun="shard number",
            ask="A key goes to the shard numbered by its CRC-32 modulo {shards}; to which shard does {crc} send it",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"key": "123456789"}, {"/crc32": "cbf43926", "/number": 3421780262}, "published: CRC-32/ISO-HDLC check"
        ),
        example({"key": "abc"}, {"/sha256": "ba7816bf"}, "published: FIPS 180-4 examples, SHA-256 of abc"),
    ],
    **STANDARD,
)
def key_checksums(key: Key) -> Sums:
    """Compute the CRC-32 of a text in UTF-8 (eight lowercase hexadecimal digits, and as an unsigned integer) and the
    first eight hexadecimal digits of its SHA-256."""
    raw = key.encode()
    crc = zlib.crc32(raw)
    return {"crc32": f"{crc:08x}", "sha256": hashlib.sha256(raw).hexdigest()[:8], "number": crc}


@tool(
    "processing",
    examples=[
        example({"crc": 3421780262, "shards": 16}, {"/shard": 6}, "identity: the last hexadecimal digit"),
        example({"crc": 100, "shards": 12}, {"/shard": 4}, "identity: 100 is 8 times 12 and 4"),
    ],
    **STANDARD,
)
def shard_of_checksum(
    crc: Annotated[int, Quantity("CRC-32 value"), Meta(ge=0, le=4294967295)],
    shards: Annotated[int, Given(6, 10, 12, 24), Meta(ge=1, le=65536)],
) -> Shard:
    """Compute the number of the shard that a checksum modulo the number of shards leads to, counted from 0."""
    return {"shard": crc % shards}
