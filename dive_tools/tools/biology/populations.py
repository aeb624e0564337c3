"""Population genetics, ecology, growth and enzyme kinetics on made-up but plausible observations."""

from __future__ import annotations

import math
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Given, Part, Quantity, says

COUNT = Meta(description="number of individuals", ge=0, le=100000)
MM = Annotated[int, Part("mn_sample", "mm"), COUNT]
MN = Annotated[int, Part("mn_sample", "mn"), COUNT]
NN = Annotated[int, Part("mn_sample", "nn"), COUNT]


class SpeciesCount(TypedDict):
    species: str
    count: Annotated[int, Meta(ge=1, le=1000000)]


class AlleleFrequency(TypedDict):
    frequency: Annotated[
        float,
        Quantity("frequency of the M allele"),
        says("the frequency of the M allele in {mn_sample}", noun="frequency of the M allele"),
    ]


@tool(
    "processing",
    examples=[
        example({"mm": 298, "mn": 489, "nn": 213}, {"/frequency": 0.5425}, "published: MN data of Hartl and Clark"),
        example({"mm": 0, "mn": 10, "nn": 0}, {"/frequency": 0.5}, "identity: heterozygotes carry one of each"),
        example({"mm": 0, "mn": 0, "nn": 0}, {"error": "refused"}, "identity: nobody"),
    ],
    source="allele counting",
)
def m_allele_frequency(mm: MM, mn: MN, nn: NN) -> AlleleFrequency:
    """Compute the frequency of the M allele from the numbers of MM, MN and NN individuals, by counting alleles."""
    if not mm + mn + nn:
        raise Refusal("the sample is empty")
    return {"frequency": (2 * mm + mn) / (2 * (mm + mn + nn))}


class Expected(TypedDict):
    heterozygosity: Annotated[
        float,
        Quantity("expected heterozygosity"),
        says(
            "the share of heterozygotes expected under Hardy–Weinberg proportions at {frequency}",
            "the heterozygosity that Hardy–Weinberg proportions give for {frequency}",
            noun="expected heterozygosity",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"frequency": 0.5}, {"/heterozygosity": 0.5}, "identity: 2pq"),
        example({"frequency": 0.9}, {"/heterozygosity": 0.18}, "identity: 2 × 0.9 × 0.1"),
    ],
    source="Hardy–Weinberg law",
)
def expected_heterozygosity(
    frequency: Annotated[
        float, Quantity("frequency of the M allele"), Meta(description="frequency of one allele of two", ge=0, le=1)
    ],
) -> Expected:
    """Compute the share of heterozygotes, 2p(1 - p), that the Hardy–Weinberg law expects at an allele frequency p."""
    return {"heterozygosity": 2 * frequency * (1 - frequency)}


class Inbreeding(TypedDict):
    coefficient: Annotated[
        float,
        Quantity("inbreeding coefficient", scale="interval"),
        says(
            "the inbreeding coefficient F of {mn_sample}, one minus observed over expected heterozygosity",
            noun="inbreeding coefficient",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"mm": 25, "mn": 50, "nn": 25}, {"/coefficient": 0.0}, "identity: Hardy–Weinberg proportions"),
        example({"mm": 10, "mn": 0, "nn": 10}, {"/coefficient": 1.0}, "identity: no heterozygotes at all"),
    ],
    source="Wright's F, without correction for sample size",
)
def inbreeding_coefficient(mm: MM, mn: MN, nn: NN) -> Inbreeding:
    """Compute one minus observed over expected (Hardy–Weinberg) heterozygosity; refuses a sample of one allele only.

    The expected value comes from the sample's own allele frequencies, without correction for sample size.
    """
    p = m_allele_frequency(mm, mn, nn)["frequency"]
    if p in (0, 1):
        raise Refusal("the sample has one allele only")
    return {"coefficient": 1 - mn / (mm + mn + nn) / (2 * p * (1 - p))}


class Selfing(TypedDict):
    rate: Annotated[
        float,
        Quantity("selfing rate"),
        says("the rate of self-fertilisation at equilibrium that follows from {coefficient}", noun="selfing rate"),
    ]


