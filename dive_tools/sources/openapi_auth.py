"""Security schemes of OpenAPI as constants of a request, with environment variables for the secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from dive_tools.errors import DiveError
from dive_tools.sources.common import SECRET

TELLING = re.compile(
    r"authorization|cookie|secret|password|(?:^|[-_])token$|^(?:x[-_])?key$|^appid$|"
    r"(?:api|app|access|auth|subscription|consumer|client)[-_]?key",
    re.IGNORECASE,
)
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class NoAuth(Exception):
    """An operation whose security none of our means serves."""


@dataclass(frozen=True, slots=True)
class Auth:
    """The schemes of a document, and the environment variable for each."""

    schemes: Mapping[str, Any]
    variables: Mapping[str, str]  # scheme -> environment variable, as the user said
    prefix: str

    def __post_init__(self) -> None:
        for name, variable in self.variables.items():
            if name not in self.schemes:
                near = get_close_matches(name, self.schemes, 1) or list(self.schemes)
                there = f"there is {', '.join(near)}" if near else "the document names no scheme; give a header instead"
                raise DiveError(f"no security scheme is called {name!r}", hint=there)
            if not VARIABLE.fullmatch(variable):
                raise DiveError(
                    f"the scheme {name} takes the name of an environment variable, which {len(variable)} letters with "
                    "other signs are not",
                    hint=f"export the secret, and say {name}={self.variable(name)}",
                )

    def variable(self, scheme: str) -> str:
        """The environment variable that holds a scheme's secret: PREFIX_SCHEME unless the user named another."""
        said = self.variables.get(scheme, "")
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", f"{self.prefix}_{scheme}")
        return said if VARIABLE.fullmatch(said) else re.sub(r"[^A-Za-z0-9]+", "_", words).strip("_").upper()

    def via(self, security: Any) -> dict[str, Any]:
        """The parts of `via` that meet the first alternative that can be met; {} where none is needed."""
        if not isinstance(security, list) or not security:
            return {}
        choices = [choice for choice in security if isinstance(choice, dict)]
        choices.sort(key=lambda choice: not any(name in self.variables for name in choice))  # what the user named first
        if any(not choice for choice in choices) and not any(name in self.variables for c in choices for name in c):
            return {}
        reasons = []
        for choice in choices:
            try:
                return self._all(choice)
            except NoAuth as reason:
                reasons.append(str(reason))
        raise NoAuth("; ".join(reasons))

    def _all(self, names: Sequence[str] | Mapping[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name in names:
            for where, what in self._one(name).items():
                made[where] = {**made.get(where, {}), **what} if isinstance(what, dict) else what
        return made

    def _one(self, name: str) -> dict[str, Any]:
        scheme = self.schemes.get(name)
        if not isinstance(scheme, dict):
            raise NoAuth(f"the security scheme {name} is not declared")
        secret = f"${{{self.variable(name)}}}"
        match scheme.get("type"), str(scheme.get("scheme", "")).lower():
            case "apiKey", _ if isinstance(scheme.get("name"), str) and scheme.get("in") in PLACES:
                return {PLACES[scheme["in"]]: {scheme["name"]: secret}}
            case "http", "bearer":
                return {"headers": {"Authorization": f"Bearer {secret}"}}
            case "http", "basic":
                return {"basic": secret}
            case (("oauth2" | "openIdConnect"), _):  # a token that the user fetched
                return {"headers": {"Authorization": f"Bearer {secret}"}}
            case kind, word:
                raise NoAuth(f"the security scheme {name} is {' '.join(filter(None, [str(kind), word]))}")


PLACES = {"header": "headers", "query": "query", "cookie": "cookies"}


def no_literal_secret(constants: Mapping[str, str], where: str) -> None:
    """Raise DiveError for a constant whose name says that it is a secret and that is written out."""
    for name, value in constants.items():
        if TELLING.search(name) and not SECRET.search(str(value)):
            raise DiveError(f"{where}: {name} is written out", hint="export it, and write ${NAME} in its place")
