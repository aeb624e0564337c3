"""Diagnostic tests and two-armed trials."""

from __future__ import annotations

import math
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Given, Part, Quantity, says

T = "diagnostic_test"
Z95 = 1.959963984540054


class Sensitivity(TypedDict):
    sensitivity: Annotated[
        float, Quantity("sensitivity", "percent"), says("the sensitivity of {diagnostic_test}", noun="sensitivity")
    ]


@tool(
    "processing",
    source="Altman and Bland, BMJ 1994;308:1552",
    examples=[
        example({"true_positives": 90, "false_negatives": 10}, {"/sensitivity": 90}, "identity: 90 of 100"),
        example({"true_positives": 45, "false_negatives": 15}, {"/sensitivity": 75}, "identity: 45 of 60"),
    ],
)
def sensitivity_of_test(
    true_positives: Annotated[int, Part(T, "true_positives"), Meta(ge=0, le=1000000)],
    false_negatives: Annotated[int, Part(T, "false_negatives"), Meta(ge=0, le=1000000)],
) -> Sensitivity:
    """Compute the sensitivity in percent of a diagnostic test: true positives over all with the disease."""
    if not true_positives + false_negatives:
        raise Refusal("nobody has the disease")
    return {"sensitivity": 100 * true_positives / (true_positives + false_negatives)}


class Specificity(TypedDict):
    specificity: Annotated[
        float, Quantity("specificity", "percent"), says("the specificity of {diagnostic_test}", noun="specificity")
    ]


@tool(
    "processing",
    source="Altman and Bland, BMJ 1994;308:1552",
    examples=[
        example({"true_negatives": 180, "false_positives": 20}, {"/specificity": 90}, "identity: 180 of 200"),
        example({"true_negatives": 80, "false_positives": 20}, {"/specificity": 80}, "identity: 80 of 100"),
    ],
)
def specificity_of_test(
    true_negatives: Annotated[int, Part(T, "true_negatives"), Meta(ge=0, le=1000000)],
    false_positives: Annotated[int, Part(T, "false_positives"), Meta(ge=0, le=1000000)],
) -> Specificity:
    """Compute the specificity in percent of a diagnostic test: true negatives over all without the disease."""
    if not true_negatives + false_positives:
        raise Refusal("nobody is free of the disease")
    return {"specificity": 100 * true_negatives / (true_negatives + false_positives)}


Sens = Annotated[float, Quantity("sensitivity", "percent"), Meta(ge=0, le=100)]
Spec = Annotated[float, Quantity("specificity", "percent"), Meta(ge=0, le=100)]


class Positive(TypedDict):
    likelihood_ratio: Annotated[
        float,
        Quantity("likelihood ratio", ""),
        says("the positive likelihood ratio for {sensitivity} and {specificity}", noun="positive likelihood ratio"),
    ]


@tool(
    "processing",
    source="Deeks and Altman, BMJ 2004;329:168",
    examples=[
        example({"sensitivity": 90, "specificity": 90}, {"/likelihood_ratio": 9}, "identity: 0.9 / 0.1"),
        example(
            {"sensitivity": 80, "specificity": 100}, {"error": "refused"}, "identity: no false positives, no ratio"
        ),
    ],
)
def positive_likelihood_ratio(sensitivity: Sens, specificity: Spec) -> Positive:
    """Compute the likelihood ratio of a positive result: sensitivity / (1 − specificity), both given in percent."""
    if specificity == 100:
        raise Refusal("a specificity of 100 percent gives no finite ratio")
    return {"likelihood_ratio": sensitivity / (100 - specificity)}


class Negative(TypedDict):
    likelihood_ratio: Annotated[
        float,
        Quantity("likelihood ratio", ""),
        says("the negative likelihood ratio for {sensitivity} and {specificity}", noun="negative likelihood ratio"),
    ]


@tool(
    "processing",
    source="Deeks and Altman, BMJ 2004;329:168",
    examples=[
        example({"sensitivity": 90, "specificity": 80}, {"/likelihood_ratio": 0.125}, "identity: 0.1 / 0.8"),
        example({"sensitivity": 100, "specificity": 80}, {"/likelihood_ratio": 0}, "identity: no false negatives"),
    ],
)
def negative_likelihood_ratio(sensitivity: Sens, specificity: Spec) -> Negative:
    """Compute the likelihood ratio of a negative result: (1 − sensitivity) / specificity, both given in percent."""
    if specificity == 0:
        raise Refusal("a specificity of zero gives no ratio")
    return {"likelihood_ratio": (100 - sensitivity) / specificity}


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


