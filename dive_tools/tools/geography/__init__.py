"""Geography: countries and their parts, cities, ZIP codes, telephone numbers, airports, flights, maps, distances."""

SEEDS = (
    "country", "city", "airport", "flight", "subdivision", "us_state", "us_place", "us_county", "zip_code",
    "phone_number", "locator", "walk",
)  # fmt: skip