@tool(
    "processing",
    examples=[
        example({"coefficient": 1.0}, {"/rate": 1.0}, "identity: a fully inbred population selfs always"),
        example({"coefficient": 0.5}, {"/rate": 0.6666666667}, "identity: 2 × 0.5 / 1.5"),
        example({"coefficient": -0.1}, {"error": "refused"}, "identity: selfing makes no excess of heterozygotes"),
    ],
    source="Wright 1921, F = s / (2 - s)",
)
def selfing_rate(
    coefficient: Annotated[float, Quantity("inbreeding coefficient"), Meta(description="F", ge=-1, le=1)],
) -> Selfing:
    """Compute the rate of self-fertilisation that would hold an inbreeding coefficient F at equilibrium, 2F / (1 + F).

    Refuses a negative coefficient.
    """
    if coefficient < 0:
        raise Refusal("selfing makes no excess of heterozygotes")
    return {"rate": 2 * coefficient / (1 + coefficient)}


class ChiSquare(TypedDict):
    statistic: Annotated[
        float,
        Quantity("chi-squared statistic"),
        says(
            "the chi-squared statistic of {mn_sample} against Hardy–Weinberg proportions (no continuity correction)",
            noun="chi-squared statistic",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"mm": 298, "mn": 489, "nn": 213}, {"/statistic": 0.22153},
                "published: Hartl and Clark, MN blood groups, chi-squared 0.22", tolerance=1e-3),
        example({"mm": 25, "mn": 50, "nn": 25}, {"/statistic": 0.0}, "identity: exact Hardy–Weinberg proportions"),
        example({"mm": 5, "mn": 0, "nn": 0}, {"error": "refused"}, "identity: one allele only"),
    ],
    source="Pearson's chi-squared",
)  # fmt: skip
def hardy_weinberg_chi_square(mm: MM, mn: MN, nn: NN) -> ChiSquare:
    """Compute Pearson's chi-squared of genotype counts against those expected from the sample's allele frequencies.

    One degree of freedom, no continuity correction. Refuses a sample with one allele only.
    """
    total, p = mm + mn + nn, m_allele_frequency(mm, mn, nn)["frequency"]
    if p in (0, 1):
        raise Refusal("the sample has one allele only")
    expected = (total * p * p, 2 * total * p * (1 - p), total * (1 - p) ** 2)
    return {"statistic": sum((o - e) ** 2 / e for o, e in zip((mm, mn, nn), expected, strict=True))}


class ChiSquareTail(TypedDict):
    p_value: Annotated[
        float,
        Quantity("p value"),
        says("the p value of {statistic} with one degree of freedom", noun="p value"),
    ]


@tool(
    "processing",
    examples=[
        example({"statistic": 3.841459}, {"/p_value": 0.05}, "published: chi-squared table, 1 d.f.", tolerance=1e-5),
        example({"statistic": 0.0}, {"/p_value": 1.0}, "identity: a perfect fit"),
    ],
    source="chi-squared distribution",
)
def hardy_weinberg_p_value(
    statistic: Annotated[float, Quantity("chi-squared statistic"), Meta(description="chi-squared, 1 d.f.", ge=0)],
) -> ChiSquareTail:
    """Compute the upper tail of the chi-squared distribution with one degree of freedom."""
    return {"p_value": math.erfc(math.sqrt(statistic / 2))}


# --- ecology --------------------

Counts = Annotated[list[SpeciesCount], Part("bird_survey", "counts"), Meta(min_length=1, max_length=200)]


def _numbers(counts: list[Any]) -> list[int]:
    return [row["count"] for row in counts]


class Diversity(TypedDict):
    shannon: Annotated[
        float,
        Quantity("Shannon index"),
        says("the Shannon diversity index of {bird_survey} (natural logarithm)", noun="Shannon diversity index"),
    ]
    simpson: Annotated[
        float,
        Quantity("Gini–Simpson index"),
        says(
            "the Gini–Simpson index of {bird_survey} (one minus the summed squared shares)", noun="Gini–Simpson index"
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"counts": [{"species": "a", "count": 5}, {"species": "b", "count": 5}]},
                {"/shannon": 0.6931471806, "/simpson": 0.5}, "identity: two even species, ln 2 and 1 - 1/2"),
        example({"counts": [{"species": "a", "count": 9}]}, {"/shannon": 0.0, "/simpson": 0.0}, "identity: one kind"),
    ],
    source="Shannon 1948; Simpson 1949",
)  # fmt: skip
def diversity_indices(counts: Counts) -> Diversity:
    """Compute the Shannon index (natural logarithm) and the Gini–Simpson index of counts per species."""
    shares = [n / sum(_numbers(counts)) for n in _numbers(counts)]
    return {
        "shannon": -sum(s * math.log(s) for s in shares) + 0.0,
        "simpson": 1 - sum(s * s for s in shares),
    }


