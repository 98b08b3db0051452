"""What the API says of issues that are gone."""

from datetime import datetime

from pydantic import BaseModel, Field

from sprintreports.jira.reads.absences import Absence, SprintName, Why


class SprintNameOut(BaseModel):
    sprint_id: int
    name: str
    state: str

    @classmethod
    def of(cls, sprint: SprintName) -> "SprintNameOut":
        return cls(sprint_id=sprint.sprint_id, name=sprint.name, state=sprint.state)


class AbsenceOut(BaseModel):
    """An issue that Jira has no more, or no longer shows to the connection's account."""

    jira_issue_id: int
    key: str
    summary: str = Field(description="as it was last seen")
    project_key: str
    why: Why = Field(
        description="deleted: it has left the sprints that are not closed; hidden: a permission was lost, it counts as "
        "last seen"
    )
    noticed_at: datetime
    last_change: datetime = Field(description="in Jira, as far as is known")
    sprints: list[SprintNameOut] = Field(description="those that it was ever in")

    @classmethod
    def of(cls, absence: Absence) -> "AbsenceOut":
        own = {name: getattr(absence, name) for name in cls.model_fields if name != "sprints"}
        return cls(**own, sprints=[SprintNameOut.of(sprint) for sprint in absence.sprints])
