"""docs/api.md, run as it stands: curl against a real server, a real worker and the stand-in Jira, on an empty database."""

import asyncio
import json
import re
import socket
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import pytest_asyncio
from fastapi.routing import APIRoute

from sprintreports import settings as settings_module
from sprintreports.api.app import ROUTERS
from sprintreports.api.door import Needs, rule_of
from sprintreports.identity import users
from sprintreports.jira.quality.check import CheckName
from sprintreports.jira.reads.sprint_issues import SORTS
from sprintreports.kit import clock, db, http

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PASSWORD = "tall green yak 7"
PATIENCE = 60.0


def blocks() -> list[str]:
    return BLOCK.findall((ROOT / "docs" / "api.md").read_text())


@dataclass(frozen=True)
class Place:
    """Where the session finds what it talks to."""

    api: str
    jira: str


@pytest_asyncio.fixture
async def place(pg_url: str, tmp_path: Path) -> AsyncIterator[Place]:
    async with db.transaction() as session:
        await users.create_first_admin(session, email="admin@example.com", password=PASSWORD, now=clock.now())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ready = tmp_path / "jira"
    async with AsyncExitStack() as stack:
        for name, arguments in {
            "jira": ["sprintreports.demo", "--scale", "0.1", "--ready-file", str(ready)],
            "worker": ["sprintreports", "worker"],
            "api": [
                "granian", "--interface", "asgi", "--factory", "--host", "127.0.0.1", "--port", str(port),
                "--no-ws", "sprintreports.api.app:create_api",
            ],
        }.items():  # fmt: skip
            await stack.enter_async_context(_running(tmp_path / f"{name}.log", arguments))
        api = f"http://127.0.0.1:{port}"
        try:
            await _until_ready(api, ready)
        except TimeoutError:
            pytest.fail(f"It is not ready after {PATIENCE:.0f} s.\n{_logs(tmp_path)}")
        yield Place(api, ready.read_text())


def _logs(folder: Path) -> str:
    return "\n".join(f"{log.name}: {log.read_text()[-3000:]}" for log in folder.glob("*.log"))


@asynccontextmanager
async def _running(log: Path, arguments: list[str]) -> AsyncIterator[Process]:
    environment = settings_module.environment(PYTHONPATH=str(ROOT))
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *arguments, cwd=ROOT, env=environment, stdout=output, stderr=STDOUT
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), 20)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _until_ready(api: str, ready: Path) -> None:
    async with asyncio.timeout(PATIENCE), http.client(base_url=api) as client:
        while not ready.exists():  # noqa: ASYNC110  # another process makes it
            await asyncio.sleep(0.1)
        while not await _is_well(client):  # noqa: ASYNC110  # another process answers
            await asyncio.sleep(0.2)


