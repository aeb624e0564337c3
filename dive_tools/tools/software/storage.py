"""Disk arrays made up for a question."""

from __future__ import annotations

import math
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.software.systems import PLAIN
from dive_tools.values import Given, Part, Quantity, says, vignette


def _arrays() -> list[dict[str, Any]]:
    sizes = (2, 4, 6, 8, 12, 16, 18, 20, 22)
    return [{"disks": disks, "size": size} for disks in (4, 5, 6, 8, 10, 12, 16) for size in sizes]


vignette(
    "disk_array",
    "the array",
    ("an array of {disks} disks of {size} TB each", "an array of disks of {size} TB each", "an array"),
    {},
    samples=_arrays,
    alone=" is being planned",
)
Disks = Annotated[int, Part("disk_array", "disks"), Meta(ge=2, le=64, description="number of disks")]
DiskSize = Annotated[float, Part("disk_array", "size"), Meta(gt=0, description="terabytes of 10^12 bytes")]
LEVELS = {"5": "RAID 5", "6": "RAID 6", "10": "RAID 10"}


class Usable(TypedDict):
    capacity: Annotated[
        float,
        Quantity("storage capacity", "TB"),
        says(
            "the usable capacity of {disk_array} in {level}",
            noun="usable capacity",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
        ),
    ]


class Files(TypedDict):
    tebibytes: Annotated[
        float,
        Quantity("storage capacity", "TiB"),
        says(
            "the size of {capacity} in tebibytes",
            noun="size in tebibytes",
            ask="How many tebibytes (TiB) is {capacity}",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"disks": 8, "size": 4, "level": "6"}, {"/capacity": 24}, "identity: two disks hold parity"),
        example({"disks": 8, "size": 4, "level": "10"}, {"/capacity": 16}, "identity: each disk has its mirror"),
        example({"disks": 3, "size": 4, "level": "6"}, {"error": "refused"}, "identity: RAID 6 needs four disks"),
    ],
    **PLAIN,
)
def raid_capacity(
    disks: Disks, size: DiskSize, level: Annotated[str, Given(LEVELS), Meta(pattern="^(5|6|10)$")]
) -> Usable:
    """Compute the usable capacity in TB of equal disks in RAID 5, 6 or 10 (mirrored pairs).

    Refuses fewer disks than the level needs, and an odd number in RAID 10.
    """
    if disks < {"5": 3, "6": 4, "10": 4}[level] or (level == "10" and disks % 2):
        raise Refusal(f"RAID {level} cannot be made of {disks} disks")
    return {"capacity": size * {"5": disks - 1, "6": disks - 2, "10": disks // 2}[level]}


@tool(
    "processing",
    examples=[
        example({"capacity": 1.099511627776}, {"/tebibytes": 1}, "published: IEC 80000-13, tebibyte of 2^40 bytes"),
        example({"capacity": 8}, {"/tebibytes": 8e12 / 2**40}, "published: IEC 80000-13, tebibyte of 2^40 bytes"),
    ],
    converts=True,
    **PLAIN,
)
def capacity_in_tebibytes(capacity: Annotated[float, Quantity("storage capacity", "TB"), Meta(ge=0)]) -> Files:
    """Convert a storage capacity from TB (10^12 bytes) to TiB (2^40 bytes)."""
    return {"tebibytes": capacity * 1e12 / math.ldexp(1, 40)}
