"""The living company as a Jira site in one dialect."""

from collections.abc import Sequence

from sprintreports.demo.catalog import (
    DEMO_EMAIL,
    ISSUE_TYPES,
    PRIORITIES,
    STATUSES,
    TOKEN_OWNER_ZONE,
    Dialect,
)
from sprintreports.demo.changelog import Scribe
from sprintreports.demo.company import Company
from sprintreports.demo.field_list import company_fields
from sprintreports.demo.happenings import Happening, Lookup, body_of
from sprintreports.demo.model import Board, Issue
from sprintreports.demo.render import Renderer, Shapes
from sprintreports.demo.site import History, Json, Row
from sprintreports.demo.sprint_report import sprint_report


class CompanySite:
    """Everything is built when asked for; only the rows for JQL and the boards' sprints are kept."""

    def __init__(self, company: Company, dialect: Dialect, base_url: str) -> None:
        self.dialect = dialect
        self.base_url = base_url
        self.company = company
        self.shapes = Shapes(dialect, base_url)
        self._render = Renderer(
            self.shapes, people=company.people, projects=company.projects, sprints=company.sprints
        )
        self._scribe = Scribe(
            dialect,
            people={person.number: person for person in company.people},
            author_json=self._render.person_json,
            projects={project.id: project for project in company.projects},
            sprints=company.sprints,
            key_of=self._key_of,
        )
        self._by_id = {issue.id: _row(issue) for issue in company.issues.values()}
        self._rows = list(self._by_id.values())
        self._by_key = {row.key: row for row in self._rows}
        self._former: dict[str, int] = {}
        self._read = len(company.ledger.issues)
        self._sprints_read = company.ledger.sprints
        self._sprints: dict[int, list[Json]] = {}

    def server_info(self) -> Json:
        cloud = self.shapes.cloud
        return {
            "baseUrl": self.base_url,
            "version": "1001.0.0-SNAPSHOT" if cloud else "10.3.2",
            "versionNumbers": [1001, 0, 0] if cloud else [10, 3, 2],
            "deploymentType": "Cloud" if cloud else "Server",
            "buildNumber": 100300 if cloud else 1030002,
            "serverTitle": "Demo company",
        }

    def myself(self) -> Json:
        if self.shapes.cloud:
            identity: Json = {"accountId": "5f0000demo", "accountType": "atlassian"}
        else:
            identity = {"name": "demo", "key": "JIRAUSER10000"}
        return identity | {
            "emailAddress": DEMO_EMAIL,
            "displayName": "Demo Account",
            "active": True,
            "timeZone": TOKEN_OWNER_ZONE,
            "locale": "en_GB",
        }

    def time_zone(self) -> str:
        return TOKEN_OWNER_ZONE

    def fields(self) -> list[Json]:
        return company_fields(self.dialect, self.shapes.ids)

    def statuses(self) -> list[Json]:
        gone = self.company.ledger.deleted_statuses
        return [
            self.shapes.status(status) for status in STATUSES if not status.deleted and status.id not in gone
        ]

    def priorities(self) -> list[Json]:
        return [self.shapes.priority(number, name) for number, name in PRIORITIES]

    def issue_types(self) -> list[Json]:
        return [self.shapes.issue_type(kind) for kind in ISSUE_TYPES]

    def projects(self) -> list[Json]:
        return [self.shapes.project(project) for project in self.company.projects]

    def boards(self) -> list[Json]:
        return [self._board(board) for board in self.company.boards.values()]

    def board(self, board_id: int) -> Json | None:
        board = self.company.boards.get(board_id)
        return None if board is None else self._board(board)

    def _board(self, board: Board) -> Json:
        project = board.projects[0]
        return {
            "id": board.id,
            "self": f"{self.base_url}/rest/agile/1.0/board/{board.id}",
            "name": board.name,
            "type": board.kind,
            "location": {
                "projectId": int(project.id),
                "projectKey": project.key,
                "projectName": project.name,
                "displayName": f"{project.name} ({project.key})",
            },
        }

    def board_projects(self, board_id: int) -> frozenset[str]:
        return frozenset(project.id for project in self.company.boards[board_id].projects)

    def configuration(self, board_id: int) -> Json:
        board = self.company.boards[board_id]
        columns = [
            {
                "name": column.name,
                "statuses": [
                    {"id": status.id, "self": f"{self.shapes.api}/status/{status.id}"}
                    for status in column.statuses
                ],
            }
            for column in board.columns
        ]
        answer: Json = {
            "id": board.id,
            "name": board.name,
            "type": board.kind,
            "self": f"{self.base_url}/rest/agile/1.0/board/{board.id}/configuration",
            "filter": {"id": board.filter_id, "self": f"{self.shapes.api}/filter/{board.filter_id}"},
            "columnConfig": {"columns": columns, "constraintType": "none"},
            "ranking": {"rankCustomFieldId": int(self.shapes.ids.rank.removeprefix("customfield_"))},
        }
        if board.estimation is not None:
            field = self.shapes.ids.estimate(board.estimation)
            answer["estimation"] = {
                "type": "field",
                "field": {"fieldId": field, "displayName": board.estimation.value},
            }
        return answer

    def filter(self, filter_id: str) -> Json | None:
        for board in self.company.boards.values():
            if board.filter_id == filter_id:
                return {
                    "self": f"{self.shapes.api}/filter/{filter_id}",
                    "id": filter_id,
                    "name": f"Filter for {board.name}",
                    "jql": board.jql,
                    "owner": self.myself(),
                    "favourite": False,
                }
        return None

    def sprints(self, board_id: int) -> list[Json]:
        self._catch_up()
        board = self.company.boards[board_id]
        if board.kind != "scrum":
            return []
        if not self._sprints:
            for sprint in self.company.sprints.values():
                self._sprints.setdefault(sprint.board_id, []).append(self._sprint(sprint.id))
        return self._sprints.get(board.sprints_of, [])

    def sprint(self, sprint_id: int) -> Json | None:
        return self._sprint(sprint_id) if sprint_id in self.company.sprints else None

    def _sprint(self, sprint_id: int) -> Json:
        sprint = self.company.sprints[sprint_id]
        return self.shapes.sprint(sprint) | {
            "self": f"{self.base_url}/rest/agile/1.0/sprint/{sprint_id}",
            "originBoardId": sprint.board_id,
            "createdDate": self.shapes.created(sprint),
        }

    @property
    def version(self) -> int:
        return self.company.ledger.version

    def rows(self) -> Sequence[Row]:
        self._catch_up()
        return self._rows

    def find(self, id_or_key: str) -> Row | None:
        """By id, by key, or by a key that it had before it moved."""
        self._catch_up()
        if id_or_key.isdigit():
            return self._by_id.get(int(id_or_key))
        key = id_or_key.upper()
        return self._by_key.get(key) or self._by_id.get(self._former.get(key, 0))

    def issue(self, row: Row, wanted: frozenset[str] | None) -> str:
        return self._render.issue(self.company.issues[row.id], wanted)

    def histories(self, row: Row) -> list[History]:
        return self._scribe.write(self.company.issues[row.id])

    def announcement(self, happening: Happening) -> str:
        """The body of the webhook about it, in this site's dialect, as things are now."""
        self._catch_up()
        return body_of(
            happening,
            Lookup(self._render, self._scribe, sprint=self._sprint, configuration=self.configuration),
        )

    def _catch_up(self) -> None:
        """Take in what the ledger says has changed since the last look."""
        ledger = self.company.ledger
        if self._sprints_read != ledger.sprints:
            self._sprints_read = ledger.sprints
            self._render.forget_sprints()
            self._sprints = {}
        if self._read == len(ledger.issues):
            return
        for issue_id in dict.fromkeys(ledger.issues[self._read :]):
            self._retake(issue_id)
        self._read = len(ledger.issues)
        self._rows = list(self._by_id.values())

    def _retake(self, issue_id: int) -> None:
        before = self._by_id.get(issue_id)
        if before is not None:
            del self._by_key[before.key]
        issue = self.company.issues.get(issue_id)
        if issue is None:
            self._by_id.pop(issue_id, None)
            return
        row = self._by_id[issue_id] = self._by_key[issue.key] = _row(issue)
        if before is not None and before.key != row.key:
            self._former[before.key] = issue_id

    def _key_of(self, issue_id: int) -> str:
        """The key that old entries of the changelog name it by."""
        return self.company.ledger.first_keys.get(issue_id) or self.company.issues[issue_id].key

    def sprint_report(self, board_id: int, sprint_id: int) -> Json | None:
        try:
            truth = self.company.truth(board_id, sprint_id)
        except KeyError:
            return None
        board, sprint = self.company.boards[board_id], self.company.sprints[sprint_id]
        return sprint_report(truth, board, sprint, self.company.issues, self.shapes)


def _row(issue: Issue) -> Row:
    sprints = issue.parent.sprints if issue.parent is not None else issue.sprints
    return Row(
        id=issue.id,
        key=issue.key,
        number=issue.number,
        project_id=issue.project.id,
        project_key=issue.project.key,
        sprints=frozenset(sprints),
        created=issue.created,
        updated=issue.updated,
        rank=issue.rank,
        priority=issue.priority,
        status=issue.status.id,
    )