class Effective(TypedDict):
    species: Annotated[
        float,
        Quantity("effective number of species", "species"),
        says("the effective number of species that corresponds to {shannon}", noun="effective number of species"),
    ]


@tool(
    "processing",
    examples=[
        example({"shannon": 0.0}, {"/species": 1.0}, "identity: exp(0)"),
        example({"shannon": 1.3862943611198906}, {"/species": 4.0}, "identity: four even species have ln 4"),
    ],
    source="Jost 2006",
)
def effective_species(
    shannon: Annotated[
        float, Quantity("Shannon index"), Meta(description="natural-logarithm Shannon index", ge=0, le=20)
    ],
) -> Effective:
    """Convert a Shannon index (natural logarithm) to the effective number of species, its exponential."""
    return {"species": math.exp(shannon)}


class Richness(TypedDict):
    chao1: Annotated[
        float,
        Quantity("estimated species richness", "species"),
        says(
            "the bias-corrected Chao1 species richness of {bird_survey}", noun="bias-corrected Chao1 species richness"
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"counts": [{"species": s, "count": n} for s, n in (("a", 9), ("b", 1), ("c", 1), ("d", 2))]},
                {"/chao1": 4.5}, "identity: 4 + 2 × 1 / (2 × 2)"),
        example({"counts": [{"species": "a", "count": 9}]}, {"/chao1": 1.0}, "identity: no singletons"),
    ],
    source="Chao 1984, bias-corrected",
)  # fmt: skip
def chao1_richness(counts: Counts) -> Richness:
    """Estimate species richness by bias-corrected Chao1: S + f1(f1 - 1) / (2(f2 + 1)), f1 and f2 being the numbers of
    species seen once and twice."""
    found = _numbers(counts)
    once, twice = found.count(1), found.count(2)
    return {"chao1": len(found) + once * (once - 1) / (2 * (twice + 1))}


class Undetected(TypedDict):
    species: Annotated[
        float,
        Quantity("undetected species", "species"),
        says(
            "the number of species that {bird_survey} has missed according to {chao1}",
            noun="number of missed species",
            ask="How many species has {bird_survey} missed according to {chao1}",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"counts": [{"species": "a", "count": 5}, {"species": "b", "count": 1}], "chao1": 3.5},
                {"/species": 1.5}, "identity: 3.5 - 2"),
        example({"counts": [{"species": "a", "count": 5}], "chao1": 1.0}, {"/species": 0.0}, "identity: none missed"),
    ],
    source="Chao 1984",
)  # fmt: skip
def undetected_species(
    counts: Counts,
    chao1: Annotated[
        float, Quantity("estimated species richness", "species"), Meta(description="estimated richness", ge=0)
    ],
) -> Undetected:
    """Subtract the number of species that were seen from an estimated richness; refuses an estimate below it."""
    if chao1 < len(counts):
        raise Refusal("the estimate is below the number of species seen")
    return {"species": chao1 - len(counts)}


First = Annotated[list[SpeciesCount], Part("pond_pair", "first"), Meta(min_length=1, max_length=200)]
Second = Annotated[list[SpeciesCount], Part("pond_pair", "second"), Meta(min_length=1, max_length=200)]


class Dissimilarity(TypedDict):
    bray_curtis: Annotated[
        float,
        Quantity("Bray–Curtis dissimilarity"),
        says("the Bray–Curtis dissimilarity of {pond_pair}", noun="Bray–Curtis dissimilarity"),
    ]


