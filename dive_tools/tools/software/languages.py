"""Programming languages and file extensions as Pygments knows them."""

from __future__ import annotations

import importlib
from functools import lru_cache
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Quantity, entity, says

PYGMENTS = {"needs": ("pygments",), "source": "lexer registry of Pygments", "licence": "BSD-2-Clause"}


@lru_cache(maxsize=1)
def lexers() -> dict[str, tuple[str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]]:
    """Class, module, aliases, file patterns and MIME types of each lexer of Pygments, by the lexer's name."""
    from pygments.lexers._mapping import LEXERS

    return {
        name: (cls, module, aliases, patterns, types)
        for cls, (module, name, aliases, patterns, types) in sorted(LEXERS.items(), key=lambda i: i[1][1])
    }


@lru_cache(maxsize=1)
def _folded() -> dict[str, str]:
    found = {alias.casefold(): name for name, row in lexers().items() for alias in row[2]}
    return found | {name.casefold(): name for name in lexers()}


def find_language(text: str) -> str:
    """Pygments' name of a programming language, given by name or alias; Refusal when there is none."""
    found = _folded().get(text.strip().casefold())
    if found is None:
        raise Refusal(f"Pygments has no lexer {text!r}")
    return found


def _extensions(name: str) -> list[str]:
    plain = (p[1:] for p in lexers()[name][3] if p.startswith("*.") and not set("*?[]") & set(p[1:]))
    return sorted(set(plain))


@lru_cache(maxsize=1)
def _users() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in lexers():
        for extension in _extensions(name):
            found.setdefault(extension, []).append(name)
    return dict(sorted(found.items()))


def _spoken(name: str) -> bool:
    """Whether a lexer is a language of its own and not one inside another's template."""
    return bool(_extensions(name)) and not any(w in name for w in ("+", " with ", " With ", " in ", "session", "/"))


def _names() -> list[str]:
    return [name for name in lexers() if _spoken(name)]


def _rivals(name: str) -> list[str]:
    return sorted({other for e in _extensions(name) for other in _users()[e]} - {name})


entity("programming_language", "language", intro="the language {}", samples=_names)
entity("file_extension", "file extension", intro="the file extension {}", samples=lambda: list(_users()))


@lru_cache(maxsize=1)
def _by_type() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, row in lexers().items():
        for mime in row[4]:
            found.setdefault(mime, []).append(name)
    return dict(sorted(found.items()))


@lru_cache(maxsize=1)
def _by_file() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, row in lexers().items():
        for pattern in row[3]:
            if not set("*?[]") & set(pattern):
                found.setdefault(pattern, []).append(name)
    return dict(sorted(found.items()))


entity("mime_type", "MIME type", intro="the MIME type {}", samples=lambda: list(_by_type())[::2])
entity("file_name", "file name", intro="a file named {}", samples=lambda: list(_by_file()))
Language = Annotated[str, Entity("programming_language"), Meta(description="name or alias of a Pygments lexer")]
Extension = Annotated[str, Entity("file_extension"), Meta(description='with its dot, as ".py"; case matters')]


class Extensions(TypedDict):
    extensions: Annotated[
        list[Annotated[str, Entity("file_extension")]],
        says(
            "the file extensions that Pygments assigns to {language}",
            only="the only file extension that Pygments assigns to {language}",
            noun="file extension",
            plural="file extensions",
            ask_count="How many file extensions does Pygments assign to {language}",
        ),
    ]
    count: Annotated[
        int,
        Quantity("file extensions", "file extensions", scale="ordinal"),
        says(
            "the number of file extensions of {language} in Pygments",
            noun="number of file extensions",
            scope="in Pygments",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"language": "Go"}, {"/extensions": [".go"], "/count": 1}, "published: Pygments documentation, GoLexer"
        ),
        example({"language": "rust"}, {"/extensions": [".rs", ".rs.in"]}, "published: Pygments docs, RustLexer"),
        example({"language": "Klingon"}, {"error": "refused"}, "identity: no such lexer"),
    ],
    **PYGMENTS,  # type: ignore[arg-type]
)
def language_extensions(language: Language) -> Extensions:
    """List the file extensions that Pygments assigns to a programming language, sorted, with their number.

    Patterns with wildcards besides the first star are left out. The list is complete.
    """
    found = _extensions(find_language(language))
    return {"extensions": found, "count": len(found), "complete": True}


class Users(TypedDict):
    languages: Annotated[
        list[Annotated[str, Entity("programming_language")]],
        says(
            "the languages to which Pygments assigns {extension}",
            only="the only language to which Pygments assigns {extension}",
            noun="language",
            plural="languages",
            ask_count="To how many languages does Pygments assign {extension}",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"extension": ".rs"}, {"/languages": ["Rust"]}, "published: Pygments documentation, RustLexer"),
        example(
            {"extension": ".m"},
            {"/languages": ["Mason", "Matlab", "Objective-C", "Octave"]},
            "published: Pygments documentation, available lexers",
        ),
    ],
    **PYGMENTS,  # type: ignore[arg-type]
)
def languages_of_extension(extension: Extension) -> Users:
    """List the languages to which Pygments assigns a file extension, sorted; complete.

    Refuses an extension that it assigns to none.
    """
    if extension not in _users():
        raise Refusal(f"Pygments assigns {extension!r} to no language")
    return {"languages": _users()[extension], "complete": True}


