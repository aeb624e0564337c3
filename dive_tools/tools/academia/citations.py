"""A researcher's citation counts: h-index, g-index, i10-index, m-quotient."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import example, tool
from dive_tools.values import Part, Quantity, say_number, says, vignette


def _researchers() -> list[dict[str, Any]]:
    """Publication lists of 9 to 14 papers whose citations fall off as real ones do."""
    found = []
    for i in range(240):
        papers, top, fall = 9 + i % 6, 38 + (i * 37) % 140, 0.62 + (i * 7 % 23) / 100
        cited = [max(int(top * fall**k) - (k * (i + 3)) % 4, 0) for k in range(papers)]
        step = next(s for s in (5, 7, 11, 3) if papers % s)
        found.append({"citations": [cited[(k * step) % papers] for k in range(papers)], "years": 6 + (i * 5) % 19})
    return found


RESEARCHER = vignette(
    "researcher",
    "the researcher",
    "a researcher",
    {
        "citations": "has published papers that were cited {citations} times",
        "years": "published the first of them {years} years ago",
    },
    samples=_researchers,
    says={"citations": lambda v: ", ".join(map(say_number, v[:-1])) + f" and {say_number(v[-1])}"},
)
Citations = Annotated[
    list[Annotated[int, Meta(ge=0)]],
    Part("researcher", "citations"),
    Meta(description="citations of each paper", min_length=1),
]


class HIndex(TypedDict):
    h_index: Annotated[int, Quantity("h-index"), says("the h-index of {researcher}", noun="h-index")]


@tool(
    "processing",
    source="Hirsch, PNAS 102 (2005) 16569",
    examples=[
        example(
            {"citations": [10, 8, 5, 4, 3]}, {"/h_index": 4}, "published: the worked example of the h-index, Wikipedia"
        ),
        example(
            {"citations": [25, 8, 5, 3, 3]}, {"/h_index": 3}, "published: the worked example of the h-index, Wikipedia"
        ),
    ],
)
def h_index(citations: Citations) -> HIndex:
    """Compute the h-index of citation counts: the largest h such that h papers have at least h citations each."""
    return {"h_index": sum(c >= rank for rank, c in enumerate(sorted(citations, reverse=True), 1))}


class GIndex(TypedDict):
    g_index: Annotated[
        int,
        Quantity("g-index"),
        says("the g-index of {researcher} by Egghe's definition, not larger than the number of papers", noun="g-index"),
    ]


@tool(
    "processing",
    source="Egghe, Scientometrics 69 (2006) 131",
    examples=[
        example({"citations": [10, 5, 4, 1, 0]}, {"/g_index": 4}, "identity: 20 >= 16, but 20 < 25"),
        example({"citations": [30, 2, 1]}, {"/g_index": 3}, "identity: 33 >= 9, and there are three papers"),
    ],
)
def g_index(citations: Citations) -> GIndex:
    """Compute the g-index: the largest g whose g most cited papers have at least g² citations in all.

    It is at most the number of papers.
    """
    total, best = 0, 0
    for rank, count in enumerate(sorted(citations, reverse=True), 1):
        total += count
        best = rank if total >= rank * rank else best
    return {"g_index": best}


class CitationSummary(TypedDict):
    i10: Annotated[
        int,
        Quantity("i10-index"),
        says(
            "the i10-index of {researcher}",
            noun="i10-index",
            ask="How many of the papers of {researcher} have at least 10 citations",
        ),
    ]
    mean: Annotated[
        float,
        Quantity("citations per paper", "citations"),
        says("the mean number of citations per paper of {researcher}", noun="mean citations"),
    ]
    median: Annotated[
        float,
        Quantity("citations per paper", "citations"),
        says("the median number of citations per paper of {researcher}", noun="median citations"),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"citations": [10, 8, 5, 4, 3]}, {"/i10": 1, "/mean": 6.0, "/median": 5}, "identity: 30 citations, 5 papers"
        ),
        example(
            {"citations": [12, 0]}, {"/i10": 1, "/mean": 6.0, "/median": 6}, "identity: the median of two is their mean"
        ),
    ],
)
def citation_summary(citations: Citations) -> CitationSummary:
    """Compute the i10-index (papers with ten or more citations), the mean and the median of citation counts."""
    ranked, half = sorted(citations), len(citations) // 2
    return {
        "i10": sum(c >= 10 for c in citations),
        "mean": sum(citations) / len(citations),
        "median": (ranked[half] + ranked[-half - 1]) / 2,
    }


class MQuotient(TypedDict):
    m_quotient: Annotated[
        float,
        Quantity("m-quotient"),
        says("the m-quotient of {researcher}", noun="m-quotient"),
    ]


@tool(
    "processing",
    version="2",
    source="Hirsch, PNAS 102 (2005) 16569",
    examples=[
        example(
            {"citations": [20] * 20, "years": 20},
            {"/m_quotient": 1.0},
            "published: Hirsch 2005, m of 1 after 20 years and h of 20",
        ),
        example({"citations": [10, 8, 5, 4, 3], "years": 8}, {"/m_quotient": 0.5}, "identity: h-index 4, over 8"),
    ],
)
def m_quotient(
    citations: Citations,
    years: Annotated[int, Part("researcher", "years"), Meta(description="years since the first paper", ge=1)],
) -> MQuotient:
    """Compute Hirsch's m-quotient, the h-index divided by the number of years since the first paper."""
    return {"m_quotient": h_index(citations)["h_index"] / years}
