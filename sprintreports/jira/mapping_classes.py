"""What the values of a site's scheduling field mean: guessed by their words, or as an admin says."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

LONGEST_VALUE = 255
MOST_VALUES = 200

_WORD = re.compile(r"[^\W\d_]+")
_WORDS: Mapping[str, frozenset[str]] = {
    "hard": frozenset({"hard", "fixed", "window", "maintenance", "appointment", "exact", "exactly"}),
    "soft": frozenset({"soft", "deadline", "target", "due"}),
    "flexible": frozenset({"flexible", "flex", "anytime", "whenever", "floating", "unscheduled"}),
}
# "Not fixed" is no fixed time, and what it is instead is not said.
_DENIALS = frozenset({"not", "no", "non", "none", "without", "never"})


class Said(StrEnum):
    """What a value says of an issue: at exact times, by a date, in its turn; or nothing of the kind."""

    HARD = "hard"
    SOFT = "soft"
    FLEXIBLE = "flexible"
    NOTHING = "nothing"


def meaning_of(value: str, chosen: Mapping[str, str]) -> Said | None:
    """The class that a value names; None: nobody knows. chosen: what an admin said, by `place_of` of the value."""
    told = chosen.get(place_of(value))
    return Said(told) if told in set(Said) else guessed(value)


def guessed(value: str) -> Said | None:
    """By its words; None where no word is known, where they disagree, and where one of them denies the others."""
    words = [word.casefold() for word in _WORD.findall(value)]
    if not _DENIALS.isdisjoint(words):
        return None
    if "any" in words and "time" in words:
        words.append("anytime")
    found = {kind for kind, known in _WORDS.items() if not known.isdisjoint(words)}
    return Said(found.pop()) if len(found) == 1 else None


def place_of(value: str) -> str:
    """By what a value is known, whatever its case and blanks."""
    return " ".join(value.split()).casefold()


def normalised(chosen: Mapping[str, str]) -> dict[str, str]:
    """An admin's choices by place, in order, so that equal ones are kept alike."""
    return {place_of(value): said for value, said in sorted(chosen.items()) if place_of(value)}


def unknown(values: Iterable[str], chosen: Mapping[str, str]) -> tuple[str, ...]:
    """The values whose class nobody knows, each once, in order."""
    return tuple(sorted({value for value in values if value and meaning_of(value, chosen) is None}))
