"""The Chemical Component Dictionary of the Protein Data Bank, as packaged by biotite (BinaryCIF)."""

from __future__ import annotations

import importlib.util
import re
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta

from dive_tools.tools.base import Refusal
from dive_tools.tools.biology.amino_acids import letter_of
from dive_tools.tools.biology.types import AMINO_ACIDS
from dive_tools.values import Entity, entity

CCD: dict[str, Any] = {
    "needs": ("biotite", "numpy"),
    "source": "Chemical Component Dictionary of the wwPDB, by biotite",
    "licence": "CC0-1.0",
}
_NUMBERS = {1: "i1", 2: "<i2", 3: "<i4", 4: "u1", 5: "<u2", 6: "<u4", 32: "<f4", 33: "<f8"}
_COLUMNS = ("id", "formula", "formula_weight", "mon_nstd_parent_comp_id", "type", "pdbx_release_status",
            "pdbx_initial_date", "pdbx_model_coordinates_db_code")  # fmt: skip


class Row(NamedTuple):
    """A component: identifier, formula ("C2 H4 O3"), weight in daltons, parent, and when and where it was defined."""

    id: str
    formula: str
    weight: float
    parent: str
    type: str
    status: str
    defined: str
    entry: str


@lru_cache(maxsize=1)
def components() -> dict[str, Row]:
    """Released components of known formula by identifier."""
    found = importlib.util.find_spec("biotite")
    if found is None or not found.submodule_search_locations:
        raise Refusal("the Chemical Component Dictionary of biotite is not installed")
    path = Path(found.submodule_search_locations[0]) / "structure" / "info" / "components.bcif"
    block = msgspec.msgpack.decode(path.read_bytes())["dataBlocks"][0]
    table = next(category for category in block["categories"] if category["name"].strip("_") == "chem_comp")
    data = {column["name"]: column["data"] for column in table["columns"]}
    rows = map(Row, *(_decoded(data[name]) for name in _COLUMNS))
    return {row.id: row for row in rows if row.status == "REL" and row.formula[:1].isalpha()}


def _decoded(data: dict[str, Any]) -> list[Any]:
    """A column as a list, by the encodings of BinaryCIF."""
    *_, last = data["encoding"]
    if last["kind"] == "StringArray":
        places = _numbers(last["offsets"], last["offsetEncoding"]).tolist()
        words = [last["stringData"][a:b] for a, b in pairwise(places)]
        return [words[i] if i >= 0 else "?" for i in _numbers(data["data"], last["dataEncoding"]).tolist()]
    return _numbers(data["data"], data["encoding"]).tolist()  # type: ignore[no-any-return]


def _numbers(data: bytes, encodings: list[dict[str, Any]]) -> Any:
    import numpy as np

    values: Any = data
    for step in reversed(encodings):
        if step["kind"] == "ByteArray":
            values = np.frombuffer(values, dtype=_NUMBERS[step["type"]])
        elif step["kind"] == "IntegerPacking":
            values = _unpacked(values, step["byteCount"], step["isUnsigned"])
        elif step["kind"] == "RunLength":
            values = np.repeat(values[0::2], values[1::2])
        elif step["kind"] == "Delta":
            values = np.cumsum(values.astype("i8")) + step["origin"]
        elif step["kind"] == "FixedPoint":
            values = values / step["factor"]
        else:
            raise Refusal(f"the packaged dictionary is encoded by {step['kind']}, which is not known here")
    return values


def _unpacked(values: Any, size: int, unsigned: bool) -> Any:
    """Numbers split into a run of the largest (or smallest) packed value and a rest, put together again."""
    import numpy as np

    high = 2 ** (8 * size) - 1 if unsigned else 2 ** (8 * size - 1) - 1
    edge = (values == high) if unsigned else (values == high) | (values == -high - 1)
    sums = np.cumsum(values.astype("i8"))[~edge]
    return np.diff(sums, prepend=0)


def find_component(text: str) -> str:
    """The identifier of a component; Refusal when the dictionary has none released."""
    asked = text.strip().upper()
    if asked not in components():
        raise Refusal(f"the Chemical Component Dictionary has no released component {text!r}")
    return asked


def atoms(component: str) -> dict[str, int]:
    """Element symbol -> number of atoms, from the formula."""
    parts = re.findall(r"([A-Za-z]+)(\d*)", components()[component].formula)
    return {symbol.capitalize(): int(number or 1) for symbol, number in parts}


def parent_of(component: str) -> str | None:
    """The proteinogenic amino acid that a component is a modified form of, or None."""
    parent = components()[component].parent
    try:
        return AMINO_ACIDS[letter_of(parent)] if len(parent) == 3 else None
    except Refusal:
        return None


@lru_cache(maxsize=1)
def by_parent() -> dict[str, list[str]]:
    """Modified residues by the amino acid that they are made from."""
    found: dict[str, list[str]] = {}
    for name in sorted(components()):
        parent = parent_of(name)
        if parent:
            found.setdefault(parent, []).append(name)
    return found


@lru_cache(maxsize=1)
def by_entry() -> dict[str, list[str]]:
    """Components by the PDB entry that their model coordinates come from."""
    found: dict[str, list[str]] = {}
    for name, row in sorted(components().items()):
        if re.fullmatch(r"[1-9][A-Z0-9]{3}", row.entry):
            found.setdefault(row.entry, []).append(name)
    return found


def _samples() -> list[str]:
    """Modified amino acids, and components that share their model entry with two to five, named from a letter on."""
    modified = {name for names in by_parent().values() for name in names}
    shared = {name for names in by_entry().values() if 3 <= len(names) <= 6 for name in names}
    return sorted(name for name in modified | shared if len(name) == 3 and name[0].isalpha())


def _akin(component: str) -> list[str]:
    parent, entry = parent_of(component), components()[component].entry
    near = by_parent()[parent] if parent else by_entry().get(entry, [])
    return [name for name in near if name != component]


entity("pdb_component", "PDB component", intro="the PDB component {}", samples=_samples, akin=_akin)
entity("pdb_entry", "PDB entry", "PDB entries", intro="the PDB entry {}",
       samples=lambda: [entry for entry, names in by_entry().items() if 3 <= len(names) <= 6])  # fmt: skip
Component = Annotated[
    str, Entity("pdb_component"), Meta(description='identifier in the Chemical Component Dictionary ("HEM", "SEP")')
]
