"""Schemas of OpenAPI 3.0 and 3.1 as JSON Schema 2020-12 that stands alone.

References become `$defs`; small ones that do not recurse are put in place, and what lies far behind many
others may be anything: some documents refer from everywhere to everywhere. A schema is read for a request (without
what is readOnly) or for a response (without what is writeOnly).
"""

from __future__ import annotations

import re
from collections import deque
from typing import Any, Literal

from dive_tools.sources.openapi_merge import (
    DROPPED,
    BadSchema,
    Schema,
    clean,
    compiles,
    in_place,
    merged,
    nullable,
    old_bounds,
)
from dive_tools.sources.reading import Documents

Mode = Literal["request", "response"]
Key = tuple[str, str, Mode]

TYPES = frozenset({"string", "number", "integer", "boolean", "object", "array", "null"})
AS_IT_IS = (
    "description", "format", "enum", "const", "default", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
    "multipleOf", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties",
    "contentEncoding", "contentMediaType", "minContains", "maxContains",
)  # fmt: skip
LISTS = ("oneOf", "anyOf", "prefixItems")
SINGLE = ("not", "items", "contains", "if", "then", "else", "propertyNames", "additionalProperties")
NAMED = ("patternProperties", "dependentSchemas")
NODES = 100_000  # of one schema as it is written; a document of nested aliases has more
KEPT = 600  # nodes of a schema's definitions; what is further away than these may be anything