class TreatedRisk(TypedDict):
    risk: Annotated[
        float,
        Quantity("event risk with the drug", "percent"),
        says("the event risk with the drug in {trial}", noun="event risk with the drug"),
    ]


@tool(
    "processing",
    source="events over patients",
    examples=[
        example({"treated": 200, "treated_events": 20}, {"/risk": 10}, "identity: 20 of 200"),
        example({"treated": 10, "treated_events": 20}, {"error": "refused"}, "identity: more events than patients"),
    ],
)
def treated_event_risk(treated: Treated, treated_events: TreatedEvents) -> TreatedRisk:
    """Compute the event risk in percent in the arm of a trial that was given the drug."""
    return {"risk": _risk(treated_events, treated)}


class ControlRisk(TypedDict):
    risk: Annotated[
        float,
        Quantity("event risk with placebo", "percent"),
        says("the event risk with placebo in {trial}", noun="event risk with placebo"),
    ]


@tool(
    "processing",
    source="events over patients",
    examples=[
        example({"control": 200, "control_events": 30}, {"/risk": 15}, "identity: 30 of 200"),
        example({"control": 400, "control_events": 80}, {"/risk": 20}, "identity: 80 of 400"),
    ],
)
def control_event_risk(control: Control, control_events: ControlEvents) -> ControlRisk:
    """Compute the event risk in percent in the arm of a trial that was given placebo."""
    return {"risk": _risk(control_events, control)}


WithDrug = Annotated[float, Quantity("event risk with the drug", "percent"), Meta(ge=0, le=100)]
WithPlacebo = Annotated[float, Quantity("event risk with placebo", "percent"), Meta(ge=0, le=100)]


class Reduction(TypedDict):
    reduction: Annotated[
        float,
        Quantity("absolute risk reduction", "percentage points"),
        says(
            "the absolute risk reduction from {placebo_risk} to {drug_risk}",
            noun="absolute risk reduction",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
        ),
    ]


@tool(
    "processing",
    source="Cook and Sackett, BMJ 1995;310:452",
    examples=[
        example({"drug_risk": 10, "placebo_risk": 15}, {"/reduction": 5}, "identity: 15 − 10"),
        example({"drug_risk": 15, "placebo_risk": 10}, {"error": "refused"}, "identity: a rise is no reduction"),
    ],
)
def absolute_risk_reduction(drug_risk: WithDrug, placebo_risk: WithPlacebo) -> Reduction:
    """Compute the absolute risk reduction in percentage points: risk with placebo − risk with the drug.
    Refuses where none."""
    if drug_risk >= placebo_risk:
        raise Refusal("the drug does not lower the risk")
    return {"reduction": placebo_risk - drug_risk}


class Nnt(TypedDict):
    nnt: Annotated[
        float,
        Quantity("number needed to treat", "patients"),
        says("the unrounded number needed to treat for {reduction}", noun="number needed to treat"),
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


class Relative(TypedDict):
    ratio: Annotated[
        float, Quantity("risk ratio", ""), says("the risk ratio of {drug_risk} to {placebo_risk}", noun="risk ratio")
    ]


@tool(
    "processing",
    source="risk ratio = risk with the drug / risk with placebo",
    examples=[
        example({"drug_risk": 10, "placebo_risk": 20}, {"/ratio": 0.5}, "identity: 10 / 20"),
        example({"drug_risk": 10, "placebo_risk": 0}, {"error": "refused"}, "identity: nothing divides by zero"),
    ],
)
def risk_ratio(drug_risk: WithDrug, placebo_risk: WithPlacebo) -> Relative:
    """Compute the risk ratio: risk with the drug over risk with placebo. Refuses a risk of zero with placebo."""
    if placebo_risk == 0:
        raise Refusal("nobody given placebo had the event")
    return {"ratio": drug_risk / placebo_risk}


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
