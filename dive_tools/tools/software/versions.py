"""Versions of packages: what a constraint allows, and which release comes next."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Given, Part, entity, join, says, vignette

PACKAGING = {"needs": ("packaging",), "source": "PEP 440, by packaging", "licence": "BSD-2-Clause"}
SEMVER = {"needs": ("semver",), "source": "Semantic Versioning 2.0.0, by semver", "licence": "BSD-3-Clause"}


@lru_cache(maxsize=1)
def _dependencies() -> list[dict[str, Any]]:
    """Packages with eight or nine releases, given out of order, and a constraint that some of them meet."""
    found = []
    for i in range(180):
        major, minor = i % 5, (i * 7) % 9
        line = [
            f"{major}.{minor}.0",
            f"{major}.{minor}.{1 + i % 4}",
            f"{major}.{minor + 1}.0",
            f"{major}.{minor + 1}.{2 + i % 3}",
            f"{major}.{minor + 2}.0",
            f"{major}.{10 + i % 4}.0",
            f"{major + 1}.0.0rc{1 + i % 2}",
            f"{major + 1}.0.0",
            f"{major + 1}.{i % 3 + 1}.0",
        ]
        wanted = (
            f">={major}.{minor}.1,<{major + 1}",
            f"~={major}.{minor + 1}.0",
            f"~={major}.{minor}",
            f">{major}.{minor}.0,!={major}.{10 + i % 4}.0,<{major + 1}",
            f"=={major}.{minor + 1}.*",
            f">={major}.{minor + 1},<={major + 1}.0.0",
        )[i % 6]
        k = 2 + i % 6
        found.append({"releases": [*line[k::2], *line[: k - 1], *line[k - 1 :: 2]], "constraint": wanted})
    for row in found:
        row["releases"] = list(dict.fromkeys(row["releases"]))
    return found


vignette(
    "dependency",
    "the dependency",
    "a package",
    {"releases": "has the releases {releases}", "constraint": 'is required as "{constraint}"'},
    samples=_dependencies,
    says={"releases": join},
)


def _versions() -> list[str]:
    return [f"{a}.{b}.{c}" for a in (0, 1, 2, 3, 4, 8, 11) for b in (0, 1, 2, 4, 9, 10, 17) for c in (0, 1, 3, 5, 12)]


entity("package_version", "version", intro="version {}", samples=_versions)
Releases = Annotated[list[str], Part("dependency", "releases"), Meta(min_length=1, max_length=300)]
Constraint = Annotated[str, Part("dependency", "constraint"), Meta(description='PEP 440 specifiers, as ">=1.2,<2"')]
Version = Annotated[str, Entity("package_version"), Meta(description="a version of three numbers, as 1.4.2")]


def _sorted(releases: list[str]) -> list[Any]:
    from packaging.version import InvalidVersion
    from packaging.version import Version as Pep440

    try:
        return sorted(map(Pep440, releases))
    except InvalidVersion as error:
        raise Refusal(str(error)) from None


def _allowed(releases: list[str], constraint: str) -> list[Any]:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        wanted = SpecifierSet(constraint)
    except InvalidSpecifier as error:
        raise Refusal(str(error)) from None
    return [v for v in _sorted(releases) if wanted.contains(v, prereleases=False)]


class Best(TypedDict):
    version: Annotated[
        str,
        Entity("package_version"),
        says(
            "the newest final release that the requirement allows",
            noun="release",
            ask="Which is the newest final release that the requirement allows",
        ),
    ]


RELEASES = ["1.2.0", "1.10.0", "1.9.3", "2.0.0rc1", "2.0.0"]


@tool(
    "processing",
    examples=[
        example(
            {"releases": RELEASES, "constraint": ">=1.2,<2"},
            {"/version": "1.10.0"},
            "published: PEP 440, version ordering",
        ),
        example(
            {"releases": RELEASES, "constraint": "~=1.9.0"}, {"/version": "1.9.3"}, "published: PEP 440, ~= clause"
        ),
        example({"releases": RELEASES, "constraint": ">3"}, {"error": "refused"}, "identity: none is above 2.0.0"),
    ],
    **PACKAGING,  # type: ignore[arg-type]
)
def newest_allowed_release(releases: Releases, constraint: Constraint) -> Best:
    """Find the newest of a package's releases that meets PEP 440 specifiers, pre-releases left out.

    Refuses where none does.
    """
    found = _allowed(releases, constraint)
    if not found:
        raise Refusal(f"no final release meets {constraint}")
    return {"version": str(found[-1])}


class Next(TypedDict):
    version: Annotated[
        str,
        Entity("package_version"),
        says("the next {step} release after {version} by semantic versioning", noun="version"),
    ]


@tool(
    "processing",
    examples=[
        example({"version": "1.4.2", "step": "minor"}, {"/version": "1.5.0"}, "published: semver.org, item 7"),
        example({"version": "1.4.2", "step": "major"}, {"/version": "2.0.0"}, "published: semver.org, item 8"),
        example({"version": "1.4", "step": "major"}, {"error": "refused"}, "published: semver.org, item 2"),
    ],
    **SEMVER,  # type: ignore[arg-type]
)
def next_semantic_version(
    version: Version, step: Annotated[str, Given("major", "minor", "patch"), Meta(pattern="^(major|minor|patch)$")]
) -> Next:
    """Compute the next major, minor or patch version by Semantic Versioning 2.0.0 (MAJOR.MINOR.PATCH)."""
    return {"version": str(_semver(version).next_version(step))}


def _semver(text: str) -> Any:
    import semver

    try:
        return semver.Version.parse(text)
    except ValueError as error:
        raise Refusal(str(error)) from None
