"""Documents as tools: search, open and find over a local folder of texts, by SQLite's full-text index (FTS5)."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

from dive_tools.errors import DiveError
from dive_tools.records import digest
from dive_tools.sources.common import Skipped, manifest, tool_name
from dive_tools.tools.base import Refusal, Tool, Unreachable

SUFFIXES = (".md", ".txt", ".rst", ".adoc", ".org", ".tex", ".html")
LARGEST = 10_000_000  # bytes of one document
LINES = 200  # the most lines that one opening returns

_DOCUMENT = {"type": "string", "description": "Path of the document within the folder, as search gives it."}
_LINE = {"type": "integer", "minimum": 1}
_PARAMETERS: dict[str, dict[str, Any]] = {
    "search": {
        "query": {
            "type": "string",
            "minLength": 1,
            "description": "Words that it must hold; case is ignored.",
        },
        "limit": {"type": "integer", "minimum": 1, "maximum": 20, "default": 5, "description": "The most documents."},
    },
    "open": {
        "document": _DOCUMENT,
        "first_line": {**_LINE, "default": 1, "description": "The first line to return, counted from 1."},
        "lines": {**_LINE, "maximum": LINES, "default": LINES, "description": "How many lines."},
    },
    "find": {
        "document": _DOCUMENT,
        "text": {"type": "string", "minLength": 1, "description": "The text to find in it; case is ignored."},
    },
}
_SAYS = {
    "search": "Search the documents of {name} for words. Best match (BM25) first; an empty list means none holds all.",
    "open": "Read lines of one document of {name}. Refuses a document that is not there.",
    "find": "Find the lines of one document of {name} that hold a text. An empty list means none does.",
}
_STRING, _COUNT = {"type": "string"}, {"type": "integer"}


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": _object(**properties)}


_RESULTS = {
    "search": _object(documents=_list(document=_STRING, title=_STRING, snippet=_STRING), total=_COUNT),
    "open": _object(document=_STRING, first_line=_COUNT, text=_STRING, total_lines=_COUNT),
    "find": _object(document=_STRING, matches=_list(line=_COUNT, text=_STRING)),
}


def tools(
    folder: Path, *, name: str = "", domain: str = "user", licence: str = ""
) -> Iterator[dict[str, Any] | Skipped]:
    """Three tools over the texts of a folder: NAME_search, NAME_open, NAME_find; files that are no text are skipped.

    The digest of the folder's texts is in the version, so a changed folder is another pool. Their index is made here,
    for a call has no time to make a large one.
    """
    if not folder.is_dir():
        raise DiveError(f"{folder} is not a folder", hint="give the folder that holds the documents")
    paths, skipped = _paths(folder)
    yield from skipped
    if not paths:
        raise DiveError(f"no documents in {folder}", hint=f"they end in {', '.join(SUFFIXES)}")
    name = tool_name(name or folder.resolve().name)
    folder = folder.resolve()
    via = {"kind": "documents", "folder": str(folder), "content": _kept(folder, paths)[0]}
    for what, properties in _PARAMETERS.items():
        required = [key for key, schema in properties.items() if "default" not in schema]
        parameters = {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }
        yield manifest(
            f"{name}_{what}",
            _SAYS[what].format(name=name),
            parameters,
            {**via, "tool": what},
            result=_RESULTS[what],
            domain=domain,
            module=f"documents.{name}",
            source=f"{len(paths)} documents of {folder.name}",
            hints={"readOnlyHint": True},
            examples=_examples(folder, paths, what),
        )


def _examples(folder: Path, paths: list[str], what: str) -> list[dict[str, Any]]:
    """Calls that surely answer: a word of the first documents, their first lines."""
    made = []
    for path in paths[:3]:
        word = next(iter(re.findall(r"[^\W\d_]{5,}", _text(folder / path))), None)
        if what == "open":
            made.append({"arguments": {"document": path}})
        elif word:
            made.append({"arguments": {"query": word} if what == "search" else {"document": path, "text": word}})
    return made


def function(tool: Tool) -> Callable[..., Any]:
    """The function behind a tool of a pool file."""
    folder, content = Path(tool.via["folder"]), tool.via["content"]
    made: dict[str, Callable[..., Any]] = {"search": _search, "open": _open, "find": _find}
    work = made[tool.via["tool"]]
    return lambda **arguments: work(_index(folder, content), **arguments)


# --- the index -------------------------------------------------------------------------------------------------------


def _paths(folder: Path) -> tuple[list[str], list[Skipped]]:
    found, skipped = [], []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue
        if path.suffix.lower() not in SUFFIXES:
            skipped.append(Skipped(name, "no_text", f"only {', '.join(SUFFIXES)} are read"))
        elif path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
            skipped.append(Skipped(name, "outside", "a link that leads out of the folder"))
        elif path.stat().st_size > LARGEST:
            skipped.append(Skipped(name, "too_large", f"over {LARGEST:,} bytes"))
        else:
            found.append(name)
    return found, skipped


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _content(folder: Path, paths: list[str]) -> str:
    return digest([[path, hashlib.sha256((folder / path).read_bytes()).hexdigest()] for path in paths])[:16]


@cache
def _index(folder: Path, content: str) -> sqlite3.Connection:
    """The full-text index of a folder, made by its import; DiveError when the folder is not as it was then."""
    paths, _ = _paths(folder) if folder.is_dir() else ([], [])
    path = _kept(folder, paths, content)[1]
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, check_same_thread=False)


def _kept(folder: Path, paths: list[str], wanted: str = "") -> tuple[str, Path]:
    """The digest of the folder's texts and the index that holds them; DiveError when it is not the digest wanted."""
    stats = _stats(folder, paths)  # before they are read: what changes meanwhile is read again the next time
    try:
        if wanted and _seen(_file(wanted), folder, stats):
            return wanted, _file(wanted)
        content = _content(folder, paths)
        if not paths or (wanted and content != wanted):
            raise DiveError(f"the documents in {folder} have changed", hint="import them again")
        path = _file(content)
        if not path.exists():
            _build(path, folder, paths)
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("INSERT OR REPLACE INTO seen VALUES (?, ?)", (str(folder), stats))
    except sqlite3.DatabaseError as fault:
        where = _file(wanted).parent
        raise DiveError(f"an index of documents in {where} cannot be used: {fault}", hint="remove it") from None
    return content, path


