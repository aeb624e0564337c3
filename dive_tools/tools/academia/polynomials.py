"""Polynomials with integer coefficients: roots, derivative, discriminant, values; exact, in plain Python."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from itertools import combinations, zip_longest
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.academia.integers import LARGEST
from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Given, Quantity, entity, says


def write(coefficients: list[int]) -> str:
    """[1, -3, 2] -> "x^2 - 3x + 2"."""
    text, degree = "", len(coefficients) - 1
    for power, c in zip(range(degree, -1, -1), coefficients, strict=True):
        if c:
            size = "" if abs(c) == 1 and power else str(abs(c))
            sign = (" - " if c < 0 else " + ") if text else ("-" if c < 0 else "")
            text += f"{sign}{size}" + ("" if not power else "x" if power == 1 else f"x^{power}")
    return text or "0"


@lru_cache(maxsize=4096)
def read(text: str) -> tuple[int, ...]:
    """ "x^2 - 3x + 2" -> (1, -3, 2); Refusal when it is not a polynomial in x with integer coefficients."""
    terms: dict[int, int] = {}
    packed = text.replace(" ", "").replace("**", "^").replace("*", "")
    for sign, size, x, power in re.findall(r"([+-]?)(\d*)(x?)(?:\^(\d+))?", packed):
        if size or x:
            exponent = int(power) if power else int(bool(x))
            terms[exponent] = terms.get(exponent, 0) + int(sign + (size or "1"))
    shape = re.fullmatch(r"[+-]?(\d*x(\^\d+)?|\d+)([+-](\d*x(\^\d+)?|\d+))*", packed)
    degree = max((e for e, c in terms.items() if c), default=0)
    if shape is None or degree > 8:
        raise Refusal(f"{text!r} is no polynomial in x of degree 8 or less with integer coefficients")
    return tuple(terms.get(e, 0) for e in range(degree, -1, -1))


def _polynomials() -> list[str]:
    """Cubics and quartics with three or four different positive integer roots."""
    cubics = [g for i, g in enumerate(combinations(range(1, 13), 3)) if i % 2]
    quartics = [g for i, g in enumerate(combinations(range(1, 11), 4)) if i % 4 == 1]
    roots = [*cubics, *quartics]
    found = []
    for group in roots:
        product = [1]
        for root in group:
            product = [a - root * b for a, b in zip_longest(product, [0, *product], fillvalue=0)]
        found.append(write(product))
    return found


POLYNOMIAL = entity("polynomial", "polynomial", samples=_polynomials, intro="the polynomial {}")
Poly = Annotated[
    str, Entity("polynomial"), Meta(description='polynomial in x with integer coefficients, as in "x^2 - 3x + 2"')
]


class Roots(TypedDict):
    roots: Annotated[
        list[Annotated[int, Entity("positive_integer")]],
        says(
            "the positive integer roots of {polynomial}",
            noun="positive integer root",
            plural="positive integer roots",
            ask_count="How many different positive integer roots does {polynomial} have",
        ),
    ]
    complete: bool


@tool(
    "processing",
    examples=[
        example({"polynomial": "x^3 - 6x^2 + 11x - 6"}, {"/roots": [1, 2, 3]}, "identity: (x - 1)(x - 2)(x - 3)"),
        example({"polynomial": "x^2 + 5x + 6"}, {"/roots": []}, "identity: its roots are -2 and -3"),
        example({"polynomial": "sin(x)"}, {"error": "refused"}, "identity: the sine is no polynomial"),
    ],
)
def polynomial_integer_roots(polynomial: Poly) -> Roots:
    """List the different positive integer roots of a polynomial with integer coefficients, in rising order.

    The list is complete; empty where there is none. Refuses what is no such polynomial.
    """
    coefficients = list(read(polynomial))
    while coefficients and coefficients[-1] == 0:
        coefficients.pop()
    if len(coefficients) < 2:
        return {"roots": [], "complete": True}
    last = abs(coefficients[-1])
    small = [d for d in range(1, math.isqrt(last) + 1) if last % d == 0] if last <= LARGEST else []
    if last > LARGEST:
        raise Refusal("the constant term is too large to try its divisors")
    tried = sorted({*small, *(last // d for d in small)})
    return {"roots": [d for d in tried if _value(tuple(coefficients), d) == 0], "complete": True}


def _value(coefficients: tuple[int, ...], x: int) -> int:
    total = 0
    for c in coefficients:
        total = total * x + c
    return total


class Derivative(TypedDict):
    derivative: Annotated[str, Entity("polynomial"), says("the derivative of {polynomial}", noun="derivative")]


@tool(
    "processing",
    examples=[
        example({"polynomial": "x^3 - 6x^2 + 11x - 6"}, {"/derivative": "3x^2 - 12x + 11"}, "identity: power rule"),
        example({"polynomial": "5x"}, {"/derivative": "5"}, "identity: power rule"),
    ],
)
def polynomial_derivative(polynomial: Poly) -> Derivative:
    """Differentiate a polynomial in x with integer coefficients; refuses what is no such polynomial."""
    coefficients = read(polynomial)
    degree = len(coefficients) - 1
    return {"derivative": write([c * (degree - i) for i, c in enumerate(coefficients[:-1])] or [0])}


class Discriminant(TypedDict):
    discriminant: Annotated[
        int,
        Quantity("discriminant"),
        says("the discriminant of {polynomial}", noun="discriminant", most="largest", least="smallest"),
    ]


@tool(
    "processing",
    examples=[
        example({"polynomial": "x^2 - 5x + 6"}, {"/discriminant": 1}, "identity: b^2 - 4ac = 25 - 24"),
        example({"polynomial": "x^3 - 6x^2 + 11x - 6"}, {"/discriminant": 4}, "identity: (1-2)^2 (1-3)^2 (2-3)^2"),
        example({"polynomial": "2x^4 - 3x + 1"}, {"/discriminant": -6700}, "second-library: sympy.discriminant"),
    ],
)
def polynomial_discriminant(polynomial: Poly) -> Discriminant:
    """Compute the discriminant of a polynomial of degree 2 or more with integer coefficients, from its resultant.

    The discriminant of ax² + bx + c is b² - 4ac. Refuses constants and linear polynomials.
    """
    p = read(polynomial)
    n = len(p) - 1
    if n < 2:
        raise Refusal("the discriminant is taken of polynomials of degree 2 or more")
    q = tuple(c * (n - i) for i, c in enumerate(p[:-1]))
    rows = [[0] * i + [*p] + [0] * (n - 2 - i) for i in range(n - 1)] + [
        [0] * i + [*q] + [0] * (n - 1 - i) for i in range(n)
    ]
    return {"discriminant": (-1) ** (n * (n - 1) // 2) * int(_determinant(rows) / p[0])}


def _determinant(rows: list[list[int]]) -> Any:
    from fractions import Fraction

    matrix, result = [[Fraction(v) for v in row] for row in rows], Fraction(1)
    for i in range(len(matrix)):
        pivot = next((r for r in range(i, len(matrix)) if matrix[r][i]), None)
        if pivot is None:
            return Fraction(0)
        if pivot != i:
            matrix[i], matrix[pivot], result = matrix[pivot], matrix[i], -result
        result *= matrix[i][i]
        for r in range(i + 1, len(matrix)):
            factor = matrix[r][i] / matrix[i][i]
            matrix[r] = [a - factor * b for a, b in zip(matrix[r], matrix[i], strict=True)]
    return result


class Value(TypedDict):
    value: Annotated[
        int,
        Quantity("value of a polynomial"),
        says("the value of {polynomial} at x = {x}", noun="value", most="largest", least="smallest"),
    ]


@tool(
    "processing",
    examples=[
        example({"polynomial": "x^3 - 6x^2 + 11x - 6", "x": 4}, {"/value": 6}, "identity: 3 * 2 * 1"),
        example({"polynomial": "3x^2 - 12x + 11", "x": 2}, {"/value": -1}, "identity: 12 - 24 + 11"),
    ],
)
def polynomial_value(
    polynomial: Poly, x: Annotated[int, Given(4, 5, 11, 13), Meta(description="where to evaluate")]
) -> Value:
    """Evaluate a polynomial with integer coefficients at an integer x."""
    return {"value": _value(read(polynomial), x)}
