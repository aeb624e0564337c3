"""Calibrations (regression, correlation) and surveys (percentages, chi-square, sample size)."""

from __future__ import annotations

import math
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.academia.inference import SCIPY, Power, fmean, normal_sum
from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Given, Part, Quantity, says, vignette


def _calibrations() -> list[dict[str, Any]]:
    """Straight lines with small deviations."""
    found: list[dict[str, Any]] = []
    for i in range(200):
        size, slope, base = 5 + i % 3, 1.2 + (i * 7 % 19) / 5, (i * 5) % 9
        xs = [(2, 5, 3)[i // 3 % 3] * (k + 1) for k in range(size)]
        ys = [round(base + slope * x + (((k + 2) ** 2 * (i + 3) + k) % 7 - 3) / 2, 1) for k, x in enumerate(xs)]
        found.append({"concentrations": xs, "signals": ys})
    return [s for s in found if _unexplained(s["concentrations"], s["signals"])]


def _unexplained(xs: list[float], ys: list[float]) -> bool:
    sxx, syy, sxy = _sums(xs, ys)
    return sxy * sxy < 0.9999 * sxx * syy


def _surveys() -> list[dict[str, Any]]:
    """Surveys of two groups with different shares of supporters."""
    found = []
    for i in range(240):
        women, men = 120 + (i * 30) % 210, 100 + (i * 50) % 190
        share_w, share_m = 0.38 + (i * 11 % 29) / 100, 0.27 + (i * 17 % 31) / 100
        found.append({"women": women, "women_for": round(women * share_w), "men": men, "men_for": round(men * share_m)})
    return [s for s in found if abs(s["women_for"] / s["women"] - s["men_for"] / s["men"]) > 0.03]


CALIBRATION = vignette(
    "calibration",
    "the calibration",
    "a calibration of an instrument",
    {
        "concentrations": "used concentrations of {concentrations} mg/L",
        "signals": "gave signals of {signals} units in that order",
    },
    samples=_calibrations,
)
SURVEY = vignette(
    "survey",
    "the survey",
    "a survey",
    {
        "women": "asked {women} women",
        "women_for": "found that {women_for} of them supported a plan",
        "men": "asked {men} men",
        "men_for": "found that {men_for} of these supported it",
    },
    samples=_surveys,
)

Xs = Annotated[
    list[float], Part("calibration", "concentrations"), Meta(description="concentrations in mg/L", min_length=3)
]
Ys = Annotated[
    list[float], Part("calibration", "signals"), Meta(description="signals, in the same order", min_length=3)
]
Women = Annotated[int, Part("survey", "women"), Meta(description="women asked", ge=1)]
WomenFor = Annotated[int, Part("survey", "women_for"), Meta(description="women in favour", ge=0)]
Men = Annotated[int, Part("survey", "men"), Meta(description="men asked", ge=1)]
MenFor = Annotated[int, Part("survey", "men_for"), Meta(description="men in favour", ge=0)]

# --- calibration ----------------------------------------------------------------------------------------------------


def _sums(xs: list[float], ys: list[float]) -> tuple[float, float, float]:
    if len(xs) != len(ys):
        raise Refusal("there must be as many signals as concentrations")
    mx, my = fmean(xs), fmean(ys)
    sxx, syy = sum((x - mx) ** 2 for x in xs), sum((y - my) ** 2 for y in ys)
    if not sxx or not syy:
        raise Refusal("the values do not vary")
    return sxx, syy, sum((x - mx) * (y - my) for x, y in zip(xs, ys, strict=True))


class Line(TypedDict):
    slope: Annotated[
        float,
        Quantity("calibration slope", "units per mg/L"),
        says(
            "the slope of the least-squares line of {calibration}",
            noun="slope",
            most="steepest",
            least="flattest",
            more="steeper",
            less="flatter",
        ),
    ]
    intercept: Annotated[
        float,
        Quantity("calibration intercept", "units", scale="interval"),
        says("the intercept of the least-squares line of {calibration}", noun="intercept"),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"concentrations": [1, 2, 3], "signals": [3, 5, 7]},
            {"/slope": 2.0, "/intercept": 1.0},
            "identity: points on y = 2x + 1",
        ),
        example(
            {"concentrations": [1, 2, 3, 4], "signals": [6, 5, 7, 10]},
            {"/slope": 1.4, "/intercept": 3.5},
            "published: worked example of linear least squares, Wikipedia",
        ),
    ],
)
def calibration_line(concentrations: Xs, signals: Ys) -> Line:
    """Fit a straight line of signal on concentration by ordinary least squares: slope and intercept.

    Refuses lists of unequal length or without variation.
    """
    sxx, _, sxy = _sums(concentrations, signals)
    slope = sxy / sxx
    return {"slope": slope, "intercept": fmean(signals) - slope * fmean(concentrations)}


