"""Whom a file means: by e-mail address, name or a name that was settled before; the others are listed, never guessed."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Protocol, TypeVar

MOST_SUGGESTED = 3
MOST_SUGGESTIONS = 50
_MOST_COMPARED = 5_000


class Naming(Protocol):
    """What says whom it means."""

    @property
    def who(self) -> tuple[str, ...]: ...


T = TypeVar("T", bound=Naming)


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who can be meant. aliases: what files called them before, as somebody settled it."""

    person: int
    name: str
    email: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Words by which nobody, or more than one, was found. people: who they may mean, ids."""

    who: str
    ambiguous: bool
    people: tuple[int, ...] = ()


class People:
    """Finds people by what files call them."""

    def __init__(self, known: Iterable[Known]) -> None:
        self._by_word: defaultdict[str, set[int]] = defaultdict(set)
        self._answers: dict[tuple[str, ...], int | Unmatched] = {}
        self._suggestions_left = MOST_SUGGESTIONS
        for one in known:
            for word in (one.email, one.name, *one.aliases):
                if folded := fold(word):
                    self._by_word[folded].add(one.person)

    def find(self, who: Sequence[str]) -> int | Unmatched:
        """The one person that the first telling word names. A word that two people share does not decide."""
        asked = tuple(who)
        if asked not in self._answers:
            self._answers[asked] = self._find(asked)
        return self._answers[asked]

    def _find(self, who: tuple[str, ...]) -> int | Unmatched:
        shared: set[int] = set()
        for word in who:
            found = self._by_word.get(fold(word), set[int]())
            if len(found) == 1:
                return next(iter(found))
            shared = shared or found
        first = who[0] if who else ""
        if shared:
            return Unmatched(first, ambiguous=True, people=tuple(sorted(shared)))
        return Unmatched(first, ambiguous=False, people=self._alike(first))

    def _alike(self, word: str) -> tuple[int, ...]:
        """People who are called nearly so. It takes its time, so that only the first of many strangers get any."""
        if self._suggestions_left == 0 or len(self._by_word) > _MOST_COMPARED:
            return ()
        self._suggestions_left -= 1
        words = get_close_matches(fold(word), self._by_word, n=MOST_SUGGESTED, cutoff=0.8)
        return tuple(dict.fromkeys(person for one in words for person in sorted(self._by_word[one])))


def match(
    items: Iterable[T], known: Iterable[Known]
) -> tuple[list[tuple[int, T]], list[tuple[Unmatched, list[T]]]]:
    """Each item with the person that it means, and the others by whom they may mean, in order of the file."""
    people = People(known)
    matched: list[tuple[int, T]] = []
    others: dict[Unmatched, list[T]] = {}
    for item in items:
        found = people.find(item.who)
        if isinstance(found, Unmatched):
            others.setdefault(found, []).append(item)
        else:
            matched.append((found, item))
    return matched, list(others.items())


def fold(word: str) -> str:
    """A name or address as it is compared: case, accents written in two ways, spaces and "Last, First" do not matter."""
    text = " ".join(unicodedata.normalize("NFKC", word[:300].replace("\0", "")).casefold().split())
    last, comma, first = text.partition(", ")
    return f"{first} {last}" if comma and first and "@" not in text else text
