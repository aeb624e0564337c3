"""Chemistry: elements, nuclides, compounds and their reactions."""

SEEDS = ("element", "element_group", "nuclide", "compound")