class Correlation(TypedDict):
    r: Annotated[
        float,
        Quantity("correlation coefficient"),
        says("Pearson's correlation between concentration and signal in {calibration}", noun="Pearson's correlation"),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"concentrations": [1, 2, 3, 4, 5], "signals": [2, 1, 4, 3, 5]},
            {"/r": 0.8},
            "identity: ranks with squared differences of 4 in all, 1 - 6*4/120",
        ),
        example({"concentrations": [1, 2, 3], "signals": [1, 3, 2]}, {"/r": 0.5}, "identity: 1 - 6*2/24 for ranks"),
        example(
            {"concentrations": [1, 2, 3], "signals": [4, 4, 4]},
            {"error": "refused"},
            "identity: a constant correlates with nothing",
        ),
    ],
)
def calibration_correlation(concentrations: Xs, signals: Ys) -> Correlation:
    """Compute Pearson's correlation coefficient between concentrations and signals.

    Refuses lists of unequal length or without variation.
    """
    sxx, syy, sxy = _sums(concentrations, signals)
    return {"r": sxy / math.sqrt(sxx * syy)}


class CorrelationProbability(TypedDict):
    p_value: Annotated[float, Quantity("p-value"), says("the two-sided p-value of {r}", noun="two-sided p-value")]


@tool(
    "processing",
    examples=[
        example(
            {"r": 0.878339448, "concentrations": [1, 2, 3, 4, 5]},
            {"/p_value": 0.05},
            "published: table of critical values of r, 0.878 for five points",
            tolerance=1e-5,
        ),
        example({"r": 0.0, "concentrations": [1, 2, 3, 4]}, {"/p_value": 1.0}, "identity: no correlation at all"),
        example({"r": 1.0, "concentrations": [1, 2, 3, 4]}, {"error": "refused"}, "identity: t is not finite"),
    ],
    **SCIPY,
)
def correlation_p_value(
    r: Annotated[float, Quantity("correlation coefficient"), Meta(description="correlation coefficient", ge=-1, le=1)],
    concentrations: Xs,
) -> CorrelationProbability:
    """Compute the two-sided p-value of a correlation coefficient of as many points as there are concentrations.

    By Student's t with n - 2 degrees of freedom. Refuses a perfect correlation.
    """
    from scipy.special import stdtr

    if abs(r) > 1 - 1e-12:
        raise Refusal("the points lie exactly on a line, so that t is not finite")
    df = len(concentrations) - 2
    return {"p_value": float(2 * stdtr(df, -abs(r) * math.sqrt(df / (1 - r * r))))}


class Reading(TypedDict):
    concentration: Annotated[
        float,
        Quantity("concentration", "milligrams per litre"),
        says(
            "the concentration at which a line with {slope} and {intercept} gives a signal of {signal} units",
            noun="concentration",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"slope": 2.0, "intercept": 1.0, "signal": 15}, {"/concentration": 7.0}, "identity: 2 * 7 + 1"),
        example(
            {"slope": -1.0, "intercept": 5.0, "signal": 15},
            {"error": "refused"},
            "identity: 5 - x is 15 at no positive x",
        ),
    ],
)
def concentration_of_signal(
    slope: Annotated[float, Quantity("calibration slope", "units per mg/L"), Meta(description="units per mg/L")],
    intercept: Annotated[float, Quantity("calibration intercept", "units"), Meta(description="units")],
    signal: Annotated[float, Given(15, 20, 25), Meta(description="signal in units")],
) -> Reading:
    """Compute the concentration (mg/L) at which a calibration line gives a signal; refuses a negative concentration."""
    if slope == 0 or (signal - intercept) / slope < 0:
        raise Refusal("the line gives that signal at no concentration of zero or more")
    return {"concentration": (signal - intercept) / slope}


# --- survey ---------------------------------------------------------------------------------------------------------


class Shares(TypedDict):
    women_share: Annotated[
        float,
        Quantity("share of women", "percent"),
        says("the percentage of supporters among the women of {survey}", noun="percentage among the women"),
    ]
    men_share: Annotated[
        float,
        Quantity("share of men", "percent"),
        says("the percentage of supporters among the men of {survey}", noun="percentage among the men"),
    ]


def _counts(women: int, women_for: int, men: int, men_for: int) -> None:
    if women_for > women or men_for > men:
        raise Refusal("more supporters than people asked")


