"""Issues as JSON text, put together from prepared pieces: fast enough to be made afresh for every answer."""

from collections.abc import Callable, Iterable

import msgspec

from sprintreports.demo import stamps
from sprintreports.demo.catalog import (
    DISCIPLINE_OPTION,
    EPIC,
    FIELD_IDS,
    ISSUE_TYPES,
    PRIORITIES,
    RESOLUTIONS,
    SCHEDULING_OPTION,
    STATUSES,
    TOKEN_OWNER_ZONE,
    Category,
    Dialect,
    Estimation,
    IssueType,
    Status,
)
from sprintreports.demo.changelog import points_text, text
from sprintreports.demo.model import Issue, Project, Sprint
from sprintreports.demo.people import Person
from sprintreports.demo.site import Json

_CATEGORY: dict[Category, tuple[int, str, str]] = {
    Category.NEW: (2, "To Do", "blue-gray"),
    Category.INDETERMINATE: (4, "In Progress", "yellow"),
    Category.DONE: (3, "Done", "green"),
}
_NULL = "null"


def encode(value: object) -> str:
    return msgspec.json.encode(value).decode()


class Shapes:
    """The small objects that issues, boards and lists are made of."""

    def __init__(self, dialect: Dialect, base_url: str) -> None:
        self.cloud = dialect is Dialect.CLOUD
        self.base_url = base_url
        self.api = f"{base_url}/rest/api/{3 if self.cloud else 2}"
        self.ids = FIELD_IDS[dialect]

    def person(self, person: Person) -> Json:
        shared = {"displayName": person.name, "active": person.active, "timeZone": person.zone}
        if self.cloud:
            account = person.account_id
            return {
                "self": f"{self.api}/user?accountId={account}",
                "accountId": account,
                "accountType": "atlassian",
            } | shared
        return {
            "self": f"{self.api}/user?username={person.username}",
            "name": person.username,
            "key": person.user_key,
            "emailAddress": person.email,
        } | shared

    def status(self, status: Status) -> Json:
        number, name, colour = _CATEGORY[status.category]
        return {
            "self": f"{self.api}/status/{status.id}",
            "description": "",
            "name": status.name,
            "id": status.id,
            "statusCategory": {
                "self": f"{self.api}/statuscategory/{number}",
                "id": number,
                "key": status.category.value,
                "colorName": colour,
                "name": name,
            },
        }

    def issue_type(self, kind: IssueType) -> Json:
        shape: Json = {
            "self": f"{self.api}/issuetype/{kind.id}",
            "id": kind.id,
            "description": "",
            "name": kind.name,
            "subtask": kind.subtask,
        }
        return shape | {"hierarchyLevel": kind.level} if self.cloud else shape

    def project(self, project: Project) -> Json:
        return {
            "self": f"{self.api}/project/{project.id}",
            "id": project.id,
            "key": project.key,
            "name": project.name,
            "projectTypeKey": "software",
        } | ({"simplified": False} if self.cloud else {})

    def priority(self, number: str, name: str) -> Json:
        return {"self": f"{self.api}/priority/{number}", "name": name, "id": number}

    def sprint(self, sprint: Sprint) -> Json:
        """As the agile endpoints and Cloud's sprint field give it; dates that are not known are left out."""
        shape: Json = {"id": sprint.id, "name": sprint.name, "state": sprint.state, "goal": sprint.goal}
        dates = {
            "startDate": sprint.planned_start,
            "endDate": sprint.planned_end,
            "completeDate": sprint.completed,
            "activatedDate": sprint.activated,
        }
        return shape | {name: stamps.utc(at) for name, at in dates.items() if at is not None}

    def created(self, sprint: Sprint) -> str:
        return stamps.utc(sprint.created)

    def legacy_sprint(self, sprint: Sprint) -> str:
        """The text that Data Center puts into the sprint field."""
        dates = {
            "startDate": sprint.planned_start,
            "endDate": sprint.planned_end,
            "completeDate": sprint.completed,
            "activatedDate": sprint.started,
        }
        values = ",".join(
            f"{name}={'<null>' if at is None else stamps.local_colon(at, TOKEN_OWNER_ZONE)}"
            for name, at in dates.items()
        )
        return (
            f"com.atlassian.greenhopper.service.sprint.Sprint@{sprint.id * 7919 + 0x1A2B3C:x}"
            f"[id={sprint.id},rapidViewId={sprint.board_id},state={sprint.state.upper()},name={sprint.name},"
            f"{values},sequence={sprint.sequence},goal={sprint.goal or '<null>'}]"
        )


