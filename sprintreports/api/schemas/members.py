"""What REST shows and takes of people in teams: their places there, and what can be set of them everywhere."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, model_validator

from sprintreports.api.schemas.planning import (
    ID,
    Country,
    Day,
    HoursOfDay,
    Percent,
    Strict,
    Subdivision,
    shown,
    shown_or_null,
    stored,
)
from sprintreports.jira.reads.disciplines import Assignee
from sprintreports.planning.members import MOST_MEMBERS, MemberRow, Membership
from sprintreports.planning.people import MOST_SKILLS, PersonRow, PersonSettings

_Skills = Annotated[
    list[Annotated[str, Field(max_length=80)]], Field(max_length=MOST_SKILLS, examples=[["testing", "SQL"]])
]
_CLEARABLE = frozenset({"hours_per_day", "country", "subdivision"})


class TeamPersonOut(BaseModel):
    """Somebody who can be planned with. What is set here holds in all their teams."""

    person_id: int
    name: str
    jira_person_id: int | None = Field(description="null: they are not in Jira")
    part_time: float = Field(description="of a full week, in percent", examples=[80.0])
    hours_per_day: float | None = Field(description="null: as their team has it", examples=[8.0])
    skills: list[str] = Field(examples=[["testing", "SQL"]])
    country: str | None = Field(description="whose holidays they have; null: their team's", examples=["DE"])
    subdivision: str | None = Field(examples=["BE"])

    @classmethod
    def of(cls, person: PersonRow) -> Self:
        return cls(**_of_person(person))


class MemberOut(TeamPersonOut):
    """Somebody's place in a team."""

    share: float = Field(
        description="what part of the person's time the team has, in percent", examples=[50.0]
    )
    since: Day | None = Field(description="the first day; null: from the beginning")
    until: Day | None = Field(description="the last day; null: no end is known")

    @classmethod
    def of_row(cls, row: MemberRow) -> Self:
        place = row.membership
        return cls(**_of_person(row.person), share=shown(place.share), since=place.since, until=place.until)


class SuggestedMemberOut(BaseModel):
    """Somebody in Jira with issues of the team, who is not in it."""

    jira_person_id: int
    name: str
    issues: int = Field(description="how many of the team's issues are theirs")

    @classmethod
    def of(cls, found: Assignee) -> Self:
        return cls(jira_person_id=found.person_id, name=found.name, issues=found.issues)


class MembershipIn(Strict):
    person_id: ID = Field(description="an id of `/people`")
    share: Percent = 100
    since: Day | None = None
    until: Day | None = None

    def membership(self) -> Membership:
        return Membership(self.person_id, stored(self.share), self.since, self.until)


class MembersIn(Strict):
    """All members of a team. Whoever is left out is not in it any more, nor ever was: give who leaves a last day instead."""

    members: list[MembershipIn] = Field(max_length=MOST_MEMBERS)


class MembershipChange(Strict):
    """What is left out stays; a null day is no limit."""

    share: Percent | None = None
    since: Day | None = None
    until: Day | None = Field(default=None, description="the last day in the team")

    def membership(self, before: Membership) -> Membership:
        given: dict[str, Any] = {
            name: getattr(self, name) for name in ("since", "until") if name in self.model_fields_set
        }
        if self.share is not None:
            given["share"] = stored(self.share)
        return replace(before, **given)


class JoiningIn(Strict):
    """Who joins a team: people of Jira, or one who is not there, by name. Each gives what their other teams leave of them."""

    jira_person_ids: list[ID] = Field(
        default_factory=list, max_length=100, description="as `/teams/{team_id}/suggested-members` has them"
    )
    name: str = Field(default="", max_length=200, description="of somebody who is not in Jira")
    email: str = Field(default="", max_length=255, description="theirs, by which imports find them")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.jira_person_ids) == bool(self.name.strip()):
            raise ValueError("Send jira_person_ids, or the name of one who is not in Jira.")
        return self


class TeamPersonChange(Strict):
    """What is left out stays. Null hours are the team's, a null country is the team's."""

    part_time: Percent | None = None
    hours_per_day: HoursOfDay | None = None
    skills: _Skills | None = None
    country: Country | None = None
    subdivision: Subdivision | None = None

    def settings(self, before: PersonSettings) -> PersonSettings:
        given: dict[str, Any] = self.model_dump(exclude_unset=True)
        wanted: dict[str, Any] = {
            name: value for name, value in given.items() if value is not None or name in _CLEARABLE
        }
        if "country" in wanted:
            wanted.setdefault("subdivision", None)  # one of another country
        for name in ("part_time", "hours_per_day"):
            if wanted.get(name) is not None:
                wanted[name] = stored(wanted[name])
        if "skills" in wanted:
            wanted["skills"] = tuple(dict.fromkeys(skill.strip() for skill in wanted["skills"]))
        return replace(before, **wanted)


class AliasIn(Strict):
    """What files call somebody."""

    alias: str = Field(min_length=1, max_length=300)


def _of_person(person: PersonRow) -> Mapping[str, Any]:
    settings = person.settings
    return {
        "person_id": person.id,
        "name": person.name,
        "jira_person_id": person.jira_person_id,
        "part_time": shown(settings.part_time),
        "hours_per_day": shown_or_null(settings.hours_per_day),
        "skills": list(settings.skills),
        "country": settings.country,
        "subdivision": settings.subdivision,
    }