@tool(
    "processing",
    examples=[
        example(
            {"women": 200, "women_for": 90, "men": 50, "men_for": 20},
            {"/women_share": 45.0, "/men_share": 40.0},
            "identity: 90/200, 20/50",
        ),
        example(
            {"women": 10, "women_for": 20, "men": 50, "men_for": 20},
            {"error": "refused"},
            "identity: a part is not larger than the whole",
        ),
    ],
)
def survey_shares(women: Women, women_for: WomenFor, men: Men, men_for: MenFor) -> Shares:
    """Compute the percentage of supporters among the women and among the men of a survey."""
    _counts(women, women_for, men, men_for)
    return {"women_share": 100 * women_for / women, "men_share": 100 * men_for / men}


class ChiSquare(TypedDict):
    chi_square: Annotated[
        float,
        Quantity("chi-square statistic"),
        says("the uncorrected chi-square statistic for sex and support in {survey}", noun="chi-square statistic"),
    ]
    cramers_v: Annotated[
        float, Quantity("strength of association"), says("Cramér's V of sex and support in {survey}", noun="Cramér's V")
    ]


@tool(
    "processing",
    examples=[
        example(
            {"women": 100, "women_for": 60, "men": 100, "men_for": 40},
            {"/chi_square": 8.0, "/cramers_v": 0.2},
            "identity: four cells of 10^2 / 50; V = sqrt(8 / 200)",
        ),
        example(
            {"women": 30, "women_for": 15, "men": 60, "men_for": 30}, {"/chi_square": 0.0}, "identity: equal shares"
        ),
        example(
            {"women": 30, "women_for": 0, "men": 60, "men_for": 0}, {"error": "refused"}, "identity: nobody in favour"
        ),
    ],
)
def survey_chi_square(women: Women, women_for: WomenFor, men: Men, men_for: MenFor) -> ChiSquare:
    """Compute Pearson's chi-square statistic (no continuity correction) and Cramér's V of a 2 × 2 table.

    One degree of freedom. Refuses a table with an empty row or column.
    """
    _counts(women, women_for, men, men_for)
    a, b, c, d = women_for, women - women_for, men_for, men - men_for
    product = women * men * (a + c) * (b + d)
    if not product:
        raise Refusal("all or none support it, so that there is nothing to compare")
    chi = (women + men) * (a * d - b * c) ** 2 / product
    return {"chi_square": chi, "cramers_v": math.sqrt(chi / (women + men))}


class ChiProbability(TypedDict):
    p_value: Annotated[
        float, Quantity("p-value"), says("the p-value of {chi_square} on one degree of freedom", noun="p-value")
    ]


@tool(
    "processing",
    examples=[
        example({"chi_square": 3.841458821}, {"/p_value": 0.05}, "published: chi-square table, 3.841"),
        example({"chi_square": 0}, {"/p_value": 1.0}, "identity: no deviation at all"),
    ],
)
def chi_square_p_value(
    chi_square: Annotated[float, Quantity("chi-square statistic"), Meta(description="chi-square statistic", ge=0)],
) -> ChiProbability:
    """Compute the p-value of a chi-square statistic with one degree of freedom."""
    return {"p_value": math.erfc(math.sqrt(chi_square / 2))}


class ProportionSize(TypedDict):
    per_group: Annotated[
        int,
        Quantity("participants per group of a survey", "participants"),
        says(
            "the sample size per group for telling {first} from {second} with {power} percent power "
            "(two-sided 5 percent test, unpooled normal approximation)",
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
            {"first": 50, "second": 40, "power": 80},
            {"/per_group": 385},
            "published: z-test without pooling, 7.849 * 0.49 / 0.01 = 384.6",
        ),
        example(
            {"first": 40, "second": 40, "power": 80},
            {"error": "refused"},
            "identity: equal shares cannot be told apart",
        ),
    ],
    **SCIPY,
)
def sample_size_two_proportions(
    first: Annotated[float, Quantity("share of women", "percent"), Meta(description="percent", ge=0, le=100)],
    second: Annotated[float, Quantity("share of men", "percent"), Meta(description="percent", ge=0, le=100)],
    power: Power,
) -> ProportionSize:
    """Compute the participants needed in each of two groups to tell two percentages apart.

    Normal approximation without pooling, (z(0.975) + z(power))² (p(1-p) + q(1-q)) / (p - q)², rounded up; two-sided
    test at the 5 % level. Refuses equal percentages.
    """
    if first == second:
        raise Refusal("equal percentages cannot be told apart")
    p, q = first / 100, second / 100
    return {"per_group": math.ceil(normal_sum(power) ** 2 * (p * (1 - p) + q * (1 - q)) / (p - q) ** 2)}
