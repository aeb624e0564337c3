"""CSS named colours: hex codes, contrast, hue."""

from __future__ import annotations

import colorsys
import re
from functools import lru_cache
from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Quantity, entity, says

CSS = {
    "needs": ("webcolors",),
    "source": "named colours of CSS Color Module Level 3, by webcolors",
    "licence": "BSD-3-Clause",
}
WCAG = {**CSS, "source": "WCAG 2.2, over the named colours of CSS by webcolors"}


@lru_cache(maxsize=1)
def table() -> dict[str, str]:
    """The hex code of each named colour of CSS3."""
    import webcolors

    return {name: webcolors.name_to_hex(name) for name in sorted(webcolors.names("css3"))}


def hex_of(colour: str) -> str:
    """The hex code of a CSS colour name or of a hex code; Refusal where it is neither."""
    text = colour.strip().lower()
    if re.fullmatch(r"#[0-9a-f]{6}", text):
        return text
    if text.replace(" ", "") not in table():
        raise Refusal(f"CSS3 has no colour named {colour!r}")
    return table()[text.replace(" ", "")]


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green and blue from 0 to 255."""
    code = hex_of(colour)
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


_TAILS = (
    "blue", "green", "red", "gray", "pink", "yellow", "orange", "purple", "violet", "brown", "white", "cyan",
    "salmon", "orchid", "goldenrod", "turquoise",
)  # fmt: skip


def _near(name: str) -> list[str]:
    """Colours whose names end alike ("darkseagreen", "lawngreen"), and black and white."""
    tail = next((t for t in _TAILS if name.endswith(t)), "")
    alike = {c for c in table() if tail and c.endswith(tail)} | {"black", "white", "navy", "maroon", "teal"}
    return sorted(alike - {name})


entity("css_colour", "colour", intro="CSS {}", samples=lambda: list(table()), akin=_near)
Colour = Annotated[str, Entity("css_colour"), Meta(description='CSS3 colour name, or hex as "#4682b4"')]


class Code(TypedDict):
    hex: Annotated[str, says("the hex code of {colour}", noun="hex code")]
    red: Annotated[
        int,
        Quantity("red component", scale="interval"),
        says("the red component of {colour}"),
    ]
    green: Annotated[int, Quantity("green component", scale="interval"), says("the green component of {colour}")]
    blue: Annotated[int, Quantity("blue component", scale="interval"), says("the blue component of {colour}")]


@tool(
    "retrieval",
    examples=[
        example(
            {"colour": "steelblue"},
            {"/hex": "#4682b4", "/red": 70, "/green": 130, "/blue": 180},
            "published: CSS Color Module Level 3, section 4.3",
        ),
        example({"colour": "tomato"}, {"/hex": "#ff6347"}, "published: CSS Color Module Level 3, section 4.3"),
        example({"colour": "sky"}, {"error": "refused"}, "identity: no such colour name"),
    ],
    **CSS,  # type: ignore[arg-type]
)
def css_colour_record(colour: Colour) -> Code:
    """Look up the hex code and the red, green and blue components (0 to 255) of a CSS3 named colour."""
    red, green, blue = rgb(colour)
    return {"hex": hex_of(colour), "red": red, "green": green, "blue": blue}


class Darker(TypedDict):
    colours: Annotated[
        list[Annotated[str, Entity("css_colour")]],
        says(
            "the dark, light, medium, deep, pale, hot and dim CSS variants of {colour}",
            noun="colour",
            plural="colours",
            only="the only dark, light, medium, deep, pale, hot or dim CSS variant of {colour}",
        ),
    ]
    complete: bool


_SHADES = ("dark", "light", "medium", "deep", "pale", "hot", "dim")


@tool(
    "retrieval",
    examples=[
        example(
            {"colour": "salmon"},
            {"/colours": ["darksalmon", "lightsalmon"]},
            "published: CSS Color Module Level 3, section 4.3",
        ),
        example(
            {"colour": "turquoise"},
            {"/colours": ["darkturquoise", "mediumturquoise", "paleturquoise"]},
            "published: CSS Color Module Level 3, section 4.3",
        ),
        example({"colour": "tomato"}, {"/colours": []}, "published: CSS Color Module Level 3, section 4.3"),
    ],
    **CSS,  # type: ignore[arg-type]
)
def css_colour_shades(colour: Colour) -> Darker:
    """List the CSS3 named colours whose name is that of a given colour behind "dark", "light", "medium", "deep",
    "pale", "hot" or "dim" (salmon: darksalmon, lightsalmon), sorted; complete. It may be empty."""
    found = sorted(c for c in table() if c in {shade + colour for shade in _SHADES})
    return {"colours": found, "complete": True}


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2.2."""
    linear = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


