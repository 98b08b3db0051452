"""Life after the founding: edits are seeded, seen in every answer at once, and the sprint report's truth follows."""

import hashlib
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sprintreports.demo import editing
from sprintreports.demo.catalog import DEMO_EMAIL, DEMO_TOKEN, Dialect
from sprintreports.demo.company import Company, found
from sprintreports.demo.company_site import CompanySite
from sprintreports.demo.happenings import Event, Happening
from sprintreports.demo.server import create_app
from tests.unit.demo.conftest import NOW, Asker

EDITABLE = tuple(kind for kind in editing.KINDS if kind != "subtask")


@pytest.fixture
def small() -> Company:
    return found(seed=4, scale=0.1, now=NOW)


def digest(company: Company) -> str:
    found = hashlib.sha256()
    for dialect in Dialect:
        site = CompanySite(company, dialect, "http://127.0.0.1")
        for row in site.rows():
            found.update(site.issue(row, None).encode())
            for entry in site.histories(row):
                found.update((entry.json() or "").encode())
        for board in company.boards:
            found.update(repr((site.configuration(board), site.sprints(board))).encode())
    found.update(repr(sorted(company.reports.items())).encode())
    return found.hexdigest()


def edited(company: Company, count: int = 300, **options: Any) -> list[editing.Edit]:
    return editing.apply(company, **{"seed": 9, "count": count, "start": NOW + 1, **options})


@pytest.mark.unmeasured
def test_the_same_seed_edits_alike_and_another_one_differently() -> None:
    companies = [found(seed=4, scale=0.1, now=NOW) for _ in range(3)]
    before = digest(companies[0])
    first, second = edited(companies[0]), edited(companies[1])
    third = edited(companies[2], seed=10)
    assert first == second != third
    assert digest(companies[0]) == digest(companies[1]) != digest(companies[2])
    assert before not in {digest(company) for company in companies}
    assert [edit.at for edit in first] == sorted(edit.at for edit in first)
    assert {edit.kind for edit in first} >= {"status", "estimate", "sprint", "create", "delete", "move"}


@pytest.mark.parametrize("kind", editing.KINDS)
def test_every_kind_can_be_asked_for(small: Company, kind: str) -> None:
    if kind in {"sprint_start", "sprint_reopen"}:
        edited(small, 2, kinds=["sprint_close"])
    before = digest(small)
    assert [edit.kind for edit in edited(small, 1, kinds=[kind])] == [kind]
    assert digest(small) != before or kind == "delete_status"


def test_what_cannot_be_is_said(small: Company) -> None:
    with pytest.raises(editing.NoSuchEdit, match="no such kind"):
        edited(small, kinds=["party"])
    with pytest.raises(editing.NoSuchEdit, match="Nothing is left"):
        edited(small, 100, kinds=["sprint_close"])


def test_an_answer_after_an_edit_shows_it(small: Company) -> None:
    """A site that was made before the edits answers as one that is made after them."""
    sites = [CompanySite(small, dialect, "http://127.0.0.1") for dialect in Dialect]
    for seed in range(5):
        edited(small, 80, seed=seed)
        for site in sites:
            fresh = CompanySite(small, site.dialect, "http://127.0.0.1")
            assert sorted(site.rows(), key=lambda row: row.id) == sorted(fresh.rows(), key=lambda row: row.id)
            assert {row.id: site.issue(row, None) for row in site.rows()} == {
                row.id: fresh.issue(row, None) for row in fresh.rows()
            }
            assert [site.statuses(), site.projects()] == [fresh.statuses(), fresh.projects()]


def test_old_entries_of_changelogs_keep_their_words(small: Company) -> None:
    """No edit changes what an earlier entry of a changelog said."""
    site = CompanySite(small, Dialect.CLOUD, "http://127.0.0.1")
    before = {row.id: {entry.json() for entry in site.histories(row)} for row in site.rows()}
    edited(small, 600)
    kept = 0
    for row in CompanySite(small, Dialect.CLOUD, "http://127.0.0.1").rows():
        if row.id in before:
            now = {entry.json() for entry in site.histories(row)}
            assert before[row.id] <= now
            kept += len(now) > len(before[row.id])
    assert kept > 50


