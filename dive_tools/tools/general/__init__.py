"""General tools: languages, time zones, dates and calendars, units, road networks, texts, tables, documents."""

SEEDS = ("language", "project", "road_network", "timezone")