@tool(
    "processing",
    version="2",
    examples=[
        example({"first": [{"species": "a", "count": 6}, {"species": "b", "count": 4}],
                 "second": [{"species": "a", "count": 2}, {"species": "c", "count": 8}]},
                {"/bray_curtis": 0.8}, "identity: 1 - 2 × 2 / 20"),
        example({"first": [{"species": "a", "count": 3}], "second": [{"species": "a", "count": 3}]},
                {"/bray_curtis": 0.0}, "identity: two equal ponds"),
    ],
    source="Bray and Curtis 1957",
)  # fmt: skip
def community_dissimilarity(first: First, second: Second) -> Dissimilarity:
    """Compute the Bray–Curtis dissimilarity of the counts of two communities, from 0 (equal) to 1 (nothing shared)."""
    a = {row["species"]: row["count"] for row in first}
    b = {row["species"]: row["count"] for row in second}
    shared = sum(min(a[s], b[s]) for s in a if s in b)
    return {"bray_curtis": 1 - 2 * shared / (sum(a.values()) + sum(b.values()))}


class Overlap(TypedDict):
    jaccard: Annotated[
        float,
        Quantity("Jaccard index"),
        says("the Jaccard index of the kinds of animals found in {pond_pair}", noun="Jaccard index"),
    ]
    shared: Annotated[
        int,
        Quantity("number of shared kinds"),
        says(
            "the number of kinds of animals that {pond_pair} share", noun="number of shared kinds",
            ask="How many kinds of animals are found in both ponds",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"first": [{"species": "a", "count": 6}, {"species": "b", "count": 4}],
                 "second": [{"species": "a", "count": 2}, {"species": "c", "count": 8}]},
                {"/jaccard": 0.3333333333, "/shared": 1}, "identity: one kind of three"),
        example({"first": [{"species": "a", "count": 3}], "second": [{"species": "b", "count": 3}]},
                {"/jaccard": 0.0, "/shared": 0}, "identity: nothing in common"),
    ],
    source="Jaccard 1912",
)  # fmt: skip
def community_overlap(first: First, second: Second) -> Overlap:
    """Compare the species lists of two communities: the Jaccard index (shared over all kinds) and the shared kinds."""
    a, b = ({row["species"] for row in side} for side in (first, second))
    return {"jaccard": len(a & b) / len(a | b), "shared": len(a & b)}


class Abundance(TypedDict):
    size: Annotated[
        float,
        Quantity("population size", "animals"),
        says("the Chapman estimate of the population size in {mark_recapture}", noun="Chapman population estimate"),
    ]


@tool(
    "processing",
    examples=[
        example({"marked": 9, "caught": 9, "recaptured": 9}, {"/size": 9.0}, "identity: all caught are marked"),
        example({"marked": 99, "caught": 49, "recaptured": 9}, {"/size": 499.0}, "identity: 100 × 50 / 10 - 1"),
        example({"marked": 5, "caught": 9, "recaptured": 7}, {"error": "refused"}, "identity: more than were marked"),
    ],
    source="Chapman 1951",
)
def chapman_estimate(
    marked: Annotated[int, Part("mark_recapture", "marked"), Meta(description="animals marked first", ge=1)],
    caught: Annotated[int, Part("mark_recapture", "caught"), Meta(description="animals caught later", ge=1)],
    recaptured: Annotated[int, Part("mark_recapture", "recaptured"), Meta(description="marked among those", ge=0)],
) -> Abundance:
    """Estimate population size from mark and recapture by Chapman: (M + 1)(C + 1) / (R + 1) - 1, unrounded."""
    if recaptured > min(marked, caught):
        raise Refusal("more marked animals recaptured than were marked or caught")
    return {"size": (marked + 1) * (caught + 1) / (recaptured + 1) - 1}


class Density(TypedDict):
    density: Annotated[
        float,
        Quantity("animal density", "animals per hectare"),
        says(
            "the density that follows from {size} and the area of {mark_recapture}", noun="density",
            ask="How many animals per hectare follow from {size} and the area of {mark_recapture}",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"size": 499.0, "area": 2.0}, {"/density": 249.5}, "identity: 499 / 2"),
        example({"size": 60.0, "area": 12.0}, {"/density": 5.0}, "identity: 60 / 12"),
    ],
    source="definition",
)
def animal_density(
    size: Annotated[float, Quantity("population size", "animals"), Meta(description="animals", ge=0)],
    area: Annotated[float, Part("mark_recapture", "area"), Meta(description="hectares", gt=0)],
) -> Density:
    """Divide a population size by the study area in hectares."""
    return {"density": size / area}