class Renderer:
    """Writes the fields of an issue of the company in one dialect."""

    def __init__(
        self,
        shapes: Shapes,
        *,
        people: Iterable[Person],
        projects: Iterable[Project],
        sprints: dict[int, Sprint],
    ) -> None:
        ids = shapes.ids
        self._shapes = shapes
        self._sprints = sprints
        self.person_json = {person.number: encode(shapes.person(person)) for person in people}
        self._status = {status.id: encode(shapes.status(status)) for status in STATUSES}
        self._type = {kind.id: encode(shapes.issue_type(kind)) for kind in ISSUE_TYPES}
        self._project = {project.id: encode(shapes.project(project)) for project in projects}
        self._priority = {number: encode(shapes.priority(number, name)) for number, name in PRIORITIES}
        self._sprint = self._sprint_texts()
        self._writers: dict[str, Callable[[Issue], str]] = {
            "summary": lambda issue: text(issue.summary),
            "description": self._description,
            "status": lambda issue: self._status[issue.status.id],
            "issuetype": lambda issue: self._type[issue.type.id],
            "project": lambda issue: self._project[issue.project.id],
            "priority": lambda issue: self._priority[issue.priority],
            "assignee": lambda issue: self._person(issue.assignee),
            "reporter": lambda issue: self._person(issue.reporter),
            "creator": lambda issue: self._person(issue.creator),
            "created": lambda issue: f'"{stamps.local(issue.created, TOKEN_OWNER_ZONE)}"',
            "updated": lambda issue: f'"{stamps.local(issue.updated, TOKEN_OWNER_ZONE)}"',
            "resolution": self._resolution,
            "resolutiondate": lambda issue: _NULL if issue.resolved is None else f'"{stamps.local(issue.resolved, TOKEN_OWNER_ZONE)}"',
            "duedate": lambda issue: text(issue.due),
            "labels": lambda issue: encode(issue.labels),
            "components": lambda _: "[]",
            "fixVersions": lambda _: "[]",
            "parent": self._parent,
            "subtasks": lambda issue: f"[{','.join(self._stub(child) for child in issue.subtasks)}]",
            "issuelinks": self._links,
            "timeoriginalestimate": lambda issue: _NULL if issue.seconds is None else str(issue.seconds),
            "timeestimate": lambda issue: _NULL if issue.seconds is None else "0" if issue.is_done else str(issue.seconds),
            "timespent": lambda _: _NULL,
            ids.sprint: self._sprint_field,
            ids.story_points: lambda issue: self._points(issue, Estimation.STORY_POINTS),
            ids.story_point_estimate: lambda issue: self._points(issue, Estimation.STORY_POINT_ESTIMATE),
            ids.epic_link: lambda issue: text(issue.epic.key) if issue.epic else _NULL,
            ids.epic_name: lambda issue: text(issue.summary) if issue.type is EPIC else _NULL,
            ids.rank: lambda issue: f'"0|i{issue.rank:06x}:"',
            ids.owner: lambda issue: self._person(issue.owner),
            ids.discipline: self._team,
            ids.scheduling: self._scheduling,
            ids.planned_start: lambda issue: _NULL if issue.planned_start is None else f'"{stamps.local(issue.planned_start, TOKEN_OWNER_ZONE)}"',
            ids.planned_end: lambda issue: _NULL if issue.planned_end is None else f'"{stamps.local(issue.planned_end, TOKEN_OWNER_ZONE)}"',
        }  # fmt: skip

    def forget_sprints(self) -> None:
        """Sprints have changed: write them anew."""
        self._sprint = self._sprint_texts()

    def fields(self, issue: Issue, wanted: frozenset[str] | None) -> str:
        """`wanted` None: all of them."""
        pieces = [
            f'"{name}":{write(issue)}'
            for name, write in self._writers.items()
            if wanted is None or name in wanted
        ]
        return f"{{{','.join(pieces)}}}"

    def issue(self, issue: Issue, wanted: frozenset[str] | None) -> str:
        """Without the closing brace, so that a changelog can follow."""
        return (
            f'{{"expand":"operations,versionedRepresentations,editmeta,changelog,renderedFields","id":"{issue.id}",'
            f'"self":"{self._shapes.api}/issue/{issue.id}","key":"{issue.key}","fields":{self.fields(issue, wanted)}'
        )

    def _sprint_texts(self) -> dict[int, str]:
        if self._shapes.cloud:
            return {
                number: encode(self._shapes.sprint(sprint) | {"boardId": sprint.board_id})
                for number, sprint in self._sprints.items()
            }
        return {number: text(self._shapes.legacy_sprint(sprint)) for number, sprint in self._sprints.items()}

    def _sprint_field(self, issue: Issue) -> str:
        """A sub-task shows its parent's sprints and has no history of them."""
        sprints = issue.parent.sprints if issue.parent is not None else issue.sprints
        return f"[{','.join(self._sprint[number] for number in sprints)}]" if sprints else _NULL

    def _person(self, person: Person | None) -> str:
        return _NULL if person is None else self.person_json[person.number]

    def _points(self, issue: Issue, estimation: Estimation) -> str:
        if issue.points is None or issue.project.estimation is not estimation:
            return _NULL
        value = points_text(issue.points)
        return value if "." in value else f"{value}.0"

    def _team(self, issue: Issue) -> str:
        if issue.team is None:
            return _NULL
        return self._option(DISCIPLINE_OPTION[issue.team], issue.team)

    def _scheduling(self, issue: Issue) -> str:
        return (
            _NULL
            if issue.scheduling is None
            else self._option(SCHEDULING_OPTION[issue.scheduling], issue.scheduling)
        )

    def _option(self, option: str, value: str) -> str:
        return f'{{"self":"{self._shapes.api}/customFieldOption/{option}","value":{text(value)},"id":"{option}"}}'

    def _description(self, issue: Issue) -> str:
        """Cloud's version 3 wraps text into a document, Data Center gives it as it is."""
        if issue.description is None or not self._shapes.cloud:
            return text(issue.description)
        return (
            '{"type":"doc","version":1,"content":[{"type":"paragraph","content":[{"type":"text","text":'
            f"{text(issue.description)}}}]}}]}}"
        )

    def _resolution(self, issue: Issue) -> str:
        if issue.resolution is None:
            return _NULL
        return f'{{"self":"{self._shapes.api}/resolution/{issue.resolution}","id":"{issue.resolution}","name":{text(RESOLUTIONS[issue.resolution])}}}'

    def _parent(self, issue: Issue) -> str:
        """Data Center knows parents of sub-tasks only; an epic is reached by the Epic Link."""
        parent = issue.parent or (issue.epic if self._shapes.cloud else None)
        return _NULL if parent is None else self._stub(parent)

    def _stub(self, issue: Issue) -> str:
        return (
            f'{{"id":"{issue.id}","key":"{issue.key}","self":"{self._shapes.api}/issue/{issue.id}","fields":'
            f'{{"summary":{text(issue.summary)},"status":{self._status[issue.status.id]},'
            f'"priority":{self._priority[issue.priority]},"issuetype":{self._type[issue.type.id]}}}}}'
        )

    def _links(self, issue: Issue) -> str:
        kind = f'{{"id":"10000","name":"Blocks","inward":"is blocked by","outward":"blocks","self":"{self._shapes.api}/issueLinkType/10000"}}'
        pieces = [
            f'{{"id":"{min(issue.id, other.id)}{max(issue.id, other.id) % 100_000:05d}","type":{kind},'
            f'"{"outwardIssue" if phrase == "blocks" else "inwardIssue"}":{self._stub(other)}}}'
            for phrase, other in issue.links
        ]
        return f"[{','.join(pieces)}]"
