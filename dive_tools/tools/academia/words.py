"""English words: frequencies and anagrams from wordfreq's small list; and the readability of a counted passage."""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, TypedDict

import msgspec
from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Given, Part, Quantity, entity, says, vignette

WORDFREQ: dict[str, Any] = {
    "needs": ("wordfreq",),
    "source": "the small English list of wordfreq",
    "licence": "CC-BY-SA-4.0",
}


@lru_cache(maxsize=1)
def frequencies() -> dict[str, int]:
    """Words of wordfreq's small English list with their frequency in centibels below 1."""
    import gzip

    found = importlib.util.find_spec("wordfreq")
    if found is None or found.origin is None:
        raise Refusal("the word list of wordfreq is not installed")
    packed = gzip.decompress((Path(found.origin).parent / "data" / "small_en.msgpack.gz").read_bytes())
    _, *levels = msgspec.msgpack.decode(packed)
    return {word: level for level, words in enumerate(levels) for word in words}


@lru_cache(maxsize=1)
def _families() -> dict[str, list[str]]:
    """Words of the same letters, most frequent first."""
    found: dict[str, list[str]] = {}
    for word, _ in sorted(frequencies().items(), key=lambda pair: (pair[1], pair[0])):
        if word.isascii() and word.isalpha() and len(word) > 2:
            found.setdefault("".join(sorted(word)), []).append(word)
    return found


# The most frequent words of families of four to six anagrams, left out those among names.
WORDS = """care coins diet east garden hearts large least notes past plane plates rates relating sent snap star step
stop takes team teams time times trees tries used cares"""


ENDINGS = ("ance", "able", "ed", "ence", "ing", "ity", "ive", "ly", "ment", "ness", "ous", "tion", "ture")


def _samples() -> list[str]:
    """Words with a few anagrams, and derived words that are neither rare nor likely to be names."""
    known = frequencies()
    derived = [word for word in sorted(known) if len(word) > 5 and known[word] < 550 and word.endswith(ENDINGS)]
    return sorted({*WORDS.split(), *derived[:: max(1, len(derived) // 600)]})


WORD = entity("english_word", "English word", samples=_samples, intro="the word “{}”")
Word = Annotated[str, Entity("english_word"), Meta(description="a word of the small English list of wordfreq")]


class Frequency(TypedDict):
    zipf: Annotated[
        float,
        Quantity("Zipf frequency"),
        says(
            "the Zipf frequency of {word} in wordfreq's small English list",
            "the Zipf frequency of {word}",
            noun="Zipf frequency",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"word": "the"}, {"/zipf": 7.73}, "second-library: wordfreq.zipf_frequency(word, 'en', 'small')"),
        example({"word": "Listen"}, {"/zipf": 5.06}, "second-library: wordfreq.zipf_frequency(word, 'en', 'small')"),
        example({"word": "qqzzx"}, {"error": "refused"}, "identity: letters that make no word"),
    ],
    **WORDFREQ,
)
def word_frequency(word: Word) -> Frequency:
    """Look up the Zipf frequency of an English word in wordfreq's small list.

    That is log10 of its occurrences per thousand million words. Refuses words that are not in the list
    (rarer than about one in a million).
    """
    level = frequencies().get(word.strip().casefold())
    if level is None:
        raise Refusal(f"{word!r} is not in wordfreq's small English list")
    return {"zipf": (900 - level) / 100}


class Anagrams(TypedDict):
    words: Annotated[
        list[Annotated[str, Entity("english_word")]],
        says(
            "the anagrams of {word} in wordfreq's small English list",
            noun="anagram",
            plural="anagrams",
            ask_count="How many anagrams of {word} are there in wordfreq's small English list",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"word": "listen"}, {"/words": ["silent", "enlist"]}, "published: well-known anagrams of 'listen'"),
        example({"word": "rhythm"}, {"/words": []}, "identity: no other word has these letters"),
    ],
    **WORDFREQ,
)
def word_anagrams(word: Word) -> Anagrams:
    """List the other words of wordfreq's small English list (names included) that have just the letters of a word.

    Most frequent first. The list is complete for that word list; empty where there is none.
    """
    asked = word.strip().casefold()
    return {"words": [w for w in _families().get("".join(sorted(asked)), []) if w != asked], "complete": True}


class Occurrences(TypedDict):
    occurrences: Annotated[
        float,
        Quantity("expected occurrences", additive=True),
        says(
            "the number of times that a word with {zipf} is to be expected in a text of {words} words",
            noun="expected number of occurrences",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
        ),
    ]


