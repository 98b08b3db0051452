"""Answers broken on purpose, and a site that hides things, lags behind or lives in another zone."""

import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sprintreports.demo.catalog import DEMO_EMAIL, DEMO_TOKEN, Dialect
from sprintreports.demo.company import Company, found
from sprintreports.demo.faults import Faults, Limit, Rule
from sprintreports.demo.server import create_app
from sprintreports.demo.testing import running_demo
from tests.unit.demo.conftest import NOW

MYSELF = "/rest/api/3/myself"
SEARCH = "/rest/api/3/search/jql"


@pytest.fixture
def broken(company: Company, asker: Callable[..., Any]) -> Callable[..., Any]:
    def ask(*rules: Rule, **states: Any) -> Any:
        app = create_app(company, faults=Faults(rules, **states))
        return asker(app, auth=(DEMO_EMAIL, DEMO_TOKEN))

    return ask


@pytest.fixture
def edited(asker: Callable[..., Any]) -> Callable[..., Any]:
    """A small company of this test's own, which may be edited, behind either dialect."""

    def ask(dialect: Dialect = Dialect.CLOUD, **states: Any) -> Any:
        small = found(seed=3, scale=0.05, now=NOW)
        app = create_app(small, dialect=dialect, faults=Faults(**states))
        return asker(app, auth=(DEMO_EMAIL, DEMO_TOKEN))

    return ask


def ids_of(client: Any, jql: str = "project = APP", **more: Any) -> list[str]:
    """All issues of a search on Cloud, page by page."""
    found_ids: list[str] = []
    body: dict[str, Any] = {"jql": jql, "maxResults": 20, **more}
    while True:
        page = client.post(SEARCH, json=body).json()
        found_ids += [issue["id"] for issue in page["issues"]]
        if page["isLast"]:
            return found_ids
        assert page["nextPageToken"] != body.get("nextPageToken")
        body["nextPageToken"] = page["nextPageToken"]


def project_of(client: Any) -> str:
    return client.get("/rest/api/3/project/search").json()["values"][0]["key"]


def test_html_with_200(broken: Any) -> None:
    answer = broken(Rule(html=True)).get(MYSELF)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("kind", ["truncate", "malformed"])
def test_json_that_cannot_be_read(broken: Any, kind: str) -> None:
    answer = broken(Rule(**{kind: True})).get(MYSELF)
    assert answer.headers["content-type"] == "application/json"
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_the_true_body_with_a_wrong_content_type(broken: Any) -> None:
    answer = broken(Rule(content_type="text/plain")).get(MYSELF)
    assert answer.headers["content-type"] == "text/plain"
    assert answer.json()["active"] is True


def test_a_status_with_retry_after_a_number_of_times_after_some_good_answers(broken: Any) -> None:
    client = broken(Rule(status=429, retry_after=1, times=2, skip=1))
    statuses = [client.get(MYSELF) for _ in range(4)]
    assert [answer.status_code for answer in statuses] == [200, 429, 429, 200]
    assert statuses[1].headers["retry-after"] == "1"


@pytest.mark.parametrize("status", [401, 403, 404, 410, 500, 502, 503])
def test_every_refusal_says_why_as_jira_does(broken: Any, status: int) -> None:
    answer = broken(Rule(status=status)).get(MYSELF)
    assert answer.status_code == status
    assert answer.json()["errorMessages"][0]


def test_limits_name_themselves_in_headers(broken: Any) -> None:
    burst = broken(Rule(status=429, retry_after=3, limit=Limit.BURST)).get(MYSELF).headers
    assert (burst["ratelimit-reason"], burst["retry-after"]) == ("jira-burst-based", "3")
    assert burst["x-ratelimit-remaining"] == "0"
    assert burst["x-ratelimit-reset"].endswith("Z")
    quota = broken(Rule(status=429, limit=Limit.QUOTA)).get(MYSELF).headers
    assert quota["ratelimit-reason"] == "jira-quota-global-based"
    server = broken(Rule(status=429, limit=Limit.SERVER)).get(MYSELF).headers
    assert "ratelimit-reason" not in server
    assert int(server["x-ratelimit-interval-seconds"]) > 0
    assert int(server["x-ratelimit-fillrate"]) > 0


def test_a_good_answer_can_warn_that_the_limit_is_near(broken: Any) -> None:
    answer = broken(Rule(limit=Limit.QUOTA)).get(MYSELF)
    assert (answer.status_code, answer.headers["x-ratelimit-nearlimit"]) == (200, "true")
    assert answer.json()["active"] is True


