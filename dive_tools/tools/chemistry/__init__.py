"""Chemistry: elements, nuclides, ions, compounds, greenhouse gases, solutions and reactions."""

SEEDS = (
    "element", "element_group", "element_period", "nuclide", "ion", "aqueous_ion", "electrolyte", "compound",
    "molecular_formula", "compound_class", "greenhouse_gas", "gas_family", "refrigerant_blend", "dilution", "weak_acid",
    "buffer",
    "titration", "ideal_mixture", "rate_study", "galvanic_cell", "electrolysis", "gas_sample", "elemental_analysis",
    "reacting_masses",
)  # fmt: skip