@tool(
    "processing",
    examples=[
        example(
            {"zipf": 6.0, "words": 1000000},
            {"/occurrences": 1000.0},
            "published: a Zipf value of 6 is once per thousand words, wordfreq",
        ),
        example(
            {"zipf": 3.0, "words": 2000000},
            {"/occurrences": 2.0},
            "published: a Zipf value of 3 is once per million words, wordfreq",
        ),
    ],
)
def expected_occurrences(
    zipf: Annotated[float, Quantity("Zipf frequency"), Meta(description="Zipf frequency", ge=0, le=9)],
    words: Annotated[int, Given(100000, 1000000, 5000000), Meta(description="length of the text in words", ge=1)],
) -> Occurrences:
    """Compute how often a word of a given Zipf frequency is to be expected in a text, 10^(zipf - 9) a word."""
    return {"occurrences": 10 ** (zipf - 9) * words}


# --- readability ----------------------------------------------------------------------------------------------------


def _passages() -> list[dict[str, int]]:
    """Passages of 90 to 700 words, from plain to learned."""
    found = []
    for i in range(240):
        words = 90 + (i * 53) % 610
        sentences = max(3, round(words / (9 + (i * 7) % 18)))
        syllables = round(words * (1.28 + (i * 11 % 47) / 100))
        long = round(words * (0.05 + (i * 13 % 19) / 100))
        found.append({"words": words, "sentences": sentences, "syllables": syllables, "long_words": long})
    return found


PASSAGE = vignette(
    "passage",
    "the passage",
    ("an English passage of {words} words", "an English passage"),
    {
        "words": "has {words} words",
        "sentences": "has {sentences} sentences",
        "syllables": "has {syllables} syllables",
        "long_words": "has {long_words} words of three or more syllables",
    },
    samples=_passages,
)
Words = Annotated[int, Part("passage", "words"), Meta(description="number of words", ge=1)]
Sentences = Annotated[int, Part("passage", "sentences"), Meta(description="number of sentences", ge=1)]
Syllables = Annotated[int, Part("passage", "syllables"), Meta(description="number of syllables", ge=1)]
LongWords = Annotated[int, Part("passage", "long_words"), Meta(description="words of three or more syllables", ge=0)]


class Flesch(TypedDict):
    reading_ease: Annotated[
        float,
        Quantity("Flesch reading ease", scale="interval"),
        says("the Flesch reading ease of {passage}", noun="Flesch reading ease"),
    ]
    grade: Annotated[
        float,
        Quantity("school grade", "grades", scale="interval"),
        says("the Flesch-Kincaid grade level of {passage}", noun="Flesch-Kincaid grade level"),
    ]


@tool(
    "processing",
    source="Flesch 1948; Kincaid et al. 1975",
    examples=[
        example(
            {"words": 100, "sentences": 5, "syllables": 150},
            {"/reading_ease": 59.635, "/grade": 9.91},
            "identity: 206.835 - 1.015 * 20 - 84.6 * 1.5; 0.39 * 20 + 11.8 * 1.5 - 15.59",
        ),
        example(
            {"words": 6, "sentences": 1, "syllables": 6},
            {"/reading_ease": 116.145, "/grade": -1.45},
            "published: Flesch formulas on 'The cat sat on the mat', 116 and -1.45",
        ),
    ],
)
def flesch_scores(words: Words, sentences: Sentences, syllables: Syllables) -> Flesch:
    """Compute the Flesch reading ease (higher is easier) and the Flesch-Kincaid grade level of an English passage."""
    length, weight = words / sentences, syllables / words
    return {"reading_ease": 206.835 - 1.015 * length - 84.6 * weight, "grade": 0.39 * length + 11.8 * weight - 15.59}


class Fog(TypedDict):
    fog: Annotated[
        float,
        Quantity("school grade", "grades", scale="interval"),
        says("the Gunning fog index of {passage}", noun="Gunning fog index"),
    ]


@tool(
    "processing",
    source="Gunning 1952",
    examples=[
        example({"words": 100, "sentences": 5, "long_words": 10}, {"/fog": 12.0}, "identity: 0.4 * (20 + 10)"),
        example({"words": 50, "sentences": 5, "long_words": 0}, {"/fog": 4.0}, "identity: 0.4 * 10"),
    ],
)
def gunning_fog(words: Words, sentences: Sentences, long_words: LongWords) -> Fog:
    """Compute the Gunning fog index of a passage, 0.4 (words per sentence + percentage of long words)."""
    if long_words > words:
        raise Refusal("more long words than words")
    return {"fog": 0.4 * (words / sentences + 100 * long_words / words)}
