"""The ground truth, checked from the other side: a slow, literal reading of the definitions over the served changelogs."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from sprintreports.demo.catalog import Dialect, Estimation
from sprintreports.demo.company import Company, found
from sprintreports.demo.company_site import CompanySite
from sprintreports.demo.model import Board
from sprintreports.demo.server import create_app
from sprintreports.demo.truth import Bucket, SprintTruth

pytestmark = pytest.mark.unmeasured

Outcome = tuple[Bucket, bool, bool, int | None, int | None, bool]
_NEVER = object()


@dataclass
class Track:
    """The values that a field had, each from an instant on."""

    since: list[int] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def at(self, moment: int) -> Any:
        return self.values[bisect_right(self.since, moment) - 1]


@dataclass
class Past:
    id: int
    created: int
    subtask: bool
    sprints: Track
    status: Track
    estimate: Track

    def moments(self) -> list[int]:
        return sorted({*self.sprints.since, *self.status.since, *self.estimate.since})


def milliseconds(text: str | int) -> int:
    """The bulk endpoint gives numbers, the others text."""
    if isinstance(text, int):
        return text
    return round(datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp() * 1000)


def walk_back(current: Any, items: list[tuple[int, int, str, str]], created: int) -> Track:
    """`items`: (instant, number of the entry, before, after). Each entry must end where the next one begins."""
    track = Track([created], [_NEVER])
    value = current
    backwards: list[tuple[int, Any]] = []
    for at, _, before, after in sorted(items, reverse=True):
        assert after == value, f"a gap in the history at {at}: {after!r} is followed by {value!r}"
        assert at >= created
        backwards.append((at, value))
        value = before
    track.values[0] = value
    for at, later in reversed(backwards):
        if at == track.since[-1]:
            track.values[-1] = later
        else:
            track.since.append(at)
            track.values.append(later)
    return track


def pasts(site: CompanySite, client: Any, *, cloud: bool) -> dict[int, Past]:
    ids = site.shapes.ids
    names = {sprint.name: sprint.id for sprint in site.company.sprints.values()}
    found_pasts: dict[int, Past] = {}
    for issue in issues_of(client, cloud=cloud):
        fields = issue["fields"]
        estimation = site.company.issues[int(issue["id"])].project.estimation
        estimate_field = ids.estimate(estimation)
        estimate_name = (
            "timeoriginalestimate" if estimate_field == "timeoriginalestimate" else estimation.value
        )
        changes: dict[str, list[tuple[int, int, str, str]]] = {"Sprint": [], "status": [], estimate_name: []}
        for entry in issue["changes"]:
            for item in entry["items"]:
                if item["field"] in changes:
                    changes[item["field"]].append(
                        (milliseconds(entry["created"]), int(entry["id"]), *ends(item, names))
                    )
        created = milliseconds(fields["created"])
        sprints = ", ".join(str(number) for number in sprint_ids(fields[ids.sprint], cloud=cloud))
        subtask = fields["issuetype"]["subtask"]
        assert not (subtask and changes["Sprint"])
        estimate = fields[estimate_field]
        past = Past(
            id=int(issue["id"]),
            created=created,
            subtask=subtask,
            sprints=walk_back(sprints, changes["Sprint"], created),
            status=walk_back(fields["status"]["id"], changes["status"], created),
            estimate=walk_back(
                ""
                if estimate is None
                else f"{estimate:g}"
                if estimate_name != "timeoriginalestimate"
                else str(estimate),
                changes[estimate_name],
                created,
            ),
        )
        found_pasts[past.id] = past
    return found_pasts


def ends(item: dict[str, Any], names: dict[str, int]) -> tuple[str, str]:
    if item["field"] == "Sprint" and not item["from"] and not item["to"]:
        before, after = (
            ", ".join(str(names[name]) for name in (item[end] or "").split(", ") if name)
            for end in ("fromString", "toString")
        )
        return before, after
    if item["field"] in ("Sprint", "status"):
        return item["from"] or "", item["to"] or ""
    return item["fromString"] or "", item["toString"] or ""


def sprint_ids(value: Any, *, cloud: bool) -> list[int]:
    if value is None:
        return []
    if cloud:
        return [sprint["id"] for sprint in value]
    return [int(text.partition("[id=")[2].partition(",")[0]) for text in value]


def issues_of(client: Any, *, cloud: bool) -> list[dict[str, Any]]:
    jql = "created >= 0 ORDER BY created, key"
    gathered: list[dict[str, Any]] = []
    if not cloud:
        while True:
            page = client.post(
                "/rest/api/2/search",
                json={"jql": jql, "startAt": len(gathered), "maxResults": 1000, "expand": ["changelog"]},
            ).json()
            gathered += [issue | {"changes": issue["changelog"]["histories"]} for issue in page["issues"]]
            if len(gathered) >= page["total"]:
                return gathered
    token = None
    while True:
        asked = {"jql": jql, "fields": ["*all"], "maxResults": 100} | (
            {"nextPageToken": token} if token else {}
        )
        page = client.post("/rest/api/3/search/jql", json=asked).json()
        ids = [issue["id"] for issue in page["issues"]]
        bulk = client.post(
            "/rest/api/3/changelog/bulkfetch", json={"issueIdsOrKeys": ids, "maxResults": 10_000}
        )
        assert "nextPageToken" not in bulk.json()
        changes = {group["issueId"]: group["changeHistories"] for group in bulk.json()["issueChangeLogs"]}
        gathered += [issue | {"changes": changes.get(issue["id"], [])} for issue in page["issues"]]
        if page["isLast"]:
            return gathered
        token = page["nextPageToken"]


@dataclass(frozen=True)
class View:
    """One issue as one board sees it around one sprint."""

    past: Past
    board: Board
    sprint: str
    start: int

    def member(self, at: int) -> bool:
        return at >= self.past.created and self.sprint in self.past.sprints.at(at).split(", ")

    def done_since(self, at: int) -> int | None:
        done, track = self.board.done(), self.past.status
        position = bisect_right(track.since, at) - 1
        if track.values[position] not in done:
            return None
        while position > 0 and track.values[position - 1] in done:
            position -= 1
        return track.since[position]

    def old_done(self, at: int) -> bool:
        since = self.done_since(at)
        return since is not None and since <= self.start

    def in_scope(self, at: int) -> bool:
        return self.member(at) and self.past.status.at(at) in self.board.mapped() and not self.old_done(at)

    def estimate(self, at: int) -> int | None:
        text = self.past.estimate.at(at)
        if text == "":
            return None
        return (
            int(text) if self.board.estimation is Estimation.ORIGINAL_ESTIMATE else round(float(text) * 1000)
        )


def expected(view: View, end: int) -> Outcome | None:
    """One issue of a sprint, read literally from the definitions."""
    start = view.start
    inside = [at for at in view.past.moments() if start < at <= end]
    committed = view.in_scope(start)
    entries = [at for at in inside if view.in_scope(at)]
    if not committed and not entries:
        if view.member(end) and view.old_done(end):
            return (
                Bucket.OUTSIDE,
                False,
                False,
                view.estimate(end),
                view.estimate(end),
                not view.member(start),
            )
        return None
    initial = view.estimate(start if committed else entries[0])
    if view.in_scope(end):
        bucket = Bucket.NOT_COMPLETED if view.done_since(end) is None else Bucket.COMPLETED
        return bucket, committed, not committed, initial, view.estimate(end), False
    moments = [start, *inside]
    left = next(
        after
        for before, after in reversed(list(zip(moments, [*moments[1:], end + 1], strict=True)))
        if view.in_scope(before)
    )
    return Bucket.REMOVED, committed, not committed, initial, view.estimate(left - 1), False


def outcomes(truth: SprintTruth) -> dict[int, Outcome]:
    return {
        line.issue_id: (line.bucket, line.committed, line.added, line.initial, line.final, line.added_during)
        for line in truth.lines
    }


@pytest.mark.parametrize("seed", [1, 2, "drawn"])
@pytest.mark.parametrize("dialect", list(Dialect))
def test_every_report_equals_the_definitions_applied_to_the_changelogs(
    company: Company, asker: Callable[..., Any], seed: int | str, dialect: Dialect
) -> None:
    if seed != 1:
        company = found(seed=seed, scale=0.3, now=company.now)
    compare(company, dialect, asker)


def compare(company: Company, dialect: Dialect, asker: Callable[..., Any]) -> None:
    site = CompanySite(company, dialect, "http://127.0.0.1")
    client = asker(create_app(company, dialect=dialect), auth=("demo@example.com", "demo-token"))
    all_pasts = pasts(site, client, cloud=dialect is Dialect.CLOUD)
    assert len(all_pasts) == len(company.issues)
    checked = 0
    for (board_id, sprint_id), truth in company.reports.items():
        board, sprint = company.boards[board_id], company.sprints[sprint_id]
        end = sprint.completed if sprint.completed is not None else company.now
        own = [
            past
            for past in all_pasts.values()
            if company.issues[past.id].project in board.projects and not past.subtask
        ]
        literal = {
            past.id: outcome
            for past in own
            if (outcome := expected(View(past, board, str(sprint_id), truth.start), end)) is not None
        }
        assert outcomes(truth) == literal, f"board {board_id}, sprint {sprint_id}"
        checked += 1
    assert checked == 27 * 5
