"""Academic tools: particles, the sky, numbers, books, citations, statistics, words."""

SEEDS = (
    "particle",
    "isbn",
    "positive_integer",
    "polynomial",
    "english_word",
    "researcher",
    "experiment",
    "calibration",
    "survey",
    "passage",
    "sky_object",
    "constellation",
    "star",
)