def test_what_is_told_is_what_happened(small: Company) -> None:
    told: list[Happening] = []
    edits = edited(small, 400, tell=told.append)
    events = Counter(happening.event for happening in told)
    done = Counter(edit.kind for edit in edits)
    assert events[Event.ISSUE_CREATED] == done["create"] > 0
    assert events[Event.ISSUE_DELETED] >= done["delete"] > 0
    assert events[Event.SPRINT_CLOSED] == done["sprint_close"] > 0
    assert events[Event.BOARD_CHANGED] == done["columns"] > 0
    assert [happening.at for happening in told] == sorted(happening.at for happening in told)


def test_moved_issues_are_found_by_both_keys_and_deleted_ones_by_none(
    small: Company, asker: Callable[..., Asker]
) -> None:
    for dialect, path in ((Dialect.CLOUD, "/rest/api/3"), (Dialect.DATACENTER, "/rest/api/2")):
        client = asker(create_app(small, dialect=dialect), auth=(DEMO_EMAIL, DEMO_TOKEN))
        keys = {issue.id: issue.key for issue in small.issues.values()}
        order = {"count": 3, "seed": str(dialect), "kinds": ["move"], "at": NOW}
        moved = client.post("/__standin__/edits", order).json()["edits"]
        for edit in moved:
            assert edit["name"] != keys[edit["subject"]]
            for name in (edit["name"], keys[edit["subject"]], edit["subject"]):
                answer = client.get(f"{path}/issue/{name}?fields=project&expand=changelog").json()
                assert (answer["id"], answer["key"]) == (str(edit["subject"]), edit["name"])
            items = [item for entry in answer["changelog"]["histories"] for item in entry["items"]]
            assert (keys[edit["subject"]], edit["name"]) in [
                (item["fromString"], item["toString"]) for item in items if item["field"] == "Key"
            ]
        gone = client.post("/__standin__/edits", {**order, "kinds": ["delete"]}).json()["edits"]
        for edit in gone:
            for name in (edit["name"], edit["subject"]):
                assert client.get(f"{path}/issue/{name}").status_code == 404


def test_a_search_sees_the_edit_at_once(small: Company, asker: Callable[..., Asker]) -> None:
    client = asker(create_app(small, dialect=Dialect.CLOUD), auth=(DEMO_EMAIL, DEMO_TOKEN))
    query = {"jql": f"updated >= {NOW + 1}", "fields": ["id"], "maxResults": 5000}
    assert client.post("/rest/api/3/search/jql", query).json()["issues"] == []
    made = client.post("/__standin__/edits", {"count": 5, "kinds": ["priority"], "at": NOW + 5}).json()[
        "edits"
    ]
    found = client.post("/rest/api/3/search/jql", query).json()["issues"]
    assert {int(issue["id"]) for issue in found} == {edit["subject"] for edit in made}


def test_reports_of_sprints_that_edits_closed_hold_what_happened(small: Company) -> None:
    frozen = dict(small.reports)
    edits = edited(small, 900)
    closed = [edit for edit in edits if edit.kind == "sprint_close"]
    assert closed
    for key, truth in small.reports.items():
        if (
            key in frozen
            and small.sprints[key[1]].state == "closed"
            and key[1] not in {e.subject for e in closed}
        ):
            assert truth == frozen[key]
    ours = [small.reports[key] for key in small.reports if key[1] in {edit.subject for edit in closed}]
    assert ours
    assert any(line.added for truth in ours for line in truth.lines)


def test_only_this_machine_pulls_the_strings(small: Company, asker: Callable[..., Asker]) -> None:
    client = asker(create_app(small))
    client.client._transport = httpx.ASGITransport(create_app(small), client=("10.0.0.9", 1))
    for path in ("edits", "webhooks", "deliveries", "webhooks/age"):
        assert client.post(f"/__standin__/{path}", {"count": 1}).status_code == 403


@pytest.mark.parametrize("body", [{"count": "x"}, {"count": 1, "mood": 1}, {"count": 1, "kinds": ["party"]}])
def test_an_order_that_cannot_be_is_refused(
    small: Company, asker: Callable[..., Asker], body: dict[str, Any]
) -> None:
    answer = asker(create_app(small)).post("/__standin__/edits", body)
    assert answer.status_code == 400
    assert answer.json()["errorMessages"]
