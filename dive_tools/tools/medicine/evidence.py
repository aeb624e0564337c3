"""Diagnostic tests and two-armed trials."""

from __future__ import annotations

import math
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Given, Part, Quantity, says

T = "diagnostic_test"
Z95 = 1.959963984540054


TruePositives = Annotated[int, Part(T, "true_positives"), Meta(ge=0, le=1000000)]
FalseNegatives = Annotated[int, Part(T, "false_negatives"), Meta(ge=0, le=1000000)]
TrueNegatives = Annotated[int, Part(T, "true_negatives"), Meta(ge=0, le=1000000)]
FalsePositives = Annotated[int, Part(T, "false_positives"), Meta(ge=0, le=1000000)]


class Likelihood(TypedDict):
    positive: Annotated[
        float,
        Quantity("likelihood ratio", ""),
        says("the likelihood ratio of a positive result of {diagnostic_test}", noun="positive likelihood ratio"),
    ]
    negative: Annotated[
        float,
        Quantity("likelihood ratio", ""),
        says("the likelihood ratio of a negative result of {diagnostic_test}", noun="negative likelihood ratio"),
    ]


@tool(
    "processing",
    source="Deeks and Altman, BMJ 2004;329:168",
    examples=[
        example(
            {"true_positives": 90, "false_negatives": 10, "true_negatives": 180, "false_positives": 20},
            {"/positive": 9, "/negative": 1 / 9},
            "identity: 0.9 / 0.1 and 0.1 / 0.9",
        ),
        example(
            {"true_positives": 80, "false_negatives": 20, "true_negatives": 50, "false_positives": 0},
            {"error": "refused"},
            "identity: no false positives, no ratio",
        ),
    ],
)
def likelihood_ratios(
    true_positives: TruePositives,
    false_negatives: FalseNegatives,
    true_negatives: TrueNegatives,
    false_positives: FalsePositives,
) -> Likelihood:
    """Compute the likelihood ratios of a positive and of a negative result of a diagnostic test.

    Sensitivity / (1 − specificity) and (1 − sensitivity) / specificity. Refuses where either is not finite.
    """
    ill, well = true_positives + false_negatives, true_negatives + false_positives
    if not (ill and true_negatives and false_positives):
        raise Refusal("without false positives or true negatives a ratio is not finite")
    return {
        "positive": true_positives / ill / (false_positives / well),
        "negative": false_negatives / ill / (true_negatives / well),
    }


class PostTest(TypedDict):
    probability: Annotated[
        float,
        Quantity("post-test probability", "percent"),
        says(
            "the post-test probability of disease from a pre-test probability of {pretest} percent and "
            "{likelihood_ratio}",
            noun="post-test probability",
        ),
    ]


@tool(
    "processing",
    source="Bayes' theorem on odds; Deeks and Altman, BMJ 2004;329:168",
    examples=[
        example({"likelihood_ratio": 9, "pretest": 10}, {"/probability": 50}, "identity: odds of 1 to 9 become even"),
        example({"likelihood_ratio": 1, "pretest": 30}, {"/probability": 30}, "identity: a ratio of 1 changes nothing"),
    ],
)
def post_test_probability(
    likelihood_ratio: Annotated[float, Quantity("likelihood ratio", ""), Meta(ge=0, le=1000000)],
    pretest: Annotated[
        float, Given(2, 5, 10, 20, 30, 40), Meta(description="pre-test probability in percent", gt=0, lt=100)
    ],
) -> PostTest:
    """Compute the post-test probability of disease in percent from a pre-test probability in percent and a
    likelihood ratio."""
    odds = pretest / (100 - pretest) * likelihood_ratio
    return {"probability": 100 * odds / (1 + odds)}


# --- trials ----------------------------------------------------------------------------------------------------------

Treated = Annotated[int, Part("trial", "treated"), Meta(description="patients given the drug", ge=1, le=10**7)]
TreatedEvents = Annotated[
    int, Part("trial", "treated_events"), Meta(description="events with the drug", ge=0, le=10**7)
]
Control = Annotated[int, Part("trial", "control"), Meta(description="patients given placebo", ge=1, le=10**7)]
ControlEvents = Annotated[int, Part("trial", "control_events"), Meta(description="events with placebo", ge=0, le=10**7)]


def _risk(events: int, patients: int) -> float:
    if events > patients:
        raise Refusal("there cannot be more events than patients")
    return 100 * events / patients