def test_only_below_a_path(broken: Any) -> None:
    client = broken(Rule(status=503, path_prefix="/rest/agile"))
    assert client.get(MYSELF).status_code == 200
    assert client.get("/rest/agile/1.0/board").status_code == 503


def test_slow_answers(broken: Any) -> None:
    client = broken(Rule(slow=0.05))
    begin = time.monotonic()
    assert client.get(MYSELF).status_code == 200
    assert time.monotonic() - begin >= 0.05


def test_rules_strike_together_by_chance_and_a_seed_makes_them_strike_alike(broken: Any) -> None:
    rules = (Rule(status=503, chance=0.3), Rule(html=True, chance=0.3), Rule(limit=Limit.BURST, chance=0.3))

    def course(seed: int) -> list[tuple[int, str, bool]]:
        client = broken(*rules, seed=seed)
        answers = [client.get(MYSELF) for _ in range(60)]
        return [
            (one.status_code, one.headers["content-type"], "x-ratelimit-limit" in one.headers)
            for one in answers
        ]

    first = course(7)
    assert first == course(7) != course(8)
    assert {status for status, _, _ in first} == {200, 503}
    assert {kind[:9] for _, kind, _ in first} == {"applicati", "text/html"}
    assert {(status, near) for status, _, near in first} >= {
        (503, True),
        (503, False),
        (200, True),
        (200, False),
    }


@pytest.mark.parametrize("kind", ["drop", "cut"])
def test_connections_that_end_too_soon(kind: str) -> None:
    """On the real server: a reader of it sees the connection go, and the next request works."""
    rule = Rule(drop=kind == "drop", cut=kind == "cut", times=1, path_prefix="/rest/api/2/field")
    with (
        running_demo(dialect=Dialect.DATACENTER, scale=0.05, now=NOW, faults=Faults((rule,))) as demo,
        httpx.Client(base_url=demo.base_url, trust_env=False) as client,
    ):
        client.headers["Authorization"] = f"Bearer {demo.token}"
        assert client.get("/rest/api/2/myself").status_code == 200
        with pytest.raises(httpx.RemoteProtocolError) as problem:
            client.get("/rest/api/2/field")
        assert ("incomplete" in str(problem.value) or "without sending complete" in str(problem.value)) == (
            kind == "cut"
        )
        assert len(client.get("/rest/api/2/field").json()) > 20


@pytest.mark.parametrize("rule", [Rule(lose=True, skip=1, times=1), Rule(shift=3, skip=1, times=1)])
def test_a_page_is_missing_or_its_entries_have_moved(edited: Any, rule: Rule) -> None:
    client = edited()
    jql = f"project = {project_of(client)}"
    whole = ids_of(client, jql)
    assert len(whole) > 60
    client.post("/__standin__/faults", json={"rules": [to_json(rule)]})
    gone = 20 if rule.lose else rule.shift
    assert ids_of(client, jql) == [*whole[:20], *whole[20 + gone :]]
    assert ids_of(client, jql) == whole


def test_a_page_comes_twice_and_nothing_is_missing(edited: Any) -> None:
    client = edited()
    jql = f"project = {project_of(client)}"
    whole = ids_of(client, jql)
    client.post("/__standin__/faults", json={"rules": [to_json(Rule(twice=True, skip=1, times=1))]})
    assert ids_of(client, jql) == [*whole[:20], *whole]


def test_pages_by_offset_shift_and_announce_the_same_total(edited: Any) -> None:
    client = edited(Dialect.DATACENTER)

    def page(start: int) -> dict[str, Any]:
        path = f"/rest/api/2/search?jql=ORDER BY created&startAt={start}&maxResults=10&fields=key"
        return client.get(path).json()

    true = page(10)
    client.post("/__standin__/faults", json={"rules": [to_json(Rule(shift=2, times=1))]})
    moved = page(10)
    assert [one["id"] for one in moved["issues"]][:8] == [one["id"] for one in true["issues"]][2:]
    assert (moved["total"], moved["startAt"]) == (true["total"], 10)
    assert page(10) == true


