"""What goes wrong between us and a Jira: a sentence, a log line with the request id, and nothing stored half."""

import socket
from collections.abc import Iterator

import pytest
import structlog

from sprintreports.demo.catalog import Dialect
from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.jira import errors, sites, sync
from sprintreports.jira.sync import issues
from sprintreports.kit import clock, db
from sprintreports.observability import logs
from tests.integration.sync_support import (
    SYSTEM,
    break_it,
    connected,
    connection,
    contents,
    one,
    rows,
    synced,
)


@pytest.fixture(scope="module")
def cloud() -> Iterator[RunningDemo]:
    with running_demo(dialect=Dialect.CLOUD, seed=4, scale=0.15, now=1_780_000_000_000) as demo:
        yield demo


@pytest.fixture(autouse=True)
def whole_again(cloud: RunningDemo) -> Iterator[None]:
    yield
    break_it(cloud)


@pytest.fixture
def logged() -> Iterator[list[structlog.typing.EventDict]]:
    """Log entries with what is bound to them."""
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as entries:
        yield entries


async def as_asked(site_id: int, mode: sync.Mode = sync.Mode.FULL) -> sync.Outcome:
    """A sync under a request id of its own."""
    with structlog.contextvars.bound_contextvars(request_id="req_test"):
        assert logs.request_id() == "req_test"
        return await synced(site_id, mode)


BROKEN = {
    "a web page": ({"html": True}, "web page instead of data"),
    "cut off": ({"truncate": True, "path_prefix": "/rest/api/3/issue/bulkfetch"}, "not complete JSON"),
    "malformed": ({"malformed": True, "path_prefix": "/rest/api/3/changelog"}, "not complete JSON"),
    "malformed later": (
        {"malformed": True, "path_prefix": "/rest/api/3/changelog", "skip": 2},
        "not complete JSON",
    ),
    "sprints cut off": (
        {"truncate": True, "path_prefix": "/rest/agile/1.0/board/3/sprint"},
        "not complete JSON",
    ),
    "no longer signed in": ({"status": 401}, "does not accept this account and token"),
    "turned off": ({"status": 410, "path_prefix": "/rest/api/3/search/jql"}, "Update Sprint Reports"),
}


async def test_a_failure_leaves_the_last_good_data_and_says_what_to_do(cloud, pg_url, logged, monkeypatch):
    monkeypatch.setattr(issues, "PAGE", 100)
    site_id = await connected(connection(cloud))
    await synced(site_id)
    before, age = contents(pg_url), one(pg_url, "SELECT last_synced_at FROM site")
    for name, (faults, sentence) in BROKEN.items():
        break_it(cloud, **faults)
        outcome = await as_asked(site_id)
        assert outcome.end == "failed", name
        assert sentence in (outcome.error or ""), name
        assert contents(pg_url) == before, name
        run = one(pg_url, "SELECT state, error, request_id FROM sync_run ORDER BY id DESC LIMIT 1")
        assert run == ("failed", outcome.error, "req_test"), name
        site = one(pg_url, "SELECT status, status_message, last_synced_at FROM site")
        assert site == ("problem", outcome.error, age), name
        entry = [entry for entry in logged if entry["event"] == "sync_failed"][-1]
        assert (entry["request_id"], entry["error"]) == ("req_test", outcome.error), name


async def test_a_first_sync_that_breaks_stores_no_issue_in_parts(cloud, pg_url):
    site_id = await connected(connection(cloud))
    break_it(cloud, malformed=True, path_prefix="/rest/api/3/changelog")
    outcome = await synced(site_id)
    assert outcome.end == "failed"
    assert contents(pg_url)["issue"][0] == contents(pg_url)["change_item"][0] == 0
    assert one(pg_url, "SELECT last_synced_at FROM site") is None
    break_it(cloud)
    assert (await synced(site_id)).end == "done"


async def test_being_asked_to_wait_is_not_a_failure(cloud, pg_url):
    site_id = await connected(connection(cloud), boards_wanted={4})
    break_it(cloud, status=429, retry_after=1, times=2, path_prefix="/rest/api/3/search")
    assert (await synced(site_id)).end == "done"


