"""Two-group experiments: means, Welch's test, effect and sample size. Distributions by scipy.special."""

from __future__ import annotations

import math
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Given, Part, Quantity, says, vignette

SCIPY: dict[str, Any] = {
    "needs": ("scipy",),
    "source": "distribution functions of scipy.special",
    "licence": "BSD-3-Clause",
}

# --- the studies ----------------------------------------------------------------------------------------------------


def _experiments() -> list[dict[str, Any]]:
    """Experiments of five to eight readings in each group; the treated group is mostly higher."""
    found = []
    for i in range(240):
        size, level, step = 5 + i % 4, 20 + (i * 13) % 60, 3 + i % 7
        spread = [((k + 1) ** 2 * (i + 3) + 5 * k + i) % 13 - 6 for k in range(2 * size)]
        control = [level + v for v in spread[:size]]
        treated = [level + step + v for v in spread[size:]]
        if len(set(control)) > 2 and len(set(treated)) > 2:
            found.append({"control": control, "treated": treated})
    return found


EXPERIMENT = vignette(
    "experiment",
    "the experiment",
    "an experiment",
    {
        "control": "gave readings of {control} in the control group",
        "treated": "gave readings of {treated} in the treated group",
    },
    samples=_experiments,
)
Control = Annotated[
    list[float], Part("experiment", "control"), Meta(description="readings of the control group", min_length=2)
]
Treated = Annotated[
    list[float], Part("experiment", "treated"), Meta(description="readings of the treated group", min_length=2)
]
Degrees = Annotated[float, Quantity("degrees of freedom"), Meta(description="degrees of freedom", gt=0)]
Power = Annotated[int, Given(80, 90), Meta(description="power in percent", ge=50, le=99)]


def normal_sum(power: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(0.975) + ndtri(power / 100))


def fmean(values: list[float]) -> float:
    """The arithmetic mean."""
    return math.fsum(values) / len(values)


def stdev(values: list[float]) -> float:
    """The sample standard deviation, divisor n - 1."""
    mean = fmean(values)
    return math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (len(values) - 1))


# --- two groups -----------------------------------------------------------------------------------------------------


class Effect(TypedDict):
    cohens_d: Annotated[
        float,
        Quantity("effect size"),
        says(
            "the effect size (absolute pooled Cohen's d) of {experiment}",
            noun="effect size",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
        ),
    ]


@tool(
    "processing",
    source="Cohen, Statistical Power Analysis, 1988",
    examples=[
        example(
            {"control": [1, 2, 3], "treated": [3, 4, 5]},
            {"/cohens_d": 2.0},
            "identity: difference of 2, pooled standard deviation of 1",
        ),
        example({"control": [3, 4, 5], "treated": [1, 2, 3]}, {"/cohens_d": 2.0}, "identity: the size has no sign"),
    ],
)
def experiment_effect_size(control: Control, treated: Treated) -> Effect:
    """Compute the absolute value of Cohen's d between two groups.

    The difference of means over the pooled standard deviation. Refuses groups that do not vary at all.
    """
    n, m = len(control), len(treated)
    pooled = math.sqrt(((n - 1) * stdev(control) ** 2 + (m - 1) * stdev(treated) ** 2) / (n + m - 2))
    if pooled == 0:
        raise Refusal("the readings do not vary within the groups")
    return {"cohens_d": abs(fmean(treated) - fmean(control)) / pooled}


class Welch(TypedDict):
    t: Annotated[
        float,
        Quantity("t statistic"),
        says("the absolute value of Welch's t statistic for {experiment}", noun="absolute value of Welch's t"),
    ]
    degrees_of_freedom: Annotated[
        float,
        Quantity("degrees of freedom"),
        says(
            "the Welch-Satterthwaite degrees of freedom for {experiment}",
            noun="degrees of freedom",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
        ),
    ]
    standard_error: Annotated[
        float,
        Quantity("standard error"),
        says(
            "the unpooled standard error of the difference of means in {experiment}",
            noun="standard error",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"control": [1, 2, 3], "treated": [3, 4, 5]},
            {"/t": math.sqrt(6), "/degrees_of_freedom": 4.0, "/standard_error": math.sqrt(2 / 3)},
            "identity: equal variances and sizes give n + m - 2 degrees of freedom",
        ),
        example(
            {"control": [27, 20, 22, 31, 24], "treated": [35, 30, 33, 28, 41, 37]},
            {"/t": 3.365353197, "/degrees_of_freedom": 8.887120072},
            "second-library: scipy.stats.ttest_ind(equal_var=False)",
            tolerance=1e-6,
        ),
    ],
)
def experiment_welch_test(control: Control, treated: Treated) -> Welch:
    """Compute Welch's t (absolute value), its degrees of freedom and the standard error of the difference of two means.

    Refuses groups that do not vary at all.
    """
    a, b = stdev(control) ** 2 / len(control), stdev(treated) ** 2 / len(treated)
    if a + b == 0:
        raise Refusal("the readings do not vary within the groups")
    df = (a + b) ** 2 / (a**2 / (len(control) - 1) + b**2 / (len(treated) - 1))
    error = math.sqrt(a + b)
    return {"t": abs(fmean(treated) - fmean(control)) / error, "degrees_of_freedom": df, "standard_error": error}


