"""Academic tools: elements, compounds, nuclides, particles, numbers, books, citations, statistics, words."""

SEEDS = (
    "element",
    "element_group",
    "nuclide",
    "particle",
    "compound",
    "isbn",
    "positive_integer",
    "polynomial",
    "english_word",
    "researcher",
    "experiment",
    "calibration",
    "survey",
    "passage",
)
