"""Lists: every one takes fields, those that are cut into pages take pages and an order, and what there is not is named."""

import itertools
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.api.document import operations
from sprintreports.identity.permissions import Role
from sprintreports.jira.reads import disciplines
from sprintreports.kit import clock, db
from sprintreports.planning import absences, discovering, members
from sprintreports.planning.capacity.people import Absence
from sprintreports.planning.queue.options import Exclude, Options
from sprintreports.planning.queue_inputs.reading import Sources
from sprintreports.planning.queues import drafts, serving
from tests.integration import clients_support as support
from tests.integration.clients_support import bearer, person
from tests.integration.contract_support import Reader
from tests.integration.jira_site import fill, make_site, rows
from tests.integration.planning_site import ADMIN
from tests.integration.test_reads import sample

ASKS_JIRA = "/sites/{site}/boards"


@pytest_asyncio.fixture
async def api(pg_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with support.serving() as client:
        client.headers.update(await bearer(await person(Role.ADMIN)))
        client.base_url = f"{support.HERE}/api/v1"
        yield client


async def _places() -> dict[str, int]:
    async with db.transaction() as session:
        site = await make_site(session)
        await fill(session, site, sample())
        board, sprint = (
            await rows(session, "SELECT b.id, s.id FROM board b, sprint s WHERE jira_sprint_id = 1")
        )[0]
        found = [row.id for row in await disciplines.listing(session, ADMIN)]
        team = (await discovering.make_teams(session, ADMIN, found))[0]
        await members.add_named(session, ADMIN, team.id, name="Grace", version=None)
        (member,) = await members.listing(session, ADMIN, team_ids=[team.id])
        today = clock.now().date()
        await absences.add(session, ADMIN, Absence(member.person.id, today, today))
        queue = await _queue(session)
    return {"site": site.site_id, "board": board, "sprint": sprint, "team": team.id, "queue": queue}


async def _library(api: httpx.AsyncClient, places: dict[str, int]) -> dict[str, int]:
    """A report with a link, a template and a schedule that has run."""

    async def made(path: str, body: dict[str, Any]) -> int:
        answer = await api.post(path, json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["data"]["id"]

    spec = {"kind": "baseline", "of": {"state": "sprint", "sprint_id": places["sprint"]}}
    report = await made("/reports", {"name": "State", "spec": spec, "tags": ["review"]})
    await made(f"/reports/{report}/shares", {"name": "Link", "days": 3})
    layout = {"pieces": [{"part": "section", "key": "overview"}]}
    template = await made("/report-templates", {"name": "Own", "kind": "baseline", "layout": layout})
    schedule = await made(
        "/schedules",
        {
            "name": "Each close",
            "trigger": {"on": "sprint_closed"},
            "zone": "Europe/Berlin",
            "content": {"kind": "sprint", "report": "review", "which": "closed"},
            "board_id": places["board"],
            "baseline": True,
        },
    )
    await made(f"/schedules/{schedule}/runs", {})
    return {"report": report, "template": template, "schedule": schedule}


async def _queue(session: AsyncSession) -> int:
    """A queue with an edit and two versions."""
    now = clock.now()
    ((sprint_id,),) = await rows(session, "SELECT id FROM sprint WHERE jira_sprint_id = 3")
    made = await serving.begin(
        session, ADMIN, sprint_id=sprint_id, name="Plan", options=Options(), sources=Sources(), now=now
    )
    for number in (0, 1):
        basis = await serving.basis(session, ADMIN, made.id, now=now)
        await serving.keep(session, ADMIN, basis, await serving.made(basis), now=now)
        if number == 0:
            await drafts.apply(session, ADMIN, made.id, [Exclude(1)], seen=0, token="once", now=now)
    return made.id


async def _lists(api: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    """Every address whose answer is a list, with its query parameters."""
    document = (await api.get("/openapi.json")).json()
    found: dict[str, dict[str, Any]] = {}
    for path, methods in document["paths"].items():
        given = {
            one["name"]: one for one in methods.get("get", {}).get("parameters", ()) if one["in"] == "query"
        }
        if "fields" in given:
            name = path.removeprefix("/api/v1")
            for part in ("site", "board", "sprint", "team", "queue", "report", "template", "schedule"):
                name = name.replace(f"{{{part}_id}}", f"{{{part}}}")
            found[name.replace("{check}", "done-without-estimate").replace("{number}", "2")] = given
    return found


def _names(parameter: dict[str, Any]) -> list[str]:
    return parameter["description"].rpartition(": ")[2].split(", ")


async def test_every_list_takes_fields_and_those_with_pages_an_order(api: httpx.AsyncClient) -> None:
    lists = await _lists(api)
    assert len(lists) >= 18
    assert {path for path, given in lists.items() if "sort" not in given} == set()
    assert {path for path, given in lists.items() if "page" not in given} == {"/audit-entries"}


async def test_every_list_can_be_sorted_by_each_name_and_shows_chosen_fields(api: httpx.AsyncClient) -> None:
    places, filled = await _places(), 0
    places |= await _library(api, places)
    for path, given in (await _lists(api)).items():
        if path == ASKS_JIRA:
            continue
        address = path.format(**places)
        plain = (await api.get(address)).json()["data"]
        for name, sign in itertools.product(_names(given["sort"]), ("", "-")):
            answer = await api.get(f"{address}?sort={sign}{name}")
            assert answer.status_code == 200, f"{address} {sign}{name}: {answer.text}"
            assert len(answer.json()["data"]) == len(plain), address
        fields = _names(given["fields"])[:2]
        shown = await api.get(f"{address}?fields={','.join(fields)}")
        assert shown.status_code == 200, shown.text
        assert shown.json()["data"] == [{name: one[name] for name in fields} for one in plain], address
        assert {"meta", "links"} < set(shown.json())
        filled += bool(plain)
    assert filled >= 8


async def test_a_list_with_chosen_fields_is_what_the_document_says(api: httpx.AsyncClient) -> None:
    known = await _places()
    known |= await _library(api, known)
    places: dict[str, Any] = {f"{name}_id": value for name, value in known.items()}
    places |= {"check": "without-team", "number": 2}
    api.base_url = support.HERE
    call = Reader(api, (await api.get("/api/v1/openapi.json")).json())
    asked = 0
    for path, method, operation in operations(call.document):
        given = {one["name"]: one for one in operation.get("parameters", ())}
        if "fields" not in given or path.removeprefix("/api/v1") == ASKS_JIRA.replace("{site}", "{site_id}"):
            continue
        here = {name: value for name, value in places.items() if f"{{{name}}}" in path}
        for chosen in _names(given["fields"])[:1], _names(given["fields"])[1:]:
            found = await call(operation["operationId"], query={"fields": ",".join(chosen)}, **here)
            assert all(set(one) == set(chosen) for one in found), f"{method} {path}"
            asked += bool(found)
    assert asked >= 16


@pytest.mark.parametrize(
    "path", ["/sprints", "/users", "/api-keys", "/sites", "/audit-entries", "/jira-teams", "/teams"]
)
async def test_what_there_is_not_is_refused_with_what_there_is(api: httpx.AsyncClient, path: str) -> None:
    given = (await _lists(api))[path]
    for name, odd in itertools.product(("sort", "fields"), ("hashed_password", "id;DROP TABLE issue", ",")):
        answer = await api.get(path, params={name: odd})
        assert answer.status_code == 422, answer.text
        detail = answer.json()["error"]["details"][0]
        assert detail["field"] == name
        assert _names(given[name])[0] in detail["message"]
    twice = await api.get(path, params={"sort": f"{_names(given['sort'])[0]},-{_names(given['sort'])[0]}"})
    assert twice.status_code == 422


async def test_an_order_of_two_and_pages_that_fit_together(api: httpx.AsyncClient) -> None:
    for number in range(5):
        body = {
            "email": f"u{number}@example.org",
            "password": "tall green yak 7",
            "role": "viewer",
            "name": "Same",
        }
        body["role"] = "user" if number % 2 else "viewer"
        assert (await api.post("/users", json=body)).status_code == 201
    address, found = "/api/v1/users?search=same&sort=name,-email&fields=email&per_page=2", list[str]()
    while address:
        answer = (await api.get(f"{support.HERE}{address}")).json()
        found += [one["email"] for one in answer["data"]]
        address = answer["links"]["next"]
        assert "fields=email" in answer["links"]["first"]
    assert (
        found[-5:] == [f"u{number}@example.org" for number in (4, 3, 2, 1, 0)] or sorted(found) == found[::-1]
    )
    assert len(found) == len(set(found))


async def test_what_is_read_whole_is_cut_and_sorted_alike(api: httpx.AsyncClient) -> None:
    address = f"/boards/{(await _places())['board']}/statuses"
    usual = [one["id"] for one in (await api.get(address)).json()["data"]]
    assert len(usual) > 2
    onward, found = f"/api/v1{address}?per_page=2", list[str]()
    while onward:
        page = (await api.get(f"{support.HERE}{onward}")).json()
        found += [one["id"] for one in page["data"]]
        onward = page["links"]["next"]
        assert (page["meta"]["total"], len(page["data"]) <= 2) == (len(usual), True)
    assert found == usual
    assert (await api.get(f"{address}?page=9")).json()["data"] == []
    columns = [one["column"] for one in (await api.get(f"{address}?sort=column,name")).json()["data"]]
    there = [column for column in columns if column is not None]
    assert there == sorted(there, key=str.casefold)
    assert columns[len(there) :] == [None] * (len(columns) - len(there))
    names = [
        [one["name"] for one in (await api.get(f"{address}?sort={way}name")).json()["data"]]
        for way in ("", "-")
    ]
    assert names[0] == names[1][::-1] == sorted(names[0], key=str.casefold)


async def test_people_in_jira_come_page_by_page(api: httpx.AsyncClient) -> None:
    await _places()
    whole = (await api.get("/jira-people?search=o")).json()
    assert whole["meta"]["total"] == len(whole["data"]) >= 2
    pages = [
        (await api.get(f"/jira-people?search=o&per_page=1&sort=-name&page={page}")).json() for page in (1, 2)
    ]
    assert [page["meta"]["total"] for page in pages] == [whole["meta"]["total"]] * 2
    names = sorted((one["name"] for one in whole["data"]), key=str.casefold, reverse=True)
    assert [page["data"][0]["name"] for page in pages] == names[:2]


async def test_the_audit_log_goes_on_in_both_directions(api: httpx.AsyncClient) -> None:
    for theme in ("dark", "light", "dark"):
        await api.patch("/users/me", json={"theme": theme})
    newest = [one["id"] for one in (await api.get("/audit-entries")).json()["data"]]
    assert len(newest) >= 2
    for sort, expected in (("-at", newest), ("at", newest[::-1])):
        address, found = f"/api/v1/audit-entries?sort={sort}&per_page=1", list[int]()
        while address:
            answer = (await api.get(f"{support.HERE}{address}")).json()
            found += [one["id"] for one in answer["data"]]
            assert "before" not in answer["links"]["first"]
            address = answer["links"]["next"]
        assert found == expected
