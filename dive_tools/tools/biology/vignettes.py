"""Objects made up for biology's questions: samples, surveys, cultures, assays; a few hundred plausible ones of each."""

from __future__ import annotations

from typing import Any

from dive_tools.values import join, vignette


def _mn_samples() -> list[dict[str, int]]:
    """Genotype counts near and far from Hardy–Weinberg proportions."""
    found = [{"mm": 298, "mn": 489, "nn": 213}, {"mm": 406, "mn": 744, "nn": 332}, {"mm": 1101, "mn": 1496, "nn": 503}]
    for i in range(260):
        size, p = 60 + (i * 37) % 540, 0.18 + (i * 29 % 64) / 100
        fit = 1 - ((i * 13) % 37 - 12) / 60
        mn = round(size * 2 * p * (1 - p) * fit)
        mm = round(size * p - mn / 2)
        if min(mm, size - mm - mn) > 2:
            found.append({"mm": mm, "mn": mn, "nn": size - mm - mn})
    return found


vignette(
    "mn_sample",
    "the sample",
    "a population sample typed for the MN blood group consists of {mm} MM, {mn} MN and {nn} NN individuals",
    {},
    samples=_mn_samples,
)


def say_counts(counts: list[dict[str, int | str]]) -> str:
    """[{"species": "robins", "count": 3}, …] -> "robins (3) and …"."""
    return join([f"{row['species']} ({row['count']})" for row in counts])


_HABITATS = (
    "great tits, blue tits, nuthatches, robins, jays, treecreepers",
    "dunlins, curlews, redshanks, oystercatchers, grey plovers",
    "sparrows, pigeons, blackbirds, magpies, starlings, wrens",
    "reed warblers, sedge warblers, reed buntings, bearded tits, bitterns",
    "mallards, coots, moorhens, tufted ducks, great crested grebes, grey herons",
    "skylarks, yellowhammers, linnets, partridges, lapwings",
)
_PONDS = (
    "dragonflies, water boatmen, pond skaters, mayfly nymphs, freshwater snails",
    "caddisfly larvae, water beetles, leeches, freshwater shrimps, water lice",
    "common frogs, smooth newts, great crested newts, common toads, sticklebacks",
)


def _counts(species: str, seed: int, gaps: bool = False) -> list[dict[str, int | str]]:
    """Counts that fall off from the most frequent kind to ones seen once or twice; with `gaps`, some are absent."""
    found: list[dict[str, int | str]] = []
    names = species.split(", ")
    for rank in range(len(names)):
        top, fall = 14 + (seed * 31) % 77, 0.36 + (seed * 17 % 40) / 100
        count = max(1, round(top * fall**rank) + (seed * (rank + 3)) % 3 - 1)
        if not gaps or (3 * seed + rank) % 4:
            found.append({"species": names[(rank * 7 + seed) % len(names)], "count": count})
    return found


vignette(
    "bird_survey",
    "the survey",
    "a bird survey counts the following: {counts}",
    {},
    says={"counts": say_counts},
    samples=lambda: [{"counts": _counts(_HABITATS[i % len(_HABITATS)], i)} for i in range(240)],
)
vignette(
    "pond_pair",
    "the two ponds",
    "a survey counts {first} in one pond and {second} in another",
    {},
    says={"first": say_counts, "second": say_counts},
    samples=lambda: [
        {"first": _counts(_PONDS[i % 3], i, gaps=True), "second": _counts(_PONDS[i % 3], 5 * i + 2, gaps=True)}
        for i in range(200)
    ],
)


def _cultures() -> list[dict[str, float]]:
    starts = (10000, 20000, 25000, 50000, 60000, 80000, 100000, 150000, 200000, 300000, 400000, 500000)
    folds, hours = (6, 8, 10, 12, 15, 20, 24, 30, 32, 45, 60), (1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0, 8.0)
    rows = [(starts[i % 12], folds[(i * 5) % 11], hours[(i * 7 + i // 11) % 11]) for i in range(264)]
    return [{"start": float(s), "end": float(s * f), "hours": h} for s, f, h in dict.fromkeys(rows)]


vignette(
    "culture",
    "the culture",
    (
        "a bacterial culture grows exponentially from {start} to {end} cells per millilitre in {hours} hours",
        "a bacterial culture grows exponentially from {start} to {end} cells per millilitre",
    ),
    {},
    samples=_cultures,
)


def _assays() -> list[dict[str, Any]]:
    rates = (18.0, 35.0, 45.0, 60.0, 80.0, 95.0, 120.0, 140.0, 160.0, 210.0, 250.0, 300.0)
    constants = (0.09, 0.15, 0.4, 0.75, 1.2, 1.8, 2.5, 3.2, 4.4, 5.0, 6.0, 10.0)
    found = []
    for i in range(240):
        km = constants[(i * 5 + i // 12) % 12]
        found.append({
            "vmax": rates[i % 12],
            "km": km,
            "substrate": float(f"{km * (0.4, 0.5, 0.8, 1.5, 2.0, 3.0, 4.0)[i % 7]:.2g}"),
            "inhibitor": float(f"{km * (0.25, 0.4, 0.5, 0.8, 1.0)[i % 5]:.2g}"),
            "ki": float(f"{km * (0.1, 0.15, 0.2, 0.3, 0.5, 0.75)[i % 6]:.2g}"),
        })  # fmt: skip
    return found


vignette(
    "enzyme_assay",
    "the assay",
    (
        "an enzyme with a maximum rate of {vmax} micromoles per minute and a Michaelis constant of {km} millimolar "
        "meets {substrate} millimolar substrate and {inhibitor} millimolar of a competitive inhibitor with an "
        "inhibition constant of {ki} millimolar",
        "an enzyme with a maximum rate of {vmax} micromoles per minute and a Michaelis constant of {km} millimolar "
        "meets {substrate} millimolar substrate",
        "an enzyme with a Michaelis constant of {km} millimolar meets {inhibitor} millimolar of a competitive "
        "inhibitor with an inhibition constant of {ki} millimolar",
        "an enzyme has a Michaelis constant of {km} millimolar",
    ),
    {},
    samples=_assays,
)


def _recaptures() -> list[dict[str, float]]:
    found = []
    for i in range(240):
        marked, caught = 45 + (i * 23) % 170, 40 + (i * 41) % 150
        share = 0.15 + (i * 7 % 31) / 100
        area = (0.8, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.5, 6.0, 6.5, 9.0, 10.0)[i % 12]
        found.append({"area": area, "marked": marked, "caught": caught, "recaptured": round(caught * share)})
    return [row for row in found if row["recaptured"] < row["marked"]]


vignette(
    "mark_recapture",
    "the study",
    (
        "in a mark–recapture study on {area} hectares, {marked} wood mice are marked, and of {caught} caught later "
        "{recaptured} bear a mark",
        "in a mark–recapture study, {marked} wood mice are marked, and of {caught} caught later {recaptured} bear a "
        "mark",
    ),
    {},
    samples=_recaptures,
)
