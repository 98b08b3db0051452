"""What REST takes and shows of members pasted from a spreadsheet: whom each line means, and who is still to be settled."""

from collections.abc import Iterable
from typing import Self

from pydantic import BaseModel, Field

from sprintreports.api.schemas.planning import ID, Strict
from sprintreports.api.schemas.team_absences import LineProblemOut
from sprintreports.planning.pasted_members import NEW, Pasted, Preview, Stranger

_LONGEST = 200_000


class SettledIn(Strict):
    """Whom a file means by a word by which nobody was found. Neither of the two ids: somebody new."""

    who: str = Field(min_length=1, max_length=300)
    person_id: ID | None = None
    jira_person_id: ID | None = Field(default=None, description="of somebody in Jira who is in no team yet")

    @property
    def whom(self) -> int:
        """As the domain has it: people of Jira are negative."""
        if self.person_id is not None:
            return self.person_id
        return NEW if self.jira_person_id is None else -self.jira_person_id


class PastedMembersIn(Strict):
    """Lines of who, share, hours per day, part-time, first day, last day and skills: with a line of titles, or in that order."""

    text: str = Field(min_length=1, max_length=_LONGEST)
    settled: list[SettledIn] = Field(default_factory=list, max_length=1000)

    def by_word(self) -> dict[str, int]:
        return {one.who: one.whom for one in self.settled}


class SomebodyOut(BaseModel):
    """One of the two ids is there: of a person in teams, or of somebody in Jira who is in none yet."""

    name: str
    person_id: int | None
    jira_person_id: int | None

    @classmethod
    def of(cls, whom: int, name: str) -> Self:
        return cls(
            name=name, person_id=whom if whom > 0 else None, jira_person_id=-whom if whom < 0 else None
        )


class PastedMemberOut(SomebodyOut):
    """A line, and whom it means."""

    line: int
    in_team: bool = Field(description="they are in the team already, and what the line says is changed")

    @classmethod
    def read(cls, pasted: Pasted) -> Self:
        who = SomebodyOut.of(pasted.whom, pasted.name)
        return cls(**who.model_dump(), line=pasted.read.line, in_team=pasted.before is not None)


class StrangerOut(BaseModel):
    """Somebody whom lines name and who was not found, or not for certain."""

    who: str = Field(examples=["G. Hopper"])
    ambiguous: bool = Field(description="more than one person is called so")
    lines: list[int]
    people: list[SomebodyOut] = Field(description="who may be meant")

    @classmethod
    def of(cls, found: Stranger) -> Self:
        people = [SomebodyOut.of(whom, name) for whom, name in found.maybe]
        lines = [line.line for line in found.lines]
        return cls(who=found.who, ambiguous=found.ambiguous, lines=lines, people=people)


class PastedMembersOut(BaseModel):
    """What became of the lines. With `dry` nothing was stored, and this is what they say."""

    stored: int | None = Field(description="how many lines were stored; null: none was to be")
    found: list[PastedMemberOut]
    strangers: list[StrangerOut] = Field(description="before those that `settled` names")
    problems: list[LineProblemOut] = Field(description="lines that could not be read, at most 200")
    left_out: int = Field(description="how many lines could not be read")

    @classmethod
    def of(cls, seen: Preview, stored: int | None) -> Self:
        return cls(
            stored=stored,
            found=[PastedMemberOut.read(one) for one in seen.found],
            strangers=[StrangerOut.of(one) for one in seen.strangers],
            problems=list(_problems(seen)),
            left_out=seen.left_out,
        )


def _problems(seen: Preview) -> Iterable[LineProblemOut]:
    for problem in seen.problems:
        yield LineProblemOut(line=problem.line, message=problem.message)
