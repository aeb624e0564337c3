"""Geography: countries, cities, airports, flights, distances and directions."""

SEEDS = ("country", "city", "airport", "flight")
