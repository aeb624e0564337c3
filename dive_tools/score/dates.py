"""Dates as people write them, as ISO 8601."""

from __future__ import annotations

import datetime
import re
from functools import lru_cache

from dive_tools.score.text import clean

_MONTHS = [
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
]  # fmt: skip
_MONTH = "|".join([*_MONTHS, *(name[:3] for name in _MONTHS if name != "may"), "sept"])
_NUMBER_OF = {**{name: n for n, name in enumerate(_MONTHS, 1)}, **{name[:3]: n for n, name in enumerate(_MONTHS, 1)}}
_NUMBER_OF["sept"] = 9
_FOREIGN = (  # German, French, Spanish, Italian, Portuguese, Dutch
    "januar janvier enero gennaio janeiro januari", "februar février febrero febbraio fevereiro februari",
    "märz mars marzo março maart", "avril abril aprile", "mai mayo maggio maio mei", "juni juin junio giugno junho",
    "juli juillet julio luglio julho", "août agosto augustus", "septembre septiembre settembre setembro",
    "oktober octobre octubre ottobre outubro", "novembre noviembre novembro",
    "dezember décembre diciembre dicembre dezembro",
)  # fmt: skip
for _number, _names in enumerate(_FOREIGN, 1):
    _NUMBER_OF |= dict.fromkeys(_names.split(), _number)
_ANY = "|".join(sorted(_NUMBER_OF, key=len, reverse=True))
_DAY = r"(?P<d>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<y>\d{4})"
_FORMS = [
    re.compile(form)
    for form in (
        rf"(?<![\d.-]){_YEAR}([-/.])(?P<m>\d{{1,2}})\2(?P<d>\d{{1,2}})(?!\d|[-/.]\d)",
        rf"(?<![\d.-]){_YEAR}(?P<m>\d\d)(?P<d>\d\d)(?!\d)",
        rf"{_YEAR} ?年 ?(?P<m>\d{{1,2}}) ?月 ?(?P<d>\d{{1,2}}) ?日",
        rf"(?<![\w.-]){_DAY}[ -](?:day )?(?:of )?(?P<name>{_MONTH})\.?,?[ -](?:in (?:the year )?)?{_YEAR}(?!\d)",
        rf"(?<![\w.-])(?P<d>\d{{1,2}})(?:\.|º|er)? (?:de )?(?P<name>{_ANY})\.?,? (?:de |del )?{_YEAR}(?!\d)",
        rf"(?<!\w)(?P<name>{_MONTH})\.? (?:the )?{_DAY}(?:,| of)? ?,? ?{_YEAR}(?!\d)",
        rf"(?<!\w){_YEAR},? (?P<name>{_MONTH})\.? {_DAY}(?!\w)",
        rf"(?<![\d.-])(?P<d>\d{{1,2}})\.(?P<m>\d{{1,2}})\.{_YEAR}(?!\d)",
        rf"(?<![\d.-])(?P<one>\d{{1,2}})([/-])(?P<two>\d{{1,2}})\2{_YEAR}(?!\d)",
    )
]
_UNSURE = re.compile(
    r"(?<!\w)(?:or|either|between|maybe|perhaps|possibly|might|could|not|before|after|until|since|around|about|circa"
    r"|unknown|approximately|earlier|later)(?!\w)|n't"
)


@lru_cache(maxsize=65536)
def date(text: str) -> str | None:
    """The one date that a text states, as YYYY-MM-DD; None for none, several, or one that could be read two ways."""
    text = clean(text).casefold()
    if len(text) > 120 or _UNSURE.search(text):
        return None
    found: set[str] = set()
    rest = text
    for form in _FORMS:
        for match in form.finditer(rest):
            found.add(_iso(match) or "")
        rest = form.sub(" ", rest)
    rest = re.sub(r"t?\s?00:00(?::00(?:\.0+)?)?\s?(?:z|utc|\+00:00)?", " ", rest)
    if len(found) != 1 or re.search(r"\d", rest):
        return None
    return found.pop() or None


def undated(text: str) -> str:
    """The text without the dates that it holds."""
    for form in _FORMS:
        text = form.sub(lambda found: " " if _iso(found) and not found[0].isdigit() else found[0], text)
    return text


def _iso(match: re.Match[str]) -> str | None:
    parts = match.groupdict()
    year = int(parts["y"])
    if "one" in parts:
        month, day = int(parts["one"]), int(parts["two"])
        if month <= 12 and day <= 12 and month != day:
            return None
        if month > 12:
            month, day = day, month
    else:
        month = _NUMBER_OF[parts["name"]] if "name" in parts else int(parts["m"])
        day = int(parts["d"])
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return None
