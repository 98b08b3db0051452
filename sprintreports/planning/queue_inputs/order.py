"""Which issue comes before which: by priority, then as they stand on Jira's board, then by age (docs/decisions/0017)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sprintreports.jira.reads.candidates import IssueNow

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
    "The order in which issues stand on Jira's board has not been read yet, so issues of the same priority go by age, the "
    "oldest first. The next sync that a person asks for reads it."
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


def ranks(issues: Iterable[IssueNow]) -> dict[int, str]:
    """Of each issue a rank that sorts as Jira's board shows them; those without a place come behind, by age.

    It counts among these issues alone, so that what others do on the board is no news for a plan.
    """
    line = sorted(issues, key=_stand)
    return {one.issue: f"{at:07d}" for at, one in enumerate(line, start=1)}


def unplaced(issues: Iterable[IssueNow]) -> str:
    """What to tell about issues that have no place on the board; empty if all that are open have one."""
    still = [one for one in issues if not one.done]
    lost = sum(one.place is None for one in still)
    if not lost:
        return ""
    if lost == len(still):
        return BY_AGE
    have, they = ("issue has", "it comes") if lost == 1 else ("issues have", "they come")
    return (
        f"{lost} {have} no place in the order that was last read from Jira's board; among those of the same priority {they} "
        "last, the oldest first."
    )


def _stand(one: IssueNow) -> tuple[bool, int, float, int]:
    return one.place is None, one.place or 0, one.created.timestamp(), one.issue
