"""General tools: places, airports, languages, time zones, dates and calendars, units, road networks."""

SEEDS = ("country", "city", "airport", "language", "flight", "project", "road_network")