async def test_a_board_without_permission_is_noted_and_does_not_stop_the_others(cloud, pg_url):
    site_id = await connected(connection(cloud))
    await synced(site_id)
    seen = rows(
        pg_url, "SELECT jira_issue_id FROM board_issue WHERE jira_board_id = 3 AND seen_to IS NULL ORDER BY 1"
    )
    async with db.transaction() as session:
        restricted = connection(cloud, token=cloud.restricted_token)
        await sites.change(session, SYSTEM, site_id, connection=restricted, now=clock.now())
    outcome = await synced(site_id)
    assert outcome.end == "done"
    problems = dict(rows(pg_url, "SELECT jira_board_id, problem FROM board WHERE problem IS NOT NULL"))
    assert set(problems) == {3}
    assert "ask a Jira admin" in problems[3]
    (note,) = one(pg_url, "SELECT notes FROM sync_run ORDER BY id DESC LIMIT 1")
    assert "Payments" in note["message"]
    after = rows(
        pg_url, "SELECT jira_issue_id FROM board_issue WHERE jira_board_id = 3 AND seen_to IS NULL ORDER BY 1"
    )
    assert after == seen


async def test_a_forbidden_configuration_is_noted_on_its_board(cloud, pg_url):
    site_id = await connected(connection(cloud), boards_wanted={3, 4})
    break_it(cloud, status=403, path_prefix="/rest/agile/1.0/board/3/configuration")
    assert (await synced(site_id)).end == "done"
    assert "Browse projects" in one(pg_url, "SELECT problem FROM board WHERE jira_board_id = 3")
    break_it(cloud)
    assert (await synced(site_id)).end == "done"
    assert one(pg_url, "SELECT problem FROM board WHERE jira_board_id = 3") is None


async def test_no_readable_board_at_all_is_a_failure(cloud, pg_url):
    site_id = await connected(connection(cloud), boards_wanted={3})
    break_it(cloud, status=403, path_prefix="/rest/agile/1.0/board/3/")
    outcome = await synced(site_id)
    assert outcome.end == "failed"
    assert "None of the chosen boards can be read" in (outcome.error or "")


async def test_a_wrong_token_is_refused_before_anything_is_stored(cloud, pg_url, logged):
    wrong = connection(cloud, token="wrong-token")
    async with db.transaction() as session:
        with pytest.raises(errors.JiraSignInFailed, match="API token"):
            await sites.create(session, SYSTEM, wrong)
    diagnosis = await sites.test_connection(SYSTEM, wrong)
    assert not diagnosis.ok
    assert diagnosis.checks[-1].name == "sign_in"
    assert "wrong-token" not in str(logged)
    assert rows(pg_url, "SELECT id FROM site") == []


async def test_an_address_where_nobody_answers(pg_url, monkeypatch):
    monkeypatch.setattr("sprintreports.jira.client.transport.ATTEMPTS", 1)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    nobody = sites.Connection(f"http://127.0.0.1:{port}", sites.Auth.BEARER, "", "pat")
    diagnosis = await sites.test_connection(SYSTEM, nobody)
    assert not diagnosis.ok
    assert "cannot be reached" in diagnosis.summary


async def test_a_token_that_sees_no_board(cloud, pg_url, monkeypatch):
    async def none(self):
        return []

    monkeypatch.setattr("sprintreports.jira.client.agile.AgileFamily.boards", none)
    diagnosis = await sites.test_connection(SYSTEM, connection(cloud))
    assert not diagnosis.ok
    assert diagnosis.summary.startswith("The token is valid, but it sees no board.")


async def test_a_good_connection_says_what_it_sees(cloud, pg_url):
    site_id = await connected(connection(cloud))
    async with db.transaction() as session:
        diagnosis = await sites.test(session, SYSTEM, site_id, now=clock.now())
    assert diagnosis.ok
    assert [check.name for check in diagnosis.checks] == ["address", "sign_in", "boards", "issues", "history"]
    assert diagnosis.time_zone == "Europe/Berlin"
    assert diagnosis.boards == 6
