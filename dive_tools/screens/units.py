"""The units that a text names, however they are spelt: "km", "kilometers" and "kilometres" are one."""

from __future__ import annotations

import re
from functools import cache, lru_cache

_PREFIXES = {
    "kilo": "k", "mega": "M", "giga": "G", "tera": "T", "hecto": "h", "deci": "d", "centi": "c", "milli": "m",
    "micro": "µ", "nano": "n", "pico": "p", "femto": "f",
}  # fmt: skip
_PREFIXED = {  # spellings after a prefix, and the symbol that follows the prefix's own
    "metres": ("metre|metres|meter|meters", "m"),
    "grams": ("gram|grams|gramme|grammes", "g"),
    "litres": ("litre|litres|liter|liters", "L|l"),
    "seconds": ("seconds", "s"),
    "moles": ("mole|moles", "mol"),
    "joules": ("joule|joules", "J"),
    "calories": ("calorie|calories", "cal"),
    "watts": ("watt|watts", "W"),
    "pascals": ("pascal|pascals", "Pa"),
    "electronvolts": ("electronvolt|electronvolts", "eV"),
    "hertz": ("hertz", "Hz"),
    "volts": ("volt|volts", "V"),
    "molar": ("molar", ""),
    "parsecs": ("parsec|parsecs", "pc"),
    "newtons": ("newton|newtons", "N"),
}
_PLAIN = {
    "percentage points": "percentage point|percentage points",
    "percent": "percent|per cent|percentage|%",
    "degrees Celsius": "degrees celsius|degree celsius|celsius|°C|℃|degrees C",
    "degrees Fahrenheit": "degrees fahrenheit|degree fahrenheit|fahrenheit|°F|degrees F",
    "kelvins": "kelvin|kelvins",
    "degrees": "degree|degrees|°",
    "radians": "radian|radians",
    "arcminutes": "arcminute|arcminutes|arc minutes|minutes of arc",
    "arcseconds": "arcsecond|arcseconds|arc seconds|seconds of arc",
    "miles": "mile|miles|statute mile|statute miles",
    "nautical miles": "nautical mile|nautical miles|nmi",
    "feet": "foot|feet|ft",
    "inches": "inch|inches",
    "yards": "yard|yards",
    "acres": "acre|acres",
    "hectares": "hectare|hectares",
    "tonnes": "tonne|tonnes|metric ton|metric tons",
    "pounds": "pound|pounds|lb|lbs",
    "ounces": "ounce|ounces|oz",
    "knots": "knot|knots",
    "daltons": "dalton|daltons|Da",
    "ångströms": "ångström|ångströms|angstrom|angstroms|Å",
    "bar": "bar",
    "atmospheres": "atmosphere|atmospheres|atm",
    "millimetres of mercury": "millimetres of mercury|millimeters of mercury|mmHg|mm Hg",
    "US dollars": "US dollar|US dollars|U.S. dollars|USD|dollar|dollars",
    "euros": "euro|euros|EUR",
    "years": "year|years",
    "months": "month|months",
    "weeks": "week|weeks",
    "days": "day|days",
    "hours": "hour|hours|hr|hrs",
    "minutes": "minute|minutes",
    "seconds": "seconds",
    "people": "people|inhabitants|persons",
    "bits": "bit|bits",
    "bytes": "byte|bytes",
    "barns": "barn|barns",
    "debyes": "debye|debyes",
    "coulombs": "coulomb|coulombs",
    "dyne-seconds per centimetre to the fifth": "dyne-seconds per centimetre to the fifth|dyn·s/cm⁵|dyn·s/cm5"
    "|dyn·s·cm⁻⁵|dyn s/cm⁵|dyn·sec/cm⁵|dyn s cm⁻⁵|dynes·s/cm⁵",
    "joules per mole and kelvin": "joules per mole and kelvin|joules per mole per kelvin|joules per mole-kelvin"
    "|J/(mol·K)|J/mol·K|J/mol/K|J·mol⁻¹·K⁻¹|J mol⁻¹ K⁻¹",
    "watts per metre and kelvin": "watts per metre and kelvin|watts per metre per kelvin|watts per meter-kelvin|W/(m·K)"
    "|W/m·K|W/m/K|W m⁻¹ K⁻¹",
    "joules per gram and kelvin": "joules per gram and kelvin|joules per gram per kelvin|J/(g·K)|J/g·K|J/g/K|J g⁻¹ K⁻¹",
}
_SHORT = {"m": "metres", "g": "grams", "L": "litres", "s": "seconds", "h": "hours", "K": "kelvins", "V": "volts",
          "W": "watts", "J": "joules", "min": "minutes", "Pa": "pascals", "N": "newtons"}  # fmt: skip