class Schemas:
    """The schemas of a document; each definition is translated once for each mode."""

    def __init__(self, documents: Documents, *, old: bool) -> None:
        self._documents = documents
        self._old = old  # OpenAPI 3.0
        self._made: dict[Key, tuple[Schema, frozenset[Key], int]] = {}
        self._names: dict[Key, str] = {}
        self._keys: dict[str, Key] = {}
        self._nodes = 0

    def alone(self, node: Any, base: str, mode: Mode) -> Schema:
        """A schema with all that it refers to."""
        self._nodes = 0
        uses: set[Key] = set()
        return self._whole(clean(self._translated(node, base, mode, uses, ())), uses)

    def opened(self, node: Any, base: str, mode: Mode) -> Schema:
        """The same, where the outermost level is never a reference."""
        self._nodes = 0
        uses: set[Key] = set()
        return self._whole(clean(self._inner(node, base, mode, uses, ())), uses)

    def _whole(self, made: Schema, uses: set[Key]) -> Schema:
        needed: dict[Key, Schema] = {}
        waiting, left = deque(sorted(uses)), KEPT
        while waiting:  # the nearest first
            key = waiting.popleft()
            if key in needed:
                continue
            schema, more, size = self._defined(key)
            left -= size
            needed[key] = schema if left >= 0 else {}
            waiting += sorted(more) if left >= 0 else ()
        named = {self._names[key]: schema for key, schema in needed.items()}
        if not named:
            return made
        placed = in_place(made, named)
        return placed if placed is not None else {**made, "$defs": dict(sorted(named.items()))}

    def _defined(self, key: Key) -> tuple[Schema, frozenset[Key], int]:
        """A definition, what it refers to, and of how many parts it is."""
        if key not in self._made:
            node, base = self._documents.at(*key[:2])
            uses: set[Key] = set()
            self._nodes = 0
            made = clean(self._translated(node, base, key[2], uses, (key,)))
            self._made[key] = made, frozenset(uses), self._nodes
        return self._made[key]

    def _name(self, key: Key) -> str:
        if key not in self._names:
            word = re.sub(r"[^A-Za-z0-9_.-]", "_", key[1].rpartition("/")[2]) or "schema"
            name, number = word, 1
            while name in self._keys:
                number += 1
                name = f"{word}_{number}"
            self._names[key], self._keys[name] = name, key
        return self._names[key]

    def _inner(self, node: Any, base: str, mode: Mode, uses: set[Key], within: tuple[Key, ...]) -> Schema:
        """What a schema is, its own reference followed; a reference within itself stays one."""
        key = self._key(node, base, mode)
        if key is None or key in within or len(within) > 50:
            return self._translated(node, base, mode, uses, within)
        target, there = self._documents.at(*key[:2])
        made = self._inner(target, there, mode, uses, (*within, key))
        beside = self._translated({k: v for k, v in node.items() if k != "$ref"}, base, mode, uses, within)
        return {**made, **({} if self._old else beside)}

    def _key(self, node: Any, base: str, mode: Mode) -> Key | None:
        if not (isinstance(node, dict) and isinstance(node.get("$ref"), str)):
            return None
        return *self._documents.place(node["$ref"], base), mode

    def _translated(self, node: Any, base: str, mode: Mode, uses: set[Key], within: tuple[Key, ...]) -> Schema:
        self._nodes += 1
        if self._nodes > NODES:
            raise BadSchema(f"a schema of more than {NODES} parts")
        if isinstance(node, bool):
            return {} if node else {"not": {}}
        if not isinstance(node, dict):
            raise BadSchema(f"a schema must be an object, not {node!r:.60}")
        key = self._key(node, base, mode)
        if key is not None:
            self._documents.at(*key[:2])  # a reference to nothing is told at the operation that holds it
            uses.add(key)
            rest = {} if self._old else {k: v for k, v in node.items() if k != "$ref"}
            beside = self._translated(rest, base, mode, uses, within) if rest else {}
            described = {"description": node["description"]} if isinstance(node.get("description"), str) else {}
            return {"$ref": f"#/$defs/{self._name(key)}", **described, **beside}
        made = self._own(node, base, mode, uses, within)
        if isinstance(node.get("allOf"), list) and node["allOf"]:
            made = self._all_of(made, node["allOf"], base, mode, uses, within)
        return nullable(made) if self._old and node.get("nullable") is True else made

    def _own(self, node: Schema, base: str, mode: Mode, uses: set[Key], within: tuple[Key, ...]) -> Schema:
        """A schema but for its `allOf` and `nullable`."""
        made: Schema = {}
        kinds = node.get("type")
        if kinds is not None:
            names = kinds if isinstance(kinds, list) else [kinds]
            if not names or not all(isinstance(name, str) and name in TYPES for name in names):
                raise BadSchema(f"no JSON type is called {kinds!r}")
            made["type"] = kinds
        made |= {word: node[word] for word in AS_IT_IS if word in node and node[word] is not None}
        if self._old:
            old_bounds(made)
        if isinstance(node.get("enum"), list) and not node["enum"]:
            del made["enum"]
        if isinstance(node.get("pattern"), str) and compiles(node["pattern"]):
            made["pattern"] = node["pattern"]
        if mode == "request" and not isinstance(node.get("properties"), dict):
            shown = node.get("examples") if isinstance(node.get("examples"), list) else [node.get("example")]
            if shown and shown[0] is not None:
                made["examples"] = shown

        def inner(part: Any) -> Schema:
            return self._translated(part, base, mode, uses, within)

        for word in LISTS:
            if isinstance(node.get(word), list) and node[word]:
                made[word] = [inner(part) for part in node[word]]
        for word in SINGLE:
            if isinstance(node.get(word), bool):
                made[word] = node[word]
            elif word in node:
                made[word] = inner(node[word])
        for word in NAMED:
            if isinstance(node.get(word), dict):
                made[word] = {name: inner(part) for name, part in node[word].items()}
        if made.get("type") == "array":
            made.setdefault("items", {})
        self._properties(made, node, mode, inner)
        return made

    def _properties(self, made: Schema, node: Schema, mode: Mode, inner: Any) -> None:
        unwanted = "readOnly" if mode == "request" else "writeOnly"
        properties = node.get("properties")
        dropped: list[str] = []
        if isinstance(properties, dict):
            made.setdefault("type", "object")
            made["properties"] = {}
            for name, part in properties.items():
                if isinstance(part, dict) and part.get(unwanted) is True:
                    dropped.append(str(name))
                else:
                    made["properties"][str(name)] = inner(part)
        if isinstance(node.get("required"), list):
            made["required"] = [name for name in node["required"] if isinstance(name, str)]
        if dropped:
            made[DROPPED] = dropped

    def _all_of(
        self, made: Schema, parts: list[Any], base: str, mode: Mode, uses: set[Key], within: tuple[Key, ...]
    ) -> Schema:
        """One object where the parts fit together, else `allOf` as it stands."""
        tried = set(uses)
        whole: Schema | None = made
        for part in parts:
            if whole is None or (self._key(part, base, mode) or ()) in within:
                whole = None
                break
            whole = merged(whole, self._inner(part, base, mode, tried, within))
        if whole is not None:
            uses |= tried
            return whole
        return {**made, "allOf": [self._translated(part, base, mode, uses, within) for part in parts]}
