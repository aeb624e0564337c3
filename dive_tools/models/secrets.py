"""What is told to a server alone: hidden in every message, and in replies where it can be nothing else."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import unquote, unquote_plus, urlsplit

KEY, OTHER = "[OPENAI_API_KEY]", "[hidden]"
LEAST = 4  # letters of what is hidden in messages: what is shorter would be found in every word
LEAST_IN_REPLIES = 16  # letters, a digit among them: a shorter one may be a word that the model means


class Secrets:
    """The key, and of each address the user, the password and the values of its query."""

    def __init__(self, key: str, urls: Iterable[str], shown: str = KEY) -> None:
        """`shown` stands where the key stood."""
        forms = {form: OTHER for url in urls for form in parts(url)} | ({key: shown} if key else {})
        longest_first = sorted(forms.items(), key=lambda each: -len(each[0]))
        self._forms = [(form, shown) for form, shown in longest_first if len(form) >= LEAST]
        self._sure = [each for each in self._forms if _is_random(each[0])]

    def hide(self, text: str) -> str:
        """A message without them."""
        for form, shown in self._forms:
            text = text.replace(form, shown)
        return text

    def hide_in_body(self, body: bytes, *, reply: bool) -> bytes:
        """The body of an answer without them; of a `reply` only without what is surely no word of the model's."""
        for form, shown in self._sure if reply else self._forms:
            if form.encode() in body:
                body = body.replace(form.encode(), shown.encode())
        return body


def parts(url: str) -> set[str]:
    """What is secret in an address, as it stands there and as it is meant."""
    split = urlsplit(url)
    user = split.netloc.rpartition("@")[0]
    found = {*user.partition(":")[::2]}
    found |= {unquote(each) for each in found} | ({basic(user)} if user else set())
    values = {pair.partition("=")[2] or pair for pair in split.query.split("&")}
    return (found | values | {unquote_plus(each) for each in values}) - {""}


def basic(user: str) -> str:
    """What a user and password of an address become in a header."""
    return b64encode(unquote(user).encode()).decode()


def _is_random(form: str) -> bool:
    return len(form) >= LEAST_IN_REPLIES and any(letter.isdigit() for letter in form)
