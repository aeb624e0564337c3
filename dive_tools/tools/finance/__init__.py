"""Finance: exchanges and their trading days, currencies, identifiers, bonds, options, loans, investments, companies,
and the macroeconomic record of the United States."""

SEEDS = (
    "exchange",
    "currency",
    "former_currency",
    "company",
    "iban",
    "us_quarter",
    "bond",
    "option",
    "quoted_option",
    "loan",
    "investment",
    "portfolio",
    "statement",
)