@pytest.mark.parametrize("dialect", list(Dialect))
def test_a_stale_search_finds_what_was_there_until_it_is_told(edited: Any, dialect: Dialect) -> None:
    client = edited(dialect, stale=True)
    path = "/rest/api/2/search?jql=ORDER BY created&maxResults=1000&fields="

    def known(fields: str = "key") -> set[str]:
        if dialect is Dialect.CLOUD:
            return set(ids_of(client, "created >= 0", fields=[fields] if fields != "key" else ["id"]))
        return {one["id"] for one in client.get(path + fields).json()["issues"]}

    before = known()
    made, gone = (
        client.post("/__standin__/edits", json={"count": 3, "seed": 2, "kinds": [kind]}).json()["edits"]
        for kind in ("create", "delete")
    )
    assert known() == before
    # What has been deleted is still found, but has nothing to show any more.
    assert {str(edit["subject"]) for edit in gone} & before == before - known("summary")
    client.post("/__standin__/faults", json={})
    assert known() - before == {str(edit["subject"]) for edit in made} - {
        str(edit["subject"]) for edit in gone
    }
    assert not known() & {str(edit["subject"]) for edit in gone}


def test_a_search_that_lags_catches_up_and_knows_reconciled_issues_at_once(edited: Any) -> None:
    client = edited(lag=0.4)
    assert ids_of(client, "created >= 0")
    made = client.post("/__standin__/edits", json={"count": 2, "kinds": ["create"]}).json()["edits"]
    new = {str(edit["subject"]) for edit in made}
    assert not new & set(ids_of(client, "created >= 0"))
    assert new <= set(ids_of(client, "created >= 0", reconcileIssues=sorted(map(int, new))))
    deadline = time.monotonic() + 20
    while not new <= set(ids_of(client, "created >= 0")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    refused = client.post(SEARCH, json={"jql": "created >= 0", "reconcileIssues": list(range(1, 52))})
    assert refused.status_code == 400


def test_the_owners_zone_rules_dates_and_can_be_told_wrongly(edited: Any) -> None:
    client = edited(Dialect.DATACENTER)
    newest = "/rest/api/2/search?jql=updated>='{}'&maxResults=0"
    counts: dict[str, int] = {}
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        client.post("/__standin__/faults", json={"zone": zone})
        assert client.get("/rest/api/2/myself").json()["timeZone"] == zone
        counts[zone] = client.get(newest.format("2025-11-20 12:00")).json()["total"]
    assert counts["Pacific/Kiritimati"] > counts["Pacific/Pago_Pago"]
    client.post("/__standin__/faults", json={"zone": "Asia/Kolkata", "told_zone": "UTC"})
    assert client.get("/rest/api/2/myself").json()["timeZone"] == "UTC"


def test_permissions_are_lost_and_regained(edited: Any) -> None:
    client = edited()
    project = project_of(client)
    whole = ids_of(client, f"project = {project}")
    client.post("/__standin__/faults", json={"hidden_issues": [int(whole[0])]})
    assert ids_of(client, f"project = {project}") == whole[1:]
    assert client.get(f"/rest/api/3/issue/{whole[0]}").status_code == 404
    fetched = client.post("/rest/api/3/issue/bulkfetch", json={"issueIdsOrKeys": whole[:2]}).json()
    assert ([one["id"] for one in fetched["issues"]], fetched["issueErrors"]) == ([whole[1]], [])
    client.post("/__standin__/faults", json={"hidden_projects": [project], "hidden_boards": [1]})
    assert ids_of(client, f"project = {project}") == []
    assert project not in {one["key"] for one in client.get("/rest/api/3/project/search").json()["values"]}
    assert 1 not in {one["id"] for one in client.get("/rest/agile/1.0/board").json()["values"]}
    assert client.get("/rest/agile/1.0/board/1/configuration").status_code == 403
    client.post("/__standin__/faults", json={})
    assert ids_of(client, f"project = {project}") == whole


def test_faults_are_set_and_lifted_while_running(broken: Any) -> None:
    client = broken()
    assert client.post("/__standin__/faults", json={"rules": [{"html": True}]}).json() == {"active": True}
    assert client.get(MYSELF).headers["content-type"].startswith("text/html")
    assert client.post("/__standin__/faults", json={}).json() == {"active": False}
    assert client.get(MYSELF).json()["active"] is True
    assert client.post("/__standin__/faults", json={"thunder": True}).status_code == 400
    assert client.post("/__standin__/faults", json={"rules": [{"thunder": True}]}).status_code == 400


def test_nobody_else_may_set_them(company: Company, asker: Callable[..., Any]) -> None:
    client = asker(create_app(company))
    client.client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=create_app(company), client=("203.0.113.9", 1)),
        base_url="http://127.0.0.1",
    )
    assert client.post("/__standin__/faults", json={"rules": [{"html": True}]}).status_code == 403


def to_json(rule: Rule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in ("lose", "twice", "shift", "skip", "times")}
