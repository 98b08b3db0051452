"""Which issue comes before which: by priority, then by age, since Jira's own rank is not read yet (docs/decisions/0017)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

#: Names that Jira's own schemes and common older ones use, the most urgent first; names of one row are the same.
USUAL = (
    ("blocker", "p0", "showstopper"),
    ("highest", "critical", "p1", "urgent"),
    ("high", "major", "p2"),
    ("medium", "normal", "p3", ""),
    ("low", "minor", "p4"),
    ("lowest", "trivial", "p5"),
)
_MIDDLE = next(at for at, names in enumerate(USUAL) if "" in names)
BY_AGE = (
    "The order in which issues stand on Jira's board is not known here, so issues of the same priority go by age, the "
    "oldest first."
)


@dataclass(frozen=True, slots=True)
class Order:
    """Priorities as numbers, 0 the most urgent. unknown: names that are in no list and count as medium."""

    places: dict[str, int]
    unknown: tuple[str, ...]

    @classmethod
    def of(cls, names: Iterable[str], chosen: Sequence[str] = ()) -> Order:
        """chosen: the order that a manager gave, the most urgent first; a name that it lacks comes behind it, as usual."""
        given = {name.strip().casefold(): at for at, name in reversed(list(enumerate(chosen)))}
        usual = {name: at for at, row in enumerate(USUAL) for name in row}
        places: dict[str, int] = {}
        unknown: set[str] = set()
        for name in set(names):
            folded = name.strip().casefold()
            if folded in given:
                places[name] = given[folded]
                continue
            if folded not in usual:
                unknown.add(name)
            places[name] = len(given) + usual.get(folded, _MIDDLE)
        return cls(places, tuple(sorted(unknown)))

    def note(self) -> str:
        """What to tell about names that nobody knows; empty if there are none."""
        if not self.unknown:
            return ""
        shown = ", ".join(self.unknown[:5]) + (
            f" and {len(self.unknown) - 5} more" if len(self.unknown) > 5 else ""
        )
        return f"Priorities that count as medium, since their order is not known: {shown}. Give the order of priorities to change that."


def by_age(created: datetime, issue: int) -> str:
    """A rank that sorts by age; of the same instant by Jira's number."""
    return f"{created.timestamp():020.6f}:{issue:020d}"
