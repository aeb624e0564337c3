"""Number theory on positive integers; exact, in plain Python."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Quantity, entity, says

LARGEST = 10**12

# --- entities -------------------------------------------------------------------------------------------------------


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _numbers() -> list[int]:
    """Numbers with three or more different prime factors, one of them repeated."""
    parts = {n: factorise(n) for n in range(360, 8000, 6)} | {n: factorise(n) for n in range(315, 8000, 14)}
    found = sorted(n for n, primes in parts.items() if len(primes) > 2 and any(power > 1 for _, power in primes))
    return found[::2]


INTEGER = entity("positive_integer", "positive integer", samples=lambda: _numbers(), valid=_is_whole)

Positive = Annotated[
    int, Entity("positive_integer"), Meta(description="positive integer, at most 10^12", ge=1, le=LARGEST)
]
Whole = Annotated[int, Entity("positive_integer"), Quantity("whole number")]
# a type that no tool takes: what number theory says of a prime is known without asking
entity("prime_number", "prime number")
Prime = Annotated[int, Entity("prime_number")]

# --- integers -------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def factorise(number: int) -> tuple[tuple[int, int], ...]:
    """((prime, exponent), …) in rising order."""
    found, rest, p = [], number, 2
    while p * p <= rest:
        power = 0
        while rest % p == 0:
            rest, power = rest // p, power + 1
        if power:
            found.append((p, power))
        p += 1 if p == 2 else 2
    return (*found, (rest, 1)) if rest > 1 else tuple(found)


def is_prime(number: int) -> bool:
    """Is it a prime? Exact below 3.3e24 (Miller-Rabin with the first thirteen primes)."""
    bases = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41)
    if number < 2 or any(number % p == 0 for p in bases):
        return number in bases
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(_passes(number, base, odd, twos) for base in bases)


def _passes(number: int, base: int, odd: int, twos: int) -> bool:
    x = pow(base, odd, number)
    return x in (1, number - 1) or any((x := x * x % number) == number - 1 for _ in range(twos - 1))


class Factors(TypedDict):
    primes: Annotated[
        list[Annotated[int, Entity("prime_number")]],
        says(
            "the distinct prime factors of {number}",
            noun="distinct prime factor",
            plural="distinct prime factors",
            ask_count="How many distinct prime factors does {number} have",
        ),
    ]
    largest: Annotated[
        Prime,
        says(
            "the largest prime factor of {number}",
            noun="largest prime factor",
            ask="What is the largest prime number that divides {number}",
        ),
    ]
    smallest: Annotated[Prime, says("the smallest prime factor of {number}", noun="smallest prime factor")]
    complete: bool


@tool(
    "processing",
    examples=[
        example({"number": 360}, {"/primes": [2, 3, 5], "/largest": 5}, "identity: 360 = 2^3 * 3^2 * 5"),
        example(
            {"number": 600851475143},
            {"/primes": [71, 839, 1471, 6857], "/smallest": 71},
            "second-library: sympy.factorint",
        ),
        example({"number": 1}, {"error": "refused"}, "identity: 1 has no prime factor"),
    ],
)
def prime_factors(number: Positive) -> Factors:
    """Factorise a positive integer: its distinct prime factors in rising order, the largest and the smallest.

    The list is complete. Refuses 1, which has none.
    """
    primes = [p for p, _ in factorise(number)]
    if not primes:
        raise Refusal("1 has no prime factor")
    return {"primes": primes, "largest": primes[-1], "smallest": primes[0], "complete": True}


class Divisors(TypedDict):
    count: Annotated[
        Whole,
        says(
            "the number of positive divisors of {number}",
            noun="number of positive divisors",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
            ask="How many positive divisors does {number} have",
        ),
    ]
    total: Annotated[
        Whole,
        says(
            "the sum of all positive divisors of {number}, itself included",
            "the sum of the positive divisors of {number}",
            noun="sum of positive divisors",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"number": 28}, {"/count": 6, "/total": 56}, "identity: 28 is perfect, 1 + 2 + 4 + 7 + 14 + 28 = 56"),
        example(
            {"number": 5040}, {"/count": 60, "/total": 19344}, "second-library: sympy.divisor_count and divisor_sigma"
        ),
    ],
)
def divisor_functions(number: Positive) -> Divisors:
    """Compute how many positive divisors a positive integer has, and their sum; 1 and the number itself are counted."""
    parts = factorise(number)
    return {
        "count": math.prod(k + 1 for _, k in parts),
        "total": math.prod((p ** (k + 1) - 1) // (p - 1) for p, k in parts),
    }


class Totient(TypedDict):
    totient: Annotated[
        Whole,
        says(
            "Euler's totient of {number}",
            noun="Euler's totient",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
            ask="How many integers from 1 to {number} are coprime to {number}",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"number": 36}, {"/totient": 12}, "identity: 36 * 1/2 * 2/3"),
        example({"number": 97}, {"/totient": 96}, "identity: p - 1 for a prime p"),
    ],
)
def euler_totient(number: Positive) -> Totient:
    """Compute Euler's totient of a positive integer n: how many of the integers from 1 to n are coprime to n."""
    return {"totient": math.prod(p ** (k - 1) * (p - 1) for p, k in factorise(number))}


class Primes(TypedDict):
    following: Annotated[Prime, says("the smallest prime number greater than {number}", noun="next prime number")]
    preceding: Annotated[
        Prime | None, says("the largest prime number smaller than {number}", noun="previous prime number")
    ]


@tool(
    "processing",
    examples=[
        example({"number": 100}, {"/following": 101, "/preceding": 97}, "published: table of primes"),
        example({"number": 2}, {"/following": 3, "/preceding": None}, "identity: 2 is the smallest prime"),
    ],
)
def neighbouring_primes(number: Positive) -> Primes:
    """Find the smallest prime above and the largest prime below a positive integer; null where there is none below."""
    up = next(n for n in range(number + 1, 2 * number + 2) if is_prime(n))
    return {"following": up, "preceding": next((n for n in range(number - 1, 1, -1) if is_prime(n)), None)}
