"""What REST shows and takes of when people are away. Why they are is neither stored nor taken."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Self

from pydantic import BaseModel, Field

from sprintreports.api.schemas.planning import ID, Day, PartOfDay, Strict
from sprintreports.planning.absence_files import Whose
from sprintreports.planning.absences import AbsenceRow, Imported, Source
from sprintreports.planning.capacity.people import Absence
from sprintreports.planning.importing.absences import ReadAbsence
from sprintreports.planning.importing.matching import Unmatched
from sprintreports.planning.importing.reading import MOST_PROBLEMS, Found


class TeamAbsenceOut(BaseModel):
    """Somebody is away from the first day to the last, both counted; `part`: of each of them."""

    id: int
    person_id: int
    person_name: str = Field(examples=["Grace Hopper"])
    first_day: Day
    last_day: Day
    part: PartOfDay
    source: Source = Field(description="typed in, or imported")

    @classmethod
    def of(cls, row: AbsenceRow, names: Mapping[int, str]) -> Self:
        return cls(
            id=row.id,
            person_id=row.person_id,
            person_name=names.get(row.person_id, ""),
            first_day=row.first,
            last_day=row.last,
            part=PartOfDay.of(row.part),
            source=row.source,
        )


class TeamAbsenceIn(Strict):
    """Somebody is away. Without `last_day` it is one day."""

    person_id: ID = Field(description="an id of `/people`")
    first_day: Day
    last_day: Day | None = None
    part: PartOfDay = PartOfDay.WHOLE

    def absence(self) -> Absence:
        return Absence(self.person_id, self.first_day, self.last_day or self.first_day, self.part.halves)


class TeamAbsenceChange(Strict):
    """What is left out stays."""

    first_day: Day | None = None
    last_day: Day | None = None
    part: PartOfDay | None = None

    def absence(self, before: Absence) -> Absence:
        return replace(
            before,
            first=self.first_day or before.first,
            last=self.last_day or before.last,
            part=before.part if self.part is None else self.part.halves,
        )


class MeantOut(BaseModel):
    person_id: int
    name: str


class UnmatchedOut(BaseModel):
    """Somebody whom a file names and who was not found, or not for certain. Nothing is guessed."""

    who: str = Field(description="as the file has it; empty: it does not say", examples=["G. Hopper"])
    ambiguous: bool = Field(description="more than one person is called so")
    absences: int = Field(description="how many absences were left out for it")
    people: list[MeantOut] = Field(description="who may be meant")


class LineProblemOut(BaseModel):
    """A line that was left out, counted from 1, and what to do about it."""

    line: int
    message: str


class AbsenceImportOut(BaseModel):
    """What became of a file. With `dry` nothing was stored, and this is what would become of it."""

    stored: bool
    added: int | None = Field(description="null where nothing was stored")
    kept: int | None = Field(description="those that were there already")
    replaced: int | None = Field(description="those that the calendar has otherwise, or no more")
    matched: int = Field(description="absences of people who were found")
    unmatched: list[UnmatchedOut] = Field(
        description=f"at most {MOST_PROBLEMS} of them. `/people/{{member_id}}/aliases` settles who is meant: then import the "
        "file again"
    )
    unmatched_total: int
    problems: list[LineProblemOut] = Field(
        description=f"lines that could not be read, at most {MOST_PROBLEMS}"
    )
    left_out: int = Field(description="how many lines could not be read")

    @classmethod
    def of(
        cls,
        found: Found[ReadAbsence],
        done: Imported | None,
        whose: Whose,
    ) -> Self:
        return cls(
            stored=done is not None,
            added=None if done is None else done.added,
            kept=None if done is None else done.kept,
            replaced=None if done is None else done.replaced,
            matched=len(whose.matched),
            unmatched=[
                _unmatched(who, len(items), whose.names) for who, items in whose.others[:MOST_PROBLEMS]
            ],
            unmatched_total=len(whose.others),
            problems=[LineProblemOut(line=one.line, message=one.message) for one in found.problems],
            left_out=found.left_out,
        )


def _unmatched(found: Unmatched, absences: int, names: Mapping[int, str]) -> UnmatchedOut:
    meant = [MeantOut(person_id=one, name=names[one]) for one in found.people if one in names]
    return UnmatchedOut(who=found.who, ambiguous=found.ambiguous, absences=absences, people=meant)
