"""General tools: languages, time zones, calendars, holidays, units; made-up lists, networks, timetables, calls."""

SEEDS = (
    "country",
    "holiday_region",
    "language",
    "month",
    "order_list",
    "project",
    "road_network",
    "stock_list",
    "timetable",
    "video_call",
    "year",
)
