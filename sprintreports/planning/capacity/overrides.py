"""Figures of one sprint that somebody set by hand, each with its reason, in place of what is computed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from sprintreports.kit.errors import FieldProblem, Invalid

MOST_DAYS = 366
MOST = 1_000_000
LONGEST_REASON = 500


class Measure(StrEnum):
    """What can be set. SHARE and FOCUS in percent; HOURS: of a person's day; DAYS: available person-days; RATE: completed
    per person-day; AMOUNT: the team's capacity in its own unit."""

    SHARE = "share"
    HOURS = "hours"
    DAYS = "days"
    FOCUS = "focus"
    RATE = "rate"
    AMOUNT = "amount"


OF_MEMBERS = frozenset({Measure.SHARE, Measure.HOURS, Measure.DAYS})
OF_TEAMS = frozenset({Measure.DAYS, Measure.FOCUS, Measure.RATE, Measure.AMOUNT})
#: What goes along when rates are copied: how people work, not how many days they have, nor what was decided for once.
RATES = frozenset({Measure.SHARE, Measure.HOURS, Measure.FOCUS, Measure.RATE})


@dataclass(frozen=True, slots=True)
class Override:
    """A figure set by hand for one sprint. person None: of the team as a whole."""

    measure: Measure
    value: Fraction
    person: int | None = None
    reason: str = ""


_NOTHING: frozenset[Measure] = frozenset()


@dataclass(frozen=True, slots=True)
class Overrides:
    """The overrides of a team in one sprint, by what they replace."""

    by_place: dict[tuple[int | None, Measure], Override]

    @classmethod
    def of(cls, overrides: Iterable[Override]) -> Overrides:
        found = {(one.person, one.measure): one for one in overrides}
        return cls(found) if found else _NONE

    @property
    def of_members(self) -> bool:
        """Whether anything is set of a single member."""
        return any(person is not None for person, _ in self.by_place)

    def value(self, measure: Measure, person: int | None = None) -> Fraction | None:
        found = self.by_place.get((person, measure)) if self.by_place else None
        return None if found is None else found.value

    def part(self, measure: Measure, person: int | None = None) -> Fraction | None:
        """The same of a percentage: 50 is 1/2."""
        value = self.value(measure, person)
        return None if value is None else value / 100

    def measures(self, person: int | None = None) -> frozenset[Measure]:
        if not self.by_place:
            return _NOTHING
        return frozenset(measure for who, measure in self.by_place if who == person)


_NONE = Overrides({})


def copied(overrides: Iterable[Override], *, people: Iterable[int]) -> tuple[Override, ...]:
    """The rates among a sprint's overrides, for the next one: those of people who are still in the team."""
    still = set(people)
    return tuple(
        one for one in overrides if one.measure in RATES and (one.person is None or one.person in still)
    )


def check_override(override: Override) -> None:
    """Raises Invalid, with what to do, for a figure that cannot be."""
    problem = _problem(override)
    if problem:
        raise Invalid(problem.message, details=(problem,))


def _problem(override: Override) -> FieldProblem | None:
    measure, value = override.measure, override.value
    if override.person is None and measure not in OF_TEAMS:
        return FieldProblem("person_id", "Name the member whose figure this is.")
    if override.person is not None and measure not in OF_MEMBERS:
        return FieldProblem("person_id", "This figure is the whole team's: leave the member out.")
    if not override.reason.strip() or len(override.reason) > LONGEST_REASON or "\0" in override.reason:
        return FieldProblem("reason", f"Say why, in 1 to {LONGEST_REASON} characters.")
    highest, what = _HIGHEST[measure]
    if not 0 <= value <= highest:
        return FieldProblem("value", f"{what} from 0 to {highest:,}.")
    return None


_HIGHEST: dict[Measure, tuple[int, str]] = {
    Measure.SHARE: (100, "A share is a percentage"),
    Measure.FOCUS: (100, "The focus factor is a percentage"),
    Measure.HOURS: (24, "Hours of a day are"),
    Measure.DAYS: (MOST_DAYS * 1000, "Person-days are"),
    Measure.RATE: (MOST, "What is completed per person-day is"),
    Measure.AMOUNT: (MOST, "A capacity is"),
}