async def _is_well(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/health")).status_code == 200
    except httpx.TransportError:
        return False


async def _run(script: str, place: Place) -> list[str]:
    """What the script printed, block by block."""
    environment = settings_module.environment(
        SR=place.api, JIRA=place.jira, ADMIN_PASSWORD=PASSWORD, ADMIN_EMAIL="admin@example.com"
    )
    process = await asyncio.create_subprocess_exec(
        "bash", "-c", script, env=environment, stdout=PIPE, stderr=STDOUT
    )
    output, _ = await asyncio.wait_for(process.communicate(), 240)
    assert process.returncode == 0, output.decode()
    return output.decode().split("\0")


def _answers(text: str) -> list[Any]:
    decoder, at, found = json.JSONDecoder(), 0, []
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        found.append(value)
        while at < len(text) and text[at].isspace():
            at += 1
    return found


def test_the_table_of_addresses_is_complete() -> None:
    text = (ROOT / "docs" / "api.md").read_text()
    documented = {
        (path, method)
        for methods, path in re.findall(r"`((?:[A-Z]+ )+)(/[^`]*)`", text)
        for method in methods.split()
    }
    guarded = {
        (route.path.removeprefix("/api/v1"), method)
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and isinstance(rule_of(route), Needs)
        for method in route.methods
    }
    assert documented == guarded


async def test_the_documented_session_fills_an_empty_database(place: Place) -> None:
    script = "set -euo pipefail\n" + "\nprintf '\\0'\n".join(blocks())
    answers = list(map(_answers, await _run(script, place)))
    _setup, me, site, boards, mapping, sync, steering, reads, doubts, _compared, *rest, out = answers
    planned, queued, hooks, oauth, programs, shaped = rest
    assert set(shaped[0]["data"][0]) == {"id", "name", "state"}
    assert me[0]["data"]["role"] == "super_admin"
    assert site[0]["data"]["ok"] is True
    assert "demo-token" not in json.dumps([me, site, boards, mapping, sync, reads])
    assert sum(board["selected"] for board in boards[0]["data"]) == 1
    assert boards[1]["data"]["zone"] == "Europe/Berlin"
    assert [each["data"]["confirmed"] for each in mapping] == [False, True]
    assert mapping[1]["data"]["points"]
    run = sync[0]["data"]
    assert (run["state"], run["error"]) == ("done", None)
    assert run["done_issues"] == run["total_issues"] > 50
    paused, resumed = (each["data"] for each in steering)
    assert (paused["paused_at"] is None, resumed["paused_at"]) == (False, None)
    assert (resumed["sync_minutes"], resumed["circuit"]["state"]) == (60, "closed")
    _check_reads(reads)
    _check_doubts(doubts, reads[0]["data"])
    _check_planned(planned)
    _check_queued(queued)
    _check_hooks(hooks)
    assert oauth[0]["data"]["callback_url"].endswith("/api/v1/oauth/atlassian/callback")
    assert (oauth[1]["data"]["stage"], oauth[2]["data"]["grant"]) == ("asked", None)
    _sprints, listed, changed, _boards, told = programs
    assert (listed["data"][0]["state"], changed["data"]["per_minute"], told["active"]) == ("active", 60, True)
    assert out == [{}]
    async with http.client(base_url=place.api) as client:
        fields = {"grant_type": "password", "username": "admin@example.com", "password": PASSWORD}
        token = (await client.post("/api/v1/auth/token", data=fields)).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        api = Api(client)
        await _check_lists(api)
        await _check_issues(api, reads[0]["data"])
        await _check_sites(api, place)
        await _check_runs(api)


@dataclass(frozen=True)
class Api:
    """The API with a token: answers with a status that is expected."""

    client: httpx.AsyncClient

    async def __call__(self, method: str, path: str, *, status: int = 200, body: Any = None) -> Any:
        answer = await self.client.request(method, f"/api/v1{path}", json=body)
        assert answer.status_code == status, f"{method} {path}: {answer.text}"
        return answer.json() if answer.content else None


async def _check_lists(api: Api) -> None:
    whole = await api("GET", "/sprints?per_page=100")
    total, following, seen = whole["meta"]["total"], "/api/v1/sprints?per_page=7", []
    while following:
        part = await api("GET", following.removeprefix("/api/v1"))
        seen += [sprint["id"] for sprint in part["data"]]
        following = part["links"]["next"]
    assert seen == [sprint["id"] for sprint in whole["data"]]
    assert len(set(seen)) == total > 7
    by_state = [
        await api("GET", f"/sprints?state={state}") for state in ("active", "future", "closed", "unknown")
    ]
    assert sum(found["meta"]["total"] for found in by_state) == total
    sprint = by_state[0]["data"][0]
    assert (await api("GET", f"/sprints/{sprint['id']}"))["data"] == sprint
    named = await api("GET", "/sprints?search=" + quote(sprint["name"].upper()))
    assert sprint["id"] in [found["id"] for found in named["data"]]
    assert (await api("GET", "/sprints?search=%25"))["meta"]["total"] == 0
    future = by_state[1]["data"][0]
    assert (await api("GET", f"/sprints/{future['id']}/burndown"))["data"]["steps"] == []
    await api("GET", "/sprints/999999", status=404)
    await api("GET", f"/sprints/{sprint['id']}/report?board=999999", status=404)
    boards = await api("GET", "/boards?selected=false&per_page=2")
    assert boards["meta"]["total"] > 2 == len(boards["data"])
    other = next(board for board in boards["data"] if board["id"] not in sprint["board_ids"])
    await api("GET", f"/sprints/{sprint['id']}/report?board={other['id']}", status=404)


async def _check_issues(api: Api, report: dict[str, Any]) -> None:
    path = f"/sprints/{report['sprint_id']}/issues"
    found = await api("GET", f"{path}?per_page=100")
    assert found["meta"]["total"] == report["totals"]["issues"]
    buckets = [
        await api("GET", f"{path}?bucket={name}")
        for name in ("completed", "not_completed", "removed", "outside")
    ]
    assert sum(bucket["meta"]["total"] for bucket in buckets) == found["meta"]["total"]
    left_out = await api("GET", f"{path}?bucket=excluded")
    assert left_out["meta"]["total"] == sum(report["excluded"].values())
    assert all(issue["excluded"] and issue["bucket"] is None for issue in left_out["data"])
    for sort in SORTS:
        for way in ("", "-"):
            sorted_ = await api("GET", f"{path}?sort={way}{sort}&per_page=100")
            assert {issue["key"] for issue in sorted_["data"]} == {issue["key"] for issue in found["data"]}
    one = found["data"][0]
    searched = (await api("GET", f"{path}?search={one['key'].lower()}&per_page=100"))["data"]
    assert one["key"] in [issue["key"] for issue in searched]
    assert all(one["key"] in issue["key"] + issue["summary"] for issue in searched)
    assert one["url"].endswith(f"/browse/{one['key']}")


async def _check_sites(api: Api, place: Place) -> None:
    site = (await api("GET", "/sites"))["data"][0]
    assert "secret" not in site
    assert site["mapping_confirmed"] is True
    body = {"base_url": place.jira, "auth": "basic", "account": "demo@example.com", "secret": "demo-token"}
    assert (await api("POST", "/sites", body=body, status=409))["error"]["code"] == "CONFLICT"
    wrong = {"auth": "basic", "account": "demo@example.com", "secret": "wrong-token"}
    refused = await api("PATCH", f"/sites/{site['id']}", body=wrong, status=502)
    assert "token" in refused["error"]["message"]
    assert "wrong-token" not in json.dumps(refused)
    assert (await api("POST", f"/sites/{site['id']}/test"))["data"]["ok"] is True
    renamed = await api("PATCH", f"/sites/{site['id']}", body={"name": "Renamed"})
    assert renamed["data"] == {**site, "name": "Renamed"}
    choices = (await api("GET", f"/sites/{site['id']}/mapping/choices"))["data"]
    timing = {"scheduling", "deadline", "planned_start", "planned_end"}
    assert {"points", "owner", "discipline", "sprint", "epic", *timing} == set(choices)
    unknown = await api("PUT", f"/sites/{site['id']}/mapping", body={"points": "customfield_1"}, status=422)
    assert unknown["error"]["details"][0]["field"] == "points"
    chosen = (await api("GET", "/boards"))["data"][0]
    await api("PATCH", f"/boards/{chosen['id']}", body={"selected": False}, status=422)
    for body in (
        {"zone": "Mars/Olympus"},
        {"weekdays": []},
        {"weekdays": [7]},
        {"unit": "bananas"},
        {"colour": 1},
    ):
        problem = await api("PATCH", f"/boards/{chosen['id']}", body=body, status=422)
        assert problem["error"]["details"][0]["field"].startswith(next(iter(body)))
    assert (await api("GET", f"/boards/{chosen['id']}"))["data"] == chosen


async def _end_of(api: Api, run_id: int) -> str:
    async with asyncio.timeout(PATIENCE):
        while True:
            state = (await api("GET", f"/sync-runs/{run_id}"))["data"]["state"]
            if state not in {"queued", "running"}:
                return state
            await asyncio.sleep(0.2)


async def _check_runs(api: Api) -> None:
    site = (await api("GET", "/sites"))["data"][0]
    run = (await api("POST", f"/sites/{site['id']}/sync", body={"mode": "incremental"}, status=202))["data"]
    await api("POST", f"/sync-runs/{run['id']}/cancel", status=202)
    state = await _end_of(api, run["id"])
    assert state in {"cancelled", "done"}  # a run may be quicker than its cancellation
    assert (await api("GET", f"/sync-runs?site={site['id']}"))["data"][0]["id"] == run["id"]
    assert (await api("DELETE", f"/sites/{site['id']}", status=204)) is None
    await api("GET", f"/sites/{site['id']}", status=404)
    assert (await api("GET", "/sprints"))["meta"]["total"] == 0


def _check_planned(planned: list[Any]) -> None:
    values, made, changed, away, taken, capacity, tried = (each["data"] for each in planned)
    assert values
    assert [one["name"] for one in made[0]["disciplines"]] == [made[0]["name"]]
    assert (changed["id"], changed["country"], changed["zone"]) == (made[0]["id"], "DE", "Europe/Berlin")
    assert (away["first_day"], away["part"]) == ("2099-05-04", "whole")
    assert (taken["matched"], taken["added"], taken["kept"]) == (1, 0, 1)
    assert [member["person_id"] for member in capacity["members"]] == [away["person_id"]]
    assert (tried["before"]["days"], tried["after"]["days"], tried["days"]) == (8, 12, 4)


def _check_queued(queued: list[Any]) -> None:
    version, issues, applied, replanned, aside, active, progress, links = (each["data"] for each in queued)
    assert (version["number"], version["note"]) == (1, "As Jira has it.")
    sides = [team["cut_line"] + team["below"] + team["aside"] for team in version["result"]["teams"]]
    assert sum(sides) == queued[1]["meta"]["total"] > len(issues) == 3
    assert all(len(one["reason"]) > 8 for one in issues)
    assert (applied["head"], replanned["version"]["number"]) == (1, 2)
    left_out = {"jira_issue_id": issues[0]["jira_issue_id"], "reason": "It was excluded by hand."}
    assert left_out in aside
    assert (active["state"], progress["version"]) == ("active", 2)
    assert [one["name"] for one in links] == ["Calendar of my phone"]


def _check_hooks(hooks: list[Any]) -> None:
    taken, delivery, tally, again, shown = (each["data"] for each in hooks)
    assert tally["events"] == ["jira:issue_updated"]
    assert tally["waiting"] + tally["done"] + tally["ignored"] + tally["failed"] == 1
    assert taken["fresh"] is True
    assert (delivery["id"], delivery["event"]) == (taken["delivery_id"], "jira:issue_updated")
    assert again["id"] == delivery["id"]
    assert (shown["active"], shown["secret"]) == (True, None)


def _check_doubts(doubts: list[Any], report: dict[str, Any]) -> None:
    summary, listed = (each["data"] for each in doubts)
    assert summary["issues"] == report["totals"]["issues"]
    assert summary["left_out"] == sum(report["excluded"].values())
    assert {check["check"] for check in summary["checks"]} == set(CheckName)
    assert all(issue["detail"] and issue["url"].endswith(issue["name"]) for issue in listed)


def _check_reads(reads: list[Any]) -> None:
    report, burndown, changes, issues, analyses, velocity = (each["data"] for each in reads)
    totals = report["totals"]
    for unit in ("points", "count", *(["hours"] if totals["final"]["hours"] is not None else [])):
        value = {name: totals[name][unit] for name in ("initial", "added", "removed", "reestimated", "final")}
        summed = value["initial"] + value["added"] - value["removed"] + value["reestimated"]
        assert summed == pytest.approx(value["final"], abs=1e-9)
    assert totals["completed"]["points"] > 0
    assert (totals["final"]["hours"] is None) is (totals["untimed"] == totals["final"]["count"])
    last = burndown["steps"][-1]
    assert last["remaining"]["points"] == pytest.approx(totals["not_completed"]["points"])
    assert last["done"]["points"] == pytest.approx(totals["completed"]["points"])
    assert burndown["zone"] == "Europe/Berlin"
    assert changes
    assert len(issues) == totals["completed"]["count"] == reads[3]["meta"]["total"]
    analysis = analyses[0]
    assert analysis["analysis_type"] == "discipline_team"
    assert analysis["total_issues"] == totals["final"]["count"]
    teams = analysis["discipline_breakdown"].values()
    assert sum(team["total_issues"] for team in teams) == analysis["total_issues"]
    assert sum(team["total_story_points"] for team in teams) == pytest.approx(analysis["total_story_points"])
    bars = velocity["sprints"]
    assert bars[-1]["sprint_id"] == report["sprint_id"]
    assert bars[-1]["completed"] == totals["completed"]["points"]
    assert velocity["mean"] == pytest.approx(sum(bar["completed"] for bar in bars) / len(bars))