# --- growth and kinetics --------------------

Start = Annotated[float, Part("culture", "start"), Meta(description="cells per millilitre at the start", gt=0)]
End = Annotated[float, Part("culture", "end"), Meta(description="cells per millilitre at the end", gt=0)]
Hours = Annotated[float, Part("culture", "hours"), Meta(description="hours between them", gt=0)]


class Growth(TypedDict):
    rate: Annotated[
        float,
        Quantity("specific growth rate", "per hour"),
        says("the specific growth rate of {culture}", noun="specific growth rate"),
    ]


@tool(
    "processing",
    examples=[
        example({"start": 1e5, "end": 8e5, "hours": 3.0}, {"/rate": 0.6931471806}, "identity: three doublings, ln 2"),
        example({"start": 1e5, "end": 1e5, "hours": 3.0}, {"error": "refused"}, "identity: no growth"),
    ],
    source="exponential growth",
)
def specific_growth_rate(start: Start, end: End, hours: Hours) -> Growth:
    """Compute the specific growth rate per hour, ln(end / start) / hours, of exponential growth; refuses no growth."""
    if end <= start:
        raise Refusal("the culture does not grow")
    return {"rate": math.log(end / start) / hours}


class Doubling(TypedDict):
    minutes: Annotated[
        float,
        Quantity("doubling time", "minutes"),
        says(
            "the doubling time at {rate}", noun="doubling time",
            most="longest", least="shortest", more="longer", less="shorter",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"rate": 0.6931471805599453}, {"/minutes": 60.0}, "identity: ln 2 per hour doubles hourly"),
        example({"rate": 2.0794415416798357}, {"/minutes": 20.0}, "identity: E. coli at its fastest, 20 minutes"),
    ],
    source="exponential growth",
)
def culture_doubling_time(
    rate: Annotated[float, Quantity("specific growth rate", "per hour"), Meta(description="per hour", gt=0)],
) -> Doubling:
    """Convert a specific growth rate per hour into the doubling time in minutes."""
    return {"minutes": 60 * math.log(2) / rate}


class Forecast(TypedDict):
    hours: Annotated[
        float,
        Quantity("growth duration", "hours"),
        says(
            "the time in which {culture}, from its first count and at {rate}, reaches {target} cells per millilitre",
            noun="time to reach that density", most="longest", least="shortest", more="longer", less="shorter",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example(
            {"start": 1e6, "rate": 0.6931471805599453, "target": 8e6}, {"/hours": 3.0}, "identity: three doublings"
        ),
        example({"start": 1e9, "rate": 1.0, "target": 1e7}, {"error": "refused"}, "identity: already beyond"),
    ],
    source="exponential growth",
)
def time_to_density(
    start: Start,
    rate: Annotated[float, Quantity("specific growth rate", "per hour"), Meta(description="per hour", gt=0)],
    target: Annotated[
        float,
        Given({1e7: "10 million", 5e7: "50 million", 1e8: "100 million"}),
        Meta(description="cells per millilitre to reach", gt=0),
    ],
) -> Forecast:
    """Compute the hours of exponential growth from a start to a target density; refuses a target below the start."""
    if target <= start:
        raise Refusal("the start is already beyond the target")
    return {"hours": math.log(target / start) / rate}


Vmax = Annotated[float, Part("enzyme_assay", "vmax"), Meta(description="maximum rate, micromoles per minute", gt=0)]
Km = Annotated[float, Part("enzyme_assay", "km"), Meta(description="Michaelis constant, millimolar", gt=0)]
Substrate = Annotated[float, Part("enzyme_assay", "substrate"), Meta(description="substrate, millimolar", gt=0)]