SOFT = frozenset(  # words that also stand in a question where nothing is measured in them
    ("years", "months", "weeks", "days", "hours", "minutes", "seconds", "people", "degrees", "percent", "bits", "bar",
     "pounds", "feet", "yards", "barns", "knots")
)  # fmt: skip


@cache
def _spellings() -> dict[str, str]:
    """Every spelling (words in lower case, symbols as they are) of every unit, with the unit as we write it."""
    found: dict[str, str] = {}
    for unit, said in _PLAIN.items():
        found.update({_key(text): unit for text in said.split("|")})
    for unit, (said, symbols) in _PREFIXED.items():
        found.update({_key(text): unit for text in said.split("|")})
        for prefix, letter in _PREFIXES.items():
            found.update({prefix + text: prefix + unit for text in said.split("|")})
            found.update({f"{prefix}second": f"{prefix}seconds"} if unit == "seconds" else {})
            found.update({letter + symbol: prefix + unit for symbol in symbols.split("|") if symbol})
    found["calories"], found["kcal"] = "calories", "kilocalories"
    return {text: unit for text, unit in found.items() if len(text) > 1 or not text.isascii() or text == "%"}


def _key(text: str) -> str:
    return text.lower() if len(text) > 4 else text


@cache
def _pattern() -> re.Pattern[str]:
    words = sorted(_spellings(), key=len, reverse=True)
    plain = "|".join(f"(?i:{re.escape(w)})" if len(w) > 3 and w.islower() else re.escape(w) for w in words)
    short = "|".join(_SHORT)
    after = r"(?:(?<=\d )|(?<=\d)|(?<=in )|(?<=\()|(?<=/))"
    one = rf"(?:(?:square|cubic|sq\.?)[ -])?(?:{plain}|{after}(?:{short}))(?:[²³23]| squared| cubed)?"
    return re.compile(rf"(?:(?<![\w.])|(?<=\d)){one}(?:(?: per |/| an? )(?:{one}|second(?: squared|²)?))*(?!\w)")


_POWERS = {"²": "square ", "2": "square ", " squared": "square ", "³": "cubic ", "3": "cubic ", " cubed": "cubic "}


@lru_cache(maxsize=4096)
def units_in(text: str) -> tuple[tuple[int, str], ...]:
    """The units that a text names, each as we write it and with its place; a compound one is one unit."""
    return tuple((found.start(), _written(found.group())) for found in _pattern().finditer(text))


def _written(said: str) -> str:
    return _spellings().get(_key(said)) or " per ".join(_one(part) for part in re.split(r" per |/| an? ", said))


def _one(said: str) -> str:
    power = ""
    for mark in ("square ", "square-", "sq ", "sq. ", "cubic ", "cubic-"):
        if said.lower().startswith(mark):
            power, said = ("cubic " if mark[0] == "c" else "square "), said[len(mark) :]
            break
    for mark, word in _POWERS.items():
        if said.endswith(mark) and _known(said.removesuffix(mark)):
            power, said = word, said.removesuffix(mark)
            break
    unit = _known(said) or said
    return power + unit


def _known(said: str) -> str | None:
    if said == "second":
        return "seconds"
    return _spellings().get(said) or _spellings().get(said.lower()) or _SHORT.get(said)


def canonical_unit(unit: str) -> str | None:
    """A unit as we write it; None where its words are none that are known here."""
    found = units_in(f"in {unit}")
    return found[0][1] if len(found) == 1 and _pattern().fullmatch(f"in {unit}", 3) else None


def names_unit(text: str, unit: str) -> bool:
    """Whether a text names a unit, in any usual spelling, and not merely as a part of another unit."""
    known = canonical_unit(unit)
    if known is not None:
        return known in {found for _, found in units_in(text)} or (unit == "days" and "days" in text.lower())
    said = text.casefold()
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", said) for word in _forms(unit.casefold()))


def _forms(unit: str) -> set[str]:
    first, space, rest = unit.partition(" ")
    return {unit, unit.removesuffix("s"), f"{first.removesuffix('s')}{space}{rest}"}
