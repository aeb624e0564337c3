"""Random identifiers made up for a question: entropy and collisions."""

from __future__ import annotations

import math
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import example, tool
from dive_tools.values import Part, Quantity, says, vignette


def _identifiers() -> list[dict[str, Any]]:
    found = []
    for i in range(84):
        size = (16, 36, 62, 10, 64, 26, 32)[i % 7]
        bits = (30, 36, 40, 44, 48, 52)[i % 6]
        length = math.ceil(bits / math.log2(size))
        count = (1, 2, 3, 5)[i % 4] * 10 ** (len(str(math.isqrt(size**length))) - 2)
        found.append({"size": size, "length": length, "count": count})
    return found


vignette(
    "random_identifier",
    "the service",
    "each identifier that a service gives out at random",
    {
        "length": "is {length} characters long",
        "size": "takes each of its characters evenly from {size} possible ones",
        "count": "is one of {count} such identifiers",
    },
    samples=_identifiers,
)
Size = Annotated[int, Part("random_identifier", "size"), Meta(ge=2, le=256, description="characters to draw from")]
Length = Annotated[int, Part("random_identifier", "length"), Meta(ge=1, le=64, description="characters of each")]
Count = Annotated[int, Part("random_identifier", "count"), Meta(ge=2, le=10**15, description="identifiers given out")]


class Entropy(TypedDict):
    bits: Annotated[
        float,
        Quantity("entropy", "bits"),
        says(
            "the entropy of each identifier", noun="entropy", ask="How many bits of entropy does each identifier have"
        ),
    ]


class Collision(TypedDict):
    probability: Annotated[
        float,
        Quantity("collision probability", "percent"),
        says(
            "the probability that at least two of the identifiers are equal at {bits}, by the birthday approximation",
            noun="collision probability",
        ),
    ]


class Safe(TypedDict):
    count: Annotated[
        float,
        Quantity("identifiers", "identifiers"),
        says(
            "the number of identifiers of {bits} after which a collision is as likely as not, by the birthday "
            "approximation",
            noun="number of identifiers",
            ask="After how many identifiers of {bits} is a collision as likely as not, by the birthday approximation",
        ),
    ]


BIRTHDAY: dict[str, Any] = {"source": "birthday approximation 1 − exp(−n(n − 1)/2N)", "licence": "public domain"}


@tool(
    "processing",
    examples=[
        example({"size": 16, "length": 32}, {"/bits": 128}, "identity: four bits for each hexadecimal digit"),
        example({"size": 64, "length": 11}, {"/bits": 66}, "identity: six bits for each character"),
    ],
    **BIRTHDAY,
)
def identifier_entropy(size: Size, length: Length) -> Entropy:
    """Compute the entropy in bits of identifiers whose characters are drawn evenly and independently."""
    return {"bits": length * math.log2(size)}


@tool(
    "processing",
    examples=[
        example(
            {"bits": 32, "count": 77163},
            {"/probability": 50.0},
            "identity: 77163 is √(2 ln 2 · 2^32), where the probability is one half",
            tolerance=1e-3,
        ),
        example({"bits": 128, "count": 1}, {"error": "bad_arguments"}, "identity: one value is equal to no other"),
    ],
    **BIRTHDAY,
)
def collision_probability(
    bits: Annotated[float, Quantity("entropy", "bits"), Meta(gt=0, le=512)], count: Count
) -> Collision:
    """Compute the probability in percent that at least two of so many random values of an entropy in bits are equal,
    by the birthday approximation 1 − exp(−n(n − 1)/2N)."""
    return {"probability": -100 * math.expm1(-count * (count - 1) / 2 / 2.0**bits)}


@tool(
    "processing",
    examples=[
        example({"bits": 32}, {"/count": math.sqrt(2 * math.log(2) * 2**32)}, "identity: half is 1 − exp(−n²/2N)"),
        example({"bits": 64}, {"/count": math.sqrt(2 * math.log(2)) * 2**32}, "identity: half is 1 − exp(−n²/2N)"),
    ],
    **BIRTHDAY,
)
def even_collision_count(bits: Annotated[float, Quantity("entropy", "bits"), Meta(gt=0, le=512)]) -> Safe:
    """Compute how many random values of an entropy in bits make a collision as likely as not: √(2 ln 2 · 2^bits)."""
    return {"count": math.sqrt(2 * math.log(2) * 2.0**bits)}