def _stats(folder: Path, paths: list[str]) -> str:
    """Sizes and times of the documents in one text: where it is the same, they need not be read to be known."""
    found = (((folder / path).stat(), path) for path in paths)
    return digest([[path, stat.st_size, stat.st_mtime_ns] for stat, path in found])


def _seen(index: Path, folder: Path, stats: str) -> bool:
    """Whether the folder with these stats is what the index holds."""
    if not index.exists():
        return False
    ask = "SELECT count(*) FROM seen WHERE folder = ? AND stats = ?"
    with closing(sqlite3.connect(f"{index.as_uri()}?mode=ro", uri=True)) as db:
        return bool(db.execute(ask, (str(folder), stats)).fetchone()[0])


def _file(content: str) -> Path:
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dive-tools"
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise DiveError(f"cannot keep an index in {home}: {fault.strerror}", hint="set XDG_CACHE_HOME") from None
    return home / f"index-{content}.sqlite"


def _build(path: Path, folder: Path, paths: list[str]) -> None:
    """Write the index beside its place, then move it there, so that a killed run leaves no half of one."""
    part = path.with_suffix(f".{os.getpid()}")
    part.unlink(missing_ok=True)
    db = sqlite3.connect(part)
    try:
        with db:
            db.execute("CREATE TABLE seen (folder TEXT PRIMARY KEY, stats TEXT)")
            db.execute("CREATE VIRTUAL TABLE documents USING fts5(document UNINDEXED, title, text)")
            rows = ((name, _title(text) or name, text) for name in paths for text in [_text(folder / name)])
            db.executemany("INSERT INTO documents VALUES (?, ?, ?)", rows)
    finally:
        db.close()
    part.replace(path)


def _title(text: str) -> str:
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return re.sub(r"^[#=*\s]+|[#=*\s]+$", "", first)[:200]


def _search(db: sqlite3.Connection, query: str, limit: int = 5) -> dict[str, Any]:
    words = re.findall(r"\w+", query)
    if not words:
        raise Refusal("the query holds no word")
    match = " ".join(f'"{word}"' for word in words)
    try:
        total = db.execute("SELECT count(*) FROM documents WHERE documents MATCH ?", (match,)).fetchone()[0]
        rows = db.execute(
            "SELECT document, title, snippet(documents, 2, '', '', ' … ', 32) FROM documents WHERE documents MATCH ? "
            "ORDER BY bm25(documents), document LIMIT ?",
            (match, limit),
        )
        found = [{"document": name, "title": title, "snippet": text} for name, title, text in rows]
    except sqlite3.DatabaseError as fault:
        raise Unreachable(f"the index of the documents cannot be read: {fault}") from None
    return {"documents": found, "total": total}


def _document(db: sqlite3.Connection, name: str) -> str:
    row = db.execute("SELECT text FROM documents WHERE document = ?", (name,)).fetchone()
    if row is None:
        raise Refusal(f"no document {name}")
    return str(row[0])


def _open(db: sqlite3.Connection, document: str, first_line: int = 1, lines: int = LINES) -> dict[str, Any]:
    whole = _document(db, document).splitlines()
    if first_line > max(1, len(whole)):
        raise Refusal(f"{document} has {len(whole)} lines")
    text = "\n".join(whole[first_line - 1 : first_line - 1 + lines])
    return {"document": document, "first_line": first_line, "text": text, "total_lines": len(whole)}


def _find(db: sqlite3.Connection, document: str, text: str) -> dict[str, Any]:
    wanted = text.casefold()
    rows = enumerate(_document(db, document).splitlines(), start=1)
    return {
        "document": document,
        "matches": [{"line": number, "text": row.strip()} for number, row in rows if wanted in row.casefold()],
    }