class Probability(TypedDict):
    p_value: Annotated[
        float,
        Quantity("p-value of a t test"),
        says("the two-sided p-value of {t} with {degrees_of_freedom}", noun="two-sided p-value"),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"t": 2.776445105, "degrees_of_freedom": 4},
            {"/p_value": 0.05},
            "published: t table, 4 degrees of freedom, 2.776",
            tolerance=1e-5,
        ),
        example({"t": 0, "degrees_of_freedom": 7}, {"/p_value": 1.0}, "identity: symmetry about zero"),
    ],
    **SCIPY,
)
def t_two_sided_p_value(
    t: Annotated[float, Quantity("t statistic"), Meta(description="t statistic", ge=0)], degrees_of_freedom: Degrees
) -> Probability:
    """Compute the two-sided p-value of a t statistic from Student's distribution."""
    from scipy.special import stdtr

    return {"p_value": float(2 * stdtr(degrees_of_freedom, -t))}


class Corrected(TypedDict):
    corrected: Annotated[float, says("the Bonferroni correction of {p_value} for {tests} tests")]


@tool(
    "processing",
    source="Bonferroni inequality",
    examples=[
        example({"p_value": 0.01, "tests": 3}, {"/corrected": 0.03}, "identity: 3 * 0.01"),
        example({"p_value": 0.4, "tests": 5}, {"/corrected": 1.0}, "identity: a probability is at most 1"),
    ],
)
def bonferroni_correction(
    p_value: Annotated[float, Quantity("p-value of a t test"), Meta(description="p-value", ge=0, le=1)],
    tests: Annotated[int, Given(3, 5), Meta(description="number of tests made", ge=1)],
) -> Corrected:
    """Correct a p-value for the number of tests made, by Bonferroni: their product, at most 1."""
    return {"corrected": min(1.0, p_value * tests)}


class Critical(TypedDict):
    critical: Annotated[
        float,
        Quantity("critical t value"),
        says(
            "the two-sided critical t value at the {confidence} percent confidence level for {degrees_of_freedom}",
            noun="critical t value",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"degrees_of_freedom": 10, "confidence": 95}, {"/critical": 2.228138852}, "published: t table, 2.228"),
        example({"degrees_of_freedom": 4, "confidence": 99}, {"/critical": 4.604094871}, "published: t table, 4.604"),
    ],
    **SCIPY,
)
def t_critical_value(
    degrees_of_freedom: Degrees,
    confidence: Annotated[float, Given(90, 95, 99), Meta(description="percent", gt=0, lt=100)],
) -> Critical:
    """Compute the two-sided critical value of Student's t for a confidence level in percent."""
    from scipy.special import stdtrit

    return {"critical": float(stdtrit(degrees_of_freedom, 0.5 + confidence / 200))}


class Margin(TypedDict):
    margin: Annotated[
        float,
        Quantity("margin of error"),
        says(
            "the margin of error given by {standard_error} times {critical}",
            noun="margin of error",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"standard_error": 2.0, "critical": 2.5}, {"/margin": 5.0}, "identity: their product"),
        example({"standard_error": 0.4, "critical": 2.228138852}, {"/margin": 0.8912555408}, "identity: their product"),
    ],
)
def margin_of_error(
    standard_error: Annotated[float, Quantity("standard error"), Meta(description="standard error", ge=0)],
    critical: Annotated[float, Quantity("critical t value"), Meta(description="critical value", ge=0)],
) -> Margin:
    """Compute the half width of a confidence interval: the critical value times the standard error."""
    return {"margin": standard_error * critical}


class Size(TypedDict):
    per_group: Annotated[
        int,
        Quantity("participants per group", "participants"),
        says(
            "the sample size per group for detecting {effect} with {power} percent power "
            "(two-sided 5 percent test, normal approximation)",
            noun="sample size per group",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"effect": 0.5, "power": 80}, {"/per_group": 63}, "published: 2 (1.96 + 0.8416)^2 / 0.25 = 62.8, rounded up"
        ),
        example({"effect": 1.0, "power": 90}, {"/per_group": 22}, "identity: 2 (1.96 + 1.2816)^2 = 21.01, rounded up"),
    ],
    **SCIPY,
)
def sample_size_two_means(
    effect: Annotated[float, Quantity("effect size"), Meta(description="Cohen's d", gt=0)], power: Power
) -> Size:
    """Compute the participants needed in each of two groups to detect a difference of means of a given Cohen's d.

    Normal approximation 2 (z(0.975) + z(power))² / d², rounded up; two-sided test at the 5 % level.
    """
    return {"per_group": math.ceil(2 * normal_sum(power) ** 2 / effect**2)}


class Recruits(TypedDict):
    recruits: Annotated[
        int,
        Quantity("participants in all", "participants", additive=True),
        says(
            "the number of participants to recruit in all for two groups, each to keep "
            "{per_group} after {dropout} percent drop out",
            noun="number to recruit",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"per_group": 90, "dropout": 10}, {"/recruits": 200}, "identity: 90 / 0.9 in each of two groups"),
        example({"per_group": 63, "dropout": 20}, {"/recruits": 158}, "identity: 63 / 0.8 = 78.75, so 79 in each"),
    ],
)
def recruitment_with_dropout(
    per_group: Annotated[
        int, Quantity("participants per group", "participants"), Meta(description="needed per group", ge=1)
    ],
    dropout: Annotated[int, Given(10, 15, 20), Meta(description="percent that drop out", ge=0, lt=100)],
) -> Recruits:
    """Compute how many participants to recruit for two equal groups when some drop out; each group is rounded up."""
    return {"recruits": 2 * -(-100 * per_group // (100 - dropout))}
