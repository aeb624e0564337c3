"""Parquet written row by row, and what the readers of its JSON columns can hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from dive_tools.train.exports.chat import as_text

GROUP = 256  # rows held in memory, and of a row group


class Rows:
    """A parquet file being written; `features` are those of `datasets`, and are kept in it.

    A value of a Json feature is given as JSON text.
    """

    def __init__(self, path: Path, features: Mapping[str, Any]) -> None:
        import pyarrow.parquet
        from datasets import Features

        self.schema = Features(features).arrow_schema
        self.written = 0
        self._file = pyarrow.parquet.ParquetWriter(path, self.schema, compression="zstd")
        self._held: list[Mapping[str, Any]] = []

    def __enter__(self) -> Rows:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        if kind is None:
            self._flush()
        self._file.close()

    def add(self, row: Mapping[str, Any]) -> None:
        """One more row."""
        self._held.append(row)
        self.written += 1
        if len(self._held) == GROUP:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._held:
            columns = [
                _array([row[name] for row in self._held], self.schema.field(name).type) for name in self.schema.names
            ]
            self._file.write_table(pa.Table.from_arrays(columns, schema=self.schema))
            self._held = []


def _array(values: list[Any], kind: Any) -> Any:
    """An Arrow array; lists of JSON texts are built from their texts, which Arrow does not do by itself."""
    import pyarrow as pa

    if pa.types.is_list(kind) and isinstance(kind.value_type, pa.JsonType):
        texts = pa.array(values, pa.list_(pa.string()))
        return pa.ListArray.from_arrays(texts.offsets, texts.values.cast(kind.value_type), type=kind)
    if isinstance(kind, pa.JsonType):
        return pa.array(values, pa.string()).cast(kind)
    return pa.array(values, kind)


def survives(value: Any) -> bool:
    """Whether `datasets` gives a value of a Json feature back as it was, also after a map.

    Its JSON library (pandas' ujson) reads integers of 64 bits, reads one decimal fraction in seven of ten digits
    wrongly in the last bit, and writes ten digits after the point.
    """
    from datasets.utils.json import ujson_dumps, ujson_loads

    try:
        once = ujson_loads(as_text(value))
        again = ujson_loads(ujson_dumps(once))
    except (ValueError, OverflowError):
        return False
    text = json.dumps(value)
    return json.dumps(once) == text and json.dumps(again) == text
