"""General tools: languages, time zones, dates and calendars, units, road networks, texts, tables, documents."""

SEEDS = (
    "holiday_region",
    "language",
    "month",
    "order_list",
    "project",
    "road_network",
    "script",
    "stock_list",
    "timetable",
    "timezone",
    "unit",
    "year",
)