class Effect(TypedDict):
    reduction: Annotated[
        float,
        Quantity("absolute risk reduction", "percentage points"),
        says(
            "the absolute risk reduction in {trial}",
            noun="absolute risk reduction",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
        ),
    ]
    ratio: Annotated[
        float,
        Quantity("risk ratio", ""),
        says("the risk ratio of the drug to placebo in {trial}", noun="risk ratio"),
    ]


@tool(
    "processing",
    source="Cook and Sackett, BMJ 1995;310:452",
    examples=[
        example(
            {"treated": 200, "treated_events": 20, "control": 200, "control_events": 30},
            {"/reduction": 5, "/ratio": 2 / 3},
            "identity: 15 − 10 and 10 / 15",
        ),
        example(
            {"treated": 200, "treated_events": 30, "control": 200, "control_events": 20},
            {"error": "refused"},
            "identity: a rise is no reduction",
        ),
    ],
)
def risk_reduction(
    treated: Treated, treated_events: TreatedEvents, control: Control, control_events: ControlEvents
) -> Effect:
    """Compute the absolute risk reduction of a trial in percentage points, and the risk ratio of drug to placebo.

    Refuses a trial in which the drug does not lower the risk.
    """
    with_drug, with_placebo = _risk(treated_events, treated), _risk(control_events, control)
    if with_drug >= with_placebo:
        raise Refusal("the drug does not lower the risk")
    return {"reduction": with_placebo - with_drug, "ratio": with_drug / with_placebo}


class Nnt(TypedDict):
    nnt: Annotated[
        float,
        Quantity("number needed to treat", "patients"),
        says("the number needed to treat (not rounded up) for {reduction}", noun="number needed to treat"),
    ]


@tool(
    "processing",
    source="Cook and Sackett, BMJ 1995;310:452",
    examples=[
        example({"reduction": 5}, {"/nnt": 20}, "identity: 100 / 5"),
        example({"reduction": 2.5}, {"/nnt": 40}, "identity: 100 / 2.5"),
    ],
)
def number_needed_to_treat(
    reduction: Annotated[float, Quantity("absolute risk reduction", "percentage points"), Meta(gt=0, le=100)],
) -> Nnt:
    """Compute the number needed to treat, unrounded: 100 over the absolute risk reduction in percentage points."""
    return {"nnt": 100 / reduction}


class Odds(TypedDict):
    odds_ratio: Annotated[
        float,
        Quantity("odds ratio", ""),
        says("the odds ratio of the event with the drug against placebo in {trial}", noun="odds ratio"),
    ]
    lower: Annotated[
        float,
        says(
            "the lower limit of the 95 percent Woolf confidence interval of the odds ratio in {trial}",
            noun="lower confidence limit",
        ),
    ]
    upper: Annotated[
        float,
        says(
            "the upper limit of the 95 percent Woolf confidence interval of the odds ratio in {trial}",
            noun="upper confidence limit",
        ),
    ]


@tool(
    "processing",
    source="Woolf 1955",
    examples=[
        example(
            {"treated": 100, "treated_events": 20, "control": 100, "control_events": 40},
            {"/odds_ratio": 0.375},
            "identity: (20/80) / (40/60)",
        ),
        example(
            {"treated": 100, "treated_events": 20, "control": 100, "control_events": 20},
            {"/odds_ratio": 1, "/upper": math.exp(Z95 * math.sqrt(0.125))},
            "identity: 1/20 + 1/80 + 1/20 + 1/80 = 0.125",
        ),
        example(
            {"treated": 100, "treated_events": 0, "control": 100, "control_events": 20},
            {"error": "refused"},
            "identity: Woolf's interval needs no empty cell",
        ),
    ],
)
def trial_odds_ratio(
    treated: Treated, treated_events: TreatedEvents, control: Control, control_events: ControlEvents
) -> Odds:
    """Compute the odds ratio of a two-armed trial with its 95 percent confidence interval by Woolf's logit method.

    Refuses a trial with an empty cell.
    """
    cells = (treated_events, treated - treated_events, control_events, control - control_events)
    if min(cells) <= 0:
        raise Refusal("every cell of the table must hold at least one patient")
    ratio = cells[0] * cells[3] / (cells[1] * cells[2])
    width = Z95 * math.sqrt(sum(1 / cell for cell in cells))
    return {"odds_ratio": ratio, "lower": ratio * math.exp(-width), "upper": ratio * math.exp(width)}