class Rate(TypedDict):
    rate: Annotated[
        float,
        Quantity("reaction rate", "micromoles per minute"),
        says(
            "the Michaelis–Menten rate in {enzyme_assay} without inhibitor", noun="uninhibited rate",
            ask="How fast is the reaction in {enzyme_assay} without inhibitor by the Michaelis–Menten equation",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"vmax": 10.0, "km": 2.0, "substrate": 2.0}, {"/rate": 5.0}, "identity: half the maximum at Km"),
        example({"vmax": 10.0, "km": 1.0, "substrate": 9.0}, {"/rate": 9.0}, "identity: 10 × 9 / (1 + 9)"),
    ],
    source="Michaelis and Menten 1913",
)
def michaelis_menten_rate(vmax: Vmax, km: Km, substrate: Substrate) -> Rate:
    """Compute the rate of an enzyme without inhibitor, Vmax S / (Km + S), in micromoles per minute."""
    return {"rate": vmax * substrate / (km + substrate)}


class ApparentKm(TypedDict):
    apparent_km: Annotated[
        float,
        Quantity("apparent Michaelis constant", "millimolar"),
        says("the apparent Michaelis constant in {enzyme_assay}", noun="apparent Michaelis constant"),
    ]


@tool(
    "processing",
    examples=[
        example({"km": 2.0, "inhibitor": 3.0, "ki": 1.0}, {"/apparent_km": 8.0}, "identity: 2 × (1 + 3)"),
        example({"km": 2.0, "inhibitor": 0.0, "ki": 1.0}, {"/apparent_km": 2.0}, "identity: no inhibitor"),
    ],
    source="competitive inhibition",
)
def apparent_michaelis_constant(
    km: Km,
    inhibitor: Annotated[float, Part("enzyme_assay", "inhibitor"), Meta(description="inhibitor, millimolar", ge=0)],
    ki: Annotated[float, Part("enzyme_assay", "ki"), Meta(description="inhibition constant, millimolar", gt=0)],
) -> ApparentKm:
    """Compute the apparent Michaelis constant with a competitive inhibitor, Km (1 + I / Ki), in millimolar."""
    return {"apparent_km": km * (1 + inhibitor / ki)}


class InhibitedRate(TypedDict):
    rate: Annotated[
        float,
        Quantity("reaction rate", "micromoles per minute"),
        says("the rate of {enzyme_assay} with inhibitor, given {apparent_km}", noun="inhibited rate"),
    ]


@tool(
    "processing",
    examples=[
        example({"vmax": 10.0, "substrate": 2.0, "apparent_km": 8.0}, {"/rate": 2.0}, "identity: 10 × 2 / (8 + 2)"),
        example({"vmax": 10.0, "substrate": 4.0, "apparent_km": 4.0}, {"/rate": 5.0}, "identity: half the maximum"),
    ],
    source="competitive inhibition",
)
def inhibited_rate(
    vmax: Vmax,
    substrate: Substrate,
    apparent_km: Annotated[
        float, Quantity("apparent Michaelis constant", "millimolar"), Meta(description="millimolar", gt=0)
    ],
) -> InhibitedRate:
    """Compute the rate of a competitively inhibited enzyme from its apparent Michaelis constant, Vmax S / (Km' + S)."""
    return {"rate": vmax * substrate / (apparent_km + substrate)}


class SubstrateNeed(TypedDict):
    substrate: Annotated[
        float,
        Quantity("substrate concentration", "millimolar"),
        says(
            "the substrate concentration for {percent} percent of the maximum rate at {apparent_km}",
            noun="substrate concentration",
        ),
    ]  # fmt: skip


@tool(
    "processing",
    examples=[
        example({"apparent_km": 2.0, "percent": 50}, {"/substrate": 2.0}, "identity: half the maximum at Km"),
        example({"apparent_km": 2.0, "percent": 90}, {"/substrate": 18.0}, "identity: nine times Km"),
    ],
    source="Michaelis and Menten 1913",
)
def substrate_for_rate(
    apparent_km: Annotated[
        float, Quantity("apparent Michaelis constant", "millimolar"), Meta(description="millimolar", gt=0)
    ],
    percent: Annotated[int, Given(60, 75, 80, 90), Meta(description="percent of the maximum rate", ge=1, le=99)],
) -> SubstrateNeed:
    """Compute the substrate concentration (millimolar) at which an enzyme reaches a percentage of its maximum rate."""
    return {"substrate": apparent_km * percent / (100 - percent)}
