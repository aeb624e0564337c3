"""Downloads, services and disk arrays made up for a question."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import example, tool
from dive_tools.values import Part, Quantity, says, vignette

PLAIN: dict[str, Any] = {"source": "textbook arithmetic of computer systems", "licence": "public domain"}

# --- downloads --------------------------------------------------------------------------------------------------------


def _links() -> list[dict[str, Any]]:
    return [
        {
            "size": (1.4, 2.5, 4.7, 8, 12.5, 25, 36, 48, 60, 120)[i % 10],
            "rate": (20, 25, 50, 80, 100, 250, 400, 500, 1000)[(i * 5) % 9],
            "delay": (8, 12, 20, 30, 45, 60, 80, 110, 150, 240)[(i * 3) % 10],
            "window": (64, 128, 256, 512)[(i // 3) % 4],
        }
        for i in range(180)
    ]


vignette(
    "download",
    "the download",
    ("a download of {size} GB (1 GB = 1,000,000,000 bytes)", "a download"),
    {
        "rate": "runs over a link of {rate} Mbit/s (1 Mbit = 1,000,000 bits)",
        "delay": "has a round-trip time of {delay} ms",
        "window": "uses a TCP window of {window} KiB",
    },
    samples=_links,
)
FileSize = Annotated[float, Part("download", "size"), Meta(gt=0, description="gigabytes of 10^9 bytes")]
Rate = Annotated[float, Part("download", "rate"), Meta(gt=0, description="megabits per second, 10^6 bits")]
Delay = Annotated[float, Part("download", "delay"), Meta(gt=0, description="round-trip time in milliseconds")]
Window = Annotated[float, Part("download", "window"), Meta(gt=0, description="TCP window in KiB of 1024 bytes")]


class Capped(TypedDict):
    rate: Annotated[
        float,
        Quantity("data rate", "Mbit/s"),
        says(
            "the highest data rate that {download} can reach with its TCP window and round-trip time, capped by "
            "the link",
            noun="highest data rate",
        ),
    ]


class Took(TypedDict):
    time: Annotated[
        float,
        Quantity("download time", "seconds"),
        says("the time that {download} takes at {rate}", noun="time", ask="How long does {download} take at {rate}"),
    ]


@tool(
    "processing",
    examples=[
        example({"rate": 100, "delay": 64, "window": 64}, {"/rate": 8.192}, "identity: 64 KiB each 64 ms"),
        example({"rate": 5, "delay": 64, "window": 64}, {"/rate": 5}, "identity: the link is slower"),
    ],
    **PLAIN,
)
def windowed_data_rate(rate: Rate, delay: Delay, window: Window) -> Capped:
    """Compute the highest data rate in Mbit/s of a TCP connection: one window for each round trip, or the link's rate
    where that is lower."""
    return {"rate": min(rate, window * 1024 * 8 / (delay / 1000) / 1e6)}


@tool(
    "processing",
    examples=[
        example({"size": 1, "rate": 100}, {"/time": 80}, "identity: 8,000 Mbit at 100 Mbit/s"),
        example({"size": 4.5, "rate": 1000}, {"/time": 36}, "identity: 36,000 Mbit at 1,000 Mbit/s"),
    ],
    **PLAIN,
)
def transfer_time(size: FileSize, rate: Annotated[float, Quantity("data rate", "Mbit/s"), Meta(gt=0)]) -> Took:
    """Compute the time in seconds that a download of a size in GB (10^9 bytes) takes at a data rate in Mbit/s."""
    return {"time": size * 8000 / rate}


# --- services ---------------------------------------------------------------------------------------------------------


def _services() -> list[dict[str, Any]]:
    return [
        {
            "availability": (99.0, 99.5, 99.8, 99.9, 98.5, 97.0, 95.0)[i % 7],
            "servers": (2, 3)[(i // 3) % 2],
            "requests": (20, 50, 80, 120, 200, 350, 500, 900, 1400)[(i * 4) % 9],
            "latency": (15, 25, 40, 60, 80, 120, 180, 250)[(i * 5) % 8],
            "hits": (70, 75, 80, 85, 90, 92, 95)[(i // 7) % 7],
            "cached": (2, 3, 5, 8, 10)[(i * 2) % 5],
        }
        for i in range(220)
    ]


vignette(
    "web_service",
    "the service",
    "a web service",
    {
        "availability": "runs on servers that are each up {availability} % of the time, independently of one another",
        "servers": "needs only one of its {servers} servers to be up",
        "requests": "handles {requests} requests a second",
        "hits": "answers {hits} % of its requests from a cache",
        "cached": "takes {cached} ms for a request that the cache answers",
        "latency": "takes {latency} ms for any other request",
    },
    samples=_services,
)
Availability = Annotated[float, Part("web_service", "availability"), Meta(ge=0, le=100, description="percent")]
Requests = Annotated[float, Part("web_service", "requests"), Meta(gt=0, description="requests per second")]
Latency = Annotated[float, Part("web_service", "latency"), Meta(gt=0, description="milliseconds without the cache")]
Hits = Annotated[float, Part("web_service", "hits"), Meta(ge=0, le=100, description="cache hit rate in percent")]
Cached = Annotated[float, Part("web_service", "cached"), Meta(gt=0, description="milliseconds from the cache")]


class Together(TypedDict):
    availability: Annotated[
        float,
        Quantity("availability", "percent"),
        says("the availability of {web_service} as a whole"),
    ]


class Down(TypedDict):
    minutes: Annotated[
        float,
        Quantity("downtime", "minutes"),
        says(
            "the expected downtime in a year of 365 days at {availability}",
            noun="expected downtime",
            ask="How much downtime is to be expected in a year of 365 days at {availability}",
            most="longest",
            least="shortest",
            more="longer",
            less="shorter",
        ),
    ]


class MeanTime(TypedDict):
    time: Annotated[
        float,
        Quantity("response time", "milliseconds"),
        says("the mean response time of {web_service}", noun="mean response time"),
    ]


class Busy(TypedDict):
    concurrent: Annotated[
        float,
        Quantity("requests in progress", "requests"),
        says(
            "the mean number of requests in progress at {time}, by Little's law",
            noun="mean number of requests in progress",
            ask="How many requests are in progress on average at {time}, by Little's law",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"availability": 99, "servers": 2}, {"/availability": 99.99}, "identity: both are down 1 % of 1 %"),
        example({"availability": 90, "servers": 3}, {"/availability": 99.9}, "identity: 0.1 to the third is 0.001"),
    ],
    **PLAIN,
)
def redundant_availability(
    availability: Availability, servers: Annotated[int, Part("web_service", "servers"), Meta(ge=1, le=20)]
) -> Together:
    """Compute the availability in percent of independent, equal servers any one of which is enough."""
    return {"availability": 100 * (1 - (1 - availability / 100) ** servers)}


@tool(
    "processing",
    examples=[
        example({"availability": 99.9}, {"/minutes": 525.6}, "identity: a thousandth of 525,600 minutes"),
        example({"availability": 100}, {"/minutes": 0}, "identity: never down"),
    ],
    **PLAIN,
)
def yearly_downtime(availability: Annotated[float, Quantity("availability", "percent"), Meta(ge=0, le=100)]) -> Down:
    """Compute the minutes that an availability in percent leaves down in a year of 365 days."""
    return {"minutes": (100 - availability) / 100 * 365 * 24 * 60}


@tool(
    "processing",
    examples=[
        example({"hits": 90, "cached": 2, "latency": 100}, {"/time": 11.8}, "identity: 0.9 times 2 and 0.1 times 100"),
        example({"hits": 0, "cached": 2, "latency": 40}, {"/time": 40}, "identity: no hit at all"),
    ],
    **PLAIN,
)
def mean_response_time(hits: Hits, cached: Cached, latency: Latency) -> MeanTime:
    """Compute the mean response time in ms from the cache hit rate and the times with and without a hit."""
    return {"time": hits / 100 * cached + (1 - hits / 100) * latency}


@tool(
    "processing",
    examples=[
        example({"requests": 200, "time": 50}, {"/concurrent": 10}, "published: Little's law, L = λW"),
        example({"requests": 1000, "time": 1}, {"/concurrent": 1}, "published: Little's law, L = λW"),
    ],
    **PLAIN,
)
def requests_in_progress(
    requests: Requests, time: Annotated[float, Quantity("response time", "milliseconds"), Meta(gt=0)]
) -> Busy:
    """Compute the mean number of requests in progress by Little's law, from requests a second and mean time in ms."""
    return {"concurrent": requests * time / 1000}