class Contrast(TypedDict):
    ratio: Annotated[
        float,
        Quantity("contrast ratio"),
        says("the WCAG contrast ratio between {first} and {second}", noun="WCAG contrast ratio"),
    ]


class Light(TypedDict):
    luminance: Annotated[
        float,
        Quantity("relative luminance"),
        says("the WCAG relative luminance of {colour}", noun="WCAG relative luminance"),
    ]
    hue: Annotated[
        float | None,
        Quantity("hue", "degrees", scale="interval"),
        says("the hue of {colour}"),
    ]


@tool(
    "processing",
    examples=[
        example({"first": "black", "second": "white"}, {"/ratio": 21}, "published: WCAG 2.2, contrast ratio"),
        example({"first": "navy", "second": "navy"}, {"/ratio": 1}, "identity: a colour on itself"),
    ],
    distinct=("first", "second"),
    **WCAG,  # type: ignore[arg-type]
)
def wcag_contrast_ratio(first: Colour, second: Colour) -> Contrast:
    """Compute the contrast ratio of two colours by WCAG 2.2, from 1 to 21, the same in either order."""
    low, high = sorted((luminance(first), luminance(second)))
    return {"ratio": (high + 0.05) / (low + 0.05)}


@tool(
    "processing",
    examples=[
        example({"colour": "white"}, {"/luminance": 1}, "published: WCAG 2.2, relative luminance"),
        example({"colour": "lime"}, {"/luminance": 0.7152, "/hue": 120}, "published: WCAG 2.2, relative luminance"),
    ],
    **WCAG,  # type: ignore[arg-type]
)
def colour_luminance(colour: Colour) -> Light:
    """Compute the relative luminance (0 to 1) of a colour by WCAG 2.2, and its hue in degrees (red 0, green 120).

    A grey has no hue.
    """
    red, green, blue = (c / 255 for c in rgb(colour))
    hue = None if red == green == blue else colorsys.rgb_to_hls(red, green, blue)[0] * 360
    return {"luminance": luminance(colour), "hue": hue}


# --- styles of Pygments -----------------------------------------------------------------------------------------------

PYGMENTS = {"needs": ("pygments",), "source": "styles of Pygments", "licence": "BSD-2-Clause"}


@lru_cache(maxsize=1)
def _styles() -> list[str]:
    from pygments.styles import STYLES

    return sorted(row[1] for row in STYLES.values())


@lru_cache(maxsize=64)
def _style(name: str) -> tuple[str, str, str]:
    from pygments.styles import get_style_by_name
    from pygments.token import Comment, Keyword
    from pygments.util import ClassNotFound

    try:
        found = get_style_by_name(name)
    except ClassNotFound:
        raise Refusal(f"Pygments has no style {name!r}") from None
    codes = [found.background_color, *(f"#{found.style_for_token(t)['color'] or ''}" for t in (Comment, Keyword))]
    full = ["#" + "".join(c * 2 for c in code[1:]) if len(code) == 4 else code for code in codes]
    if not all(re.fullmatch("#[0-9a-fA-F]{6}", code) for code in full):
        raise Refusal(f"the style {name} leaves a colour open")
    return full[0].lower(), full[1].lower(), full[2].lower()


entity("highlight_style", "style", intro="the Pygments style {}", samples=_styles)


class Scheme(TypedDict):
    background: Annotated[str, Entity("css_colour"), says("the background colour of {style}", noun="background colour")]
    comment: Annotated[str, Entity("css_colour"), says("the colour of comments in {style}", noun="comment colour")]
    keyword: Annotated[str, Entity("css_colour"), says("the colour of keywords in {style}", noun="keyword colour")]


@tool(
    "retrieval",
    examples=[
        example(
            {"style": "monokai"},
            {"/background": "#272822", "/comment": "#959077", "/keyword": "#66d9ef"},
            "published: Pygments source, pygments/styles/monokai.py",
        ),
        example({"style": "nonesuch"}, {"error": "refused"}, "identity: no such style"),
    ],
    **PYGMENTS,  # type: ignore[arg-type]
)
def pygments_style_colours(style: Annotated[str, Entity("highlight_style")]) -> Scheme:
    """Look up the colours of a Pygments style, as hex codes: of its background, of comments and of keywords.

    Refuses a style that leaves one of them open.
    """
    background, comment, keyword = _style(style)
    return {"background": background, "comment": comment, "keyword": keyword}