class Record(TypedDict):
    added_in: Annotated[
        str,
        says(
            "the first Pygments version that highlights {language}",
            noun="Pygments version",
            ask="Which Pygments version added {language}",
        ),
    ]
    mime_types: Annotated[
        list[Annotated[str, Entity("mime_type")]],
        says(
            "the MIME types that Pygments assigns to {language}",
            noun="MIME type",
            plural="MIME types",
            ask_count="How many MIME types does Pygments assign to {language}",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"language": "Rust"}, {"/added_in": "1.6"}, "published: Pygments documentation, RustLexer"),
        example(
            {"language": "Rust"}, {"/mime_types": ["text/rust", "text/x-rust"]}, "published: Pygments docs, RustLexer"
        ),
    ],
    **PYGMENTS,  # type: ignore[arg-type]
)
def language_lexer_record(language: Language) -> Record:
    """Look up the Pygments lexer of a language: the Pygments version that added it, and its MIME types (sorted,
    complete). Refuses a lexer without a recorded version."""
    name = find_language(language)
    cls, module, _, _, types = lexers()[name]
    added = getattr(getattr(importlib.import_module(module), cls), "version_added", "")
    if not added:
        raise Refusal(f"Pygments does not say when it added {name}")
    return {"added_in": added, "mime_types": sorted(types), "complete": True}


class Typed(TypedDict):
    languages: Annotated[
        list[Annotated[str, Entity("programming_language")]],
        says(
            "the languages that Pygments highlights for {mime_type}",
            only="the only language that Pygments highlights for {mime_type}",
            noun="language",
            plural="languages",
            ask_count="How many languages does Pygments know for {mime_type}",
        ),
    ]
    complete: bool


class Filed(TypedDict):
    language: Annotated[
        str,
        Entity("programming_language"),
        says(
            "the language that Pygments assigns to {file_name}",
            noun="language",
            ask="As which language does Pygments highlight {file_name}",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"mime_type": "text/rust"}, {"/languages": ["Rust"]}, "published: Pygments documentation, RustLexer"),
        example({"mime_type": "text/nonesuch"}, {"error": "refused"}, "identity: no such MIME type"),
    ],
    **PYGMENTS,  # type: ignore[arg-type]
)
def languages_of_mime_type(mime_type: Annotated[str, Entity("mime_type")]) -> Typed:
    """List the languages whose Pygments lexers claim a MIME type, sorted; complete. Refuses one that none claims."""
    if mime_type not in _by_type():
        raise Refusal(f"no lexer of Pygments claims {mime_type!r}")
    return {"languages": _by_type()[mime_type], "complete": True}


@tool(
    "retrieval",
    examples=[
        example({"file_name": "Dockerfile"}, {"/language": "Docker"}, "published: Pygments docs, DockerLexer"),
        example({"file_name": "CMakeLists.txt"}, {"/language": "CMake"}, "published: Pygments docs, CMakeLexer"),
        example({"file_name": "report.docx"}, {"error": "refused"}, "identity: no such pattern"),
    ],
    **PYGMENTS,  # type: ignore[arg-type]
)
def language_of_file_name(file_name: Annotated[str, Entity("file_name")]) -> Filed:
    """Look up the language of a file that Pygments knows by its whole name (Dockerfile, CMakeLists.txt).

    Refuses a name that it does not know, or that several languages share.
    """
    found = _by_file().get(file_name, [])
    if len(found) != 1:
        raise Refusal(f"Pygments knows {len(found)} languages for {file_name!r}")
    return {"language": found[0]}


class Sharing(TypedDict):
    languages: Annotated[
        list[Annotated[str, Entity("programming_language")]],
        says(
            "the other languages that share a file extension with {language} in Pygments",
            only="the only other language that shares a file extension with {language} in Pygments",
            noun="language",
            plural="languages",
            ask_count="How many other languages share a file extension with {language} in Pygments",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"language": "Matlab"}, {"/languages/0": "Mason"}, "published: Pygments docs, extension .m"),
        example({"language": "Rust"}, {"/languages": []}, "published: Pygments docs, extension .rs"),
    ],
    **PYGMENTS,  # type: ignore[arg-type]
)
def languages_sharing_extensions(language: Language) -> Sharing:
    """List the other languages to which Pygments assigns a file extension of a language, sorted; complete, and empty
    where it shares none."""
    return {"languages": _rivals(find_language(language)), "complete": True}
