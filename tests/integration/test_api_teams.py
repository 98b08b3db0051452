"""Teams, members and people over REST: what a manager does with them, what is refused, and who sees what."""

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio
from sqlalchemy import text

from sprintreports.identity.permissions import Role
from sprintreports.kit import db
from tests.integration.planning_site import PlanningSite, planning_site
from tests.integration.planning_support import Api, asking, person

QA, WEB = "EMEA / QA", "EMEA / Web"


@pytest_asyncio.fixture
async def client(pg_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with asking() as found:
        yield found


@pytest_asyncio.fixture
async def site(pg_url: str) -> PlanningSite:
    async with db.transaction() as session:
        return await planning_site(session)


async def made(api: Api, site: PlanningSite) -> dict[str, int]:
    """Teams QA and Web, grouped under EMEA."""
    body = {"discipline_ids": [site.values[QA], site.values[WEB]], "separator": "/"}
    return {team["name"]: team["id"] for team in await api("POST", "/disciplines/teams", body)}


async def test_teams_are_made_of_what_jira_says_changed_merged_and_deleted(
    client: httpx.AsyncClient, site: PlanningSite
) -> None:
    api = await person(client, Role.MANAGER)
    assert {one["team_id"] for one in await api("GET", "/disciplines")} == {None}
    ids = await made(api, site)
    assert [one["name"] for one in await api("GET", "/disciplines?unmapped=true")] == ["Ops"]
    assert (await api("GET", "/disciplines?search=WEB"))[0]["team_name"] == WEB
    listed = await api("GET", "/teams?sort=-name")
    assert [team["name"] for team in listed] == [WEB, QA, "EMEA"]
    assert [team["parent_name"] for team in listed] == ["EMEA", "EMEA", None]
    group = f"/teams?parent={listed[-1]['id']}&per_page=1&page=2&fields=name"
    assert await api("GET", group) == [{"name": WEB}]

    here = f"/teams/{ids[QA]}"
    body = {"name": " QA Berlin ", "country": "DE", "subdivision": "BE", "weekdays": [4, 0, 1, 0]}
    changed = await api("PATCH", here, body)
    assert (changed["name"], changed["weekdays"], changed["focus"]) == ("QA Berlin", [0, 1, 4], 80)
    assert [team["id"] for team in await api("GET", "/teams?search=emea%20/%20qa")] == [
        ids[QA]
    ]  # its name in Jira
    assert (await api("PATCH", here, {"country": "AT"}))["subdivision"] is None
    assert (await api("PATCH", here, {"country": None, "parent_id": None}))["parent_id"] is None

    new = await api("POST", "/teams", {"name": "Ops", "hours_per_day": 7.5, "unit": "hours"}, status=201)
    assert (new["disciplines"], new["hours_per_day"], new["members"]) == ([], 7.5, 0)
    values = {"discipline_ids": [site.values[QA], site.values["Ops"]]}
    await api("PUT", f"/teams/{new['id']}/disciplines", values)
    assert await api("GET", f"{here}/disciplines") == []  # a value means one team
    merged = await api("POST", f"{here}/merge", {"into": new["id"]})
    assert [one["name"] for one in merged["disciplines"]] == sorted([QA, "Ops"])
    await api("GET", here, status=404)
    await api("DELETE", f"/teams/{new['id']}", status=204)
    assert {one["name"] for one in await api("GET", "/disciplines?unmapped=true")} == {QA, "Ops"}
    async with db.transaction() as session:
        query = "SELECT DISTINCT u.email FROM audit_entry a JOIN user_account u ON u.id = a.actor_id WHERE action = 'team.changed'"
        assert list(await session.scalars(text(query))) == ["manager@example.org"]


async def test_a_change_insists_on_what_was_read(client: httpx.AsyncClient, site: PlanningSite) -> None:
    api = await person(client, Role.MANAGER)
    here = f"/teams/{(await made(api, site))[QA]}"
    tag = (await api.answer("GET", here)).headers["ETag"]
    first = await api.answer("PATCH", here, json={"focus": 70}, headers={"If-Match": tag})
    assert first.json()["data"]["focus"] == 70
    for method, body in (("PATCH", {"focus": 60}), ("DELETE", None)):
        late = await api.answer(method, here, json=body, headers={"If-Match": tag})
        assert (late.status_code, late.json()["error"]["code"]) == (412, "PRECONDITION_FAILED")
    days = f"{here}/days-off?since=2026-01-01"
    tag = (await api.answer("GET", days)).headers["ETag"]
    body = {"days_off": [{"first_day": "2026-12-24", "last_day": "2026-12-31", "name": "Between the years"}]}
    assert (await api.answer("PUT", days, json=body, headers={"If-Match": tag})).status_code == 200
    assert (await api.answer("PUT", days, json=body, headers={"If-Match": tag})).status_code == 412


async def test_days_off_from_a_day_on_are_replaced_and_those_before_stay(
    client: httpx.AsyncClient, site: PlanningSite
) -> None:
    api = await person(client, Role.MANAGER)
    here = f"/teams/{(await made(api, site))[QA]}/days-off"
    old = {"first_day": "2026-03-02", "part": "afternoon", "name": "Outing"}
    await api("PUT", f"{here}?since=2026-01-01", {"days_off": [old]})
    new = await api("PUT", f"{here}?since=2026-06-01", {"days_off": [{"first_day": "2026-12-24"}]})
    assert [(one["first_day"], one["part"]) for one in new] == [("2026-12-24", "whole")]
    whole = await api("GET", f"{here}?since=2026-01-01")
    assert [one["first_day"] for one in whole] == ["2026-03-02", "2026-12-24"]
    for body in (
        {"days_off": [{"first_day": "2026-05-31"}]},
        {"days_off": [{"first_day": "2026-12-24", "last_day": "2026-12-23"}]},
    ):
        assert await api.refused("PUT", f"{here}?since=2026-06-01", body) == {"days_off"}


async def test_a_team_that_cannot_be_is_refused_by_field(client: httpx.AsyncClient) -> None:
    api = await person(client, Role.MANAGER)
    for body, fields in (
        ({"name": " "}, {"name"}),
        ({"name": "a\0b"}, {"name"}),
        ({"name": "QA", "zone": "Mars/Olympus"}, {"zone"}),
        ({"name": "QA", "weekdays": []}, {"weekdays"}),
        ({"name": "QA", "weekdays": [7]}, {"weekdays.0"}),
        ({"name": "QA", "country": "XX"}, {"country"}),
        ({"name": "QA", "country": "DE", "subdivision": "ZZ"}, {"subdivision"}),
        ({"name": "QA", "subdivision": "BE"}, {"country"}),
        ({"name": "QA", "focus": 101}, {"focus"}),
        ({"name": "QA", "hours_per_day": 0.001}, {"hours_per_day"}),
        ({"name": "QA", "parent_id": 999_999}, {"parent_id"}),
        ({"name": "QA", "colour": "red"}, {"colour"}),
    ):
        assert await api.refused("POST", "/teams", body) == fields, body
    assert await api("GET", "/teams") == []
    await api("POST", "/teams", {"name": "QA"}, status=201)
    assert await api.refused("POST", "/teams", {"name": "qa"}, status=409) == set()


async def test_members_join_share_themselves_and_leave(client: httpx.AsyncClient, site: PlanningSite) -> None:
    api = await person(client, Role.MANAGER)
    ids = await made(api, site)
    qa, web = (f"/teams/{ids[name]}/members" for name in (QA, WEB))
    suggested = await api("GET", f"/teams/{ids[QA]}/suggested-members?sort=name")
    assert {one["jira_person_id"] for one in suggested} == {site.people["ada"], site.people["bela"]}
    joining = {"jira_person_ids": [site.people["ada"], site.people["bela"]]}
    ada, bela = sorted(
        await api("POST", qa, joining, status=201),
        key=lambda one: one["jira_person_id"] == site.people["bela"],
    )
    assert (ada["share"], bela["share"], ada["until"]) == (100, 100, None)
    assert await api("GET", f"/teams/{ids[QA]}/suggested-members") == []

    (again,) = await api("POST", web, {"jira_person_ids": [site.people["ada"]]}, status=201)
    assert again["share"] == 0  # QA has all of her
    assert await api.refused("PATCH", f"{web}/{ada['person_id']}", {"share": 30}) == {"share"}
    await api("PATCH", f"{qa}/{ada['person_id']}", {"share": 62.5})
    assert (await api("PATCH", f"{web}/{ada['person_id']}", {"share": 37.5}))["share"] == 37.5

    ended = await api("PATCH", f"{qa}/{bela['person_id']}", {"since": "2025-01-01", "until": "2026-06-30"})
    assert (ended["since"], ended["until"], ended["share"]) == ("2025-01-01", "2026-06-30", 100)
    assert (await api("PATCH", f"{qa}/{bela['person_id']}", {"until": None}))["until"] is None
    absurd = {"until": "2024-12-31"}
    assert await api.refused("PATCH", f"{qa}/{bela['person_id']}", absurd) == {"until"}
    named = await api("POST", qa, {"name": "Grace", "email": "grace@example.org"}, status=201)
    grace = next(one for one in named if one["name"] == "Grace")
    assert grace["jira_person_id"] is None
    assert "email" not in grace
    await api("DELETE", f"{qa}/{grace['person_id']}", status=204)
    await api("GET", f"{qa}/{grace['person_id']}", status=404)
    await api("PUT", qa, {"members": [{"person_id": bela["person_id"], "share": 50}]})
    assert [(one["person_id"], one["share"]) for one in await api("GET", qa)] == [(bela["person_id"], 50)]
    twice = {"members": [{"person_id": bela["person_id"]}] * 2}
    assert await api.refused("PUT", qa, twice) == {"members"}
    assert await api.refused("PUT", qa, {"members": [{"person_id": 999_999}]}) == {"members.0.person_id"}
    for body in ({}, {"jira_person_ids": [1], "name": "Both"}, {"jira_person_ids": []}):
        assert await api.refused("POST", qa, body) == {"body"}
    await api("POST", qa, {"jira_person_ids": [999_999]}, status=404)


async def test_members_are_pasted_from_a_spreadsheet(client: httpx.AsyncClient, site: PlanningSite) -> None:
    api = await person(client, Role.MANAGER)
    here = f"/teams/{(await made(api, site))[QA]}/members"
    ada = (await api("POST", here, {"jira_person_ids": [site.people["ada"]]}, status=201))[0]
    lines = f"name,share,until\n{ada['name']},80,2026-12-31\nNobody,50,\n{ada['name']},1,\nGrace,200,\n"
    tried = await api("POST", f"{here}/paste?dry=true", {"text": lines})
    assert (tried["stored"], tried["left_out"]) == (None, 2)
    assert [problem["line"] for problem in tried["problems"]] == [4, 5]
    assert [(one["line"], one["person_id"], one["in_team"]) for one in tried["found"]] == [
        (2, ada["person_id"], True)
    ]
    assert [(one["who"], one["lines"]) for one in tried["strangers"]] == [("Nobody", [3])]
    assert await api("GET", here) == [ada]
    done = await api("POST", f"{here}/paste", {"text": lines, "settled": [{"who": "Nobody"}]})
    assert done["stored"] == 2
    by_name = {one["name"]: (one["share"], one["until"]) for one in await api("GET", here)}
    assert by_name == {ada["name"]: (80, "2026-12-31"), "Nobody": (50, None)}
    await api("POST", f"{here}/paste", {"text": "Somebody else;50"}, status=422)


async def test_what_is_set_of_a_person_holds_in_all_their_teams(
    client: httpx.AsyncClient, site: PlanningSite
) -> None:
    api = await person(client, Role.MANAGER)
    ids = await made(api, site)
    for name in (QA, WEB):
        await api(
            "POST", f"/teams/{ids[name]}/members", {"jira_person_ids": [site.people["ada"]]}, status=201
        )
    (ada,) = await api("GET", "/people")
    here = f"/people/{ada['person_id']}"
    body = {"part_time": 80, "hours_per_day": 6, "country": "AT", "skills": ["SQL", " SQL ", "testing"]}
    changed = await api("PATCH", here, body)
    assert (changed["part_time"], changed["skills"]) == (80, ["SQL", "testing"])
    for name in (QA, WEB):
        (member,) = await api("GET", f"/teams/{ids[name]}/members")
        assert (member["hours_per_day"], member["country"]) == (6, "AT")
    assert (await api("PATCH", here, {"hours_per_day": None}))["hours_per_day"] is None
    assert await api.refused("PATCH", here, {"country": "XX"}) == {"country"}
    assert await api.refused("PATCH", here, {"skills": [""]}) == {"skills"}
    assert await api("GET", f"/people?team={ids[WEB]}&search=nobody") == []
    await api("GET", "/people?team=999999", status=404)


async def test_viewers_read_and_managers_write_within_their_teams(
    client: httpx.AsyncClient, site: PlanningSite
) -> None:
    admin = await person(client, Role.ADMIN)
    ids = await made(admin, site)
    for name, who in ((QA, "ada"), (WEB, "bela")):
        await admin(
            "POST", f"/teams/{ids[name]}/members", {"jira_person_ids": [site.people[who]]}, status=201
        )
    by_jira = {one["jira_person_id"]: one["person_id"] for one in await admin("GET", "/people")}
    ada, bela = by_jira[site.people["ada"]], by_jira[site.people["bela"]]
    away = await admin("POST", "/absences", {"person_id": bela, "first_day": "2026-05-04"}, status=201)
    viewer = await person(client, Role.VIEWER)
    assert len(await viewer("GET", "/teams")) == 3
    await viewer("PATCH", f"/teams/{ids[QA]}", {"focus": 50}, status=403)
    await viewer("POST", "/absences", {"person_id": ada, "first_day": "2026-05-04"}, status=403)

    mia = await person(client, Role.MANAGER, teams=[site.values[QA]])
    assert [team["name"] for team in await mia("GET", "/teams")] == [QA]
    assert [one["name"] for one in await mia("GET", "/disciplines")] == [QA]
    assert [one["person_id"] for one in await mia("GET", "/people")] == [ada]
    assert await mia("GET", "/absences?first_day=2026-05-01") == []
    assert (await mia("PATCH", f"/teams/{ids[QA]}", {"focus": 50}))["focus"] == 50
    await mia("POST", "/absences", {"person_id": ada, "first_day": "2026-05-04"}, status=201)
    for method, path, body in (
        ("GET", f"/teams/{ids[WEB]}", None),
        ("PATCH", f"/teams/{ids[WEB]}", {"focus": 50}),
        ("POST", f"/teams/{ids[QA]}/merge", {"into": ids[WEB]}),
        ("GET", f"/people/{bela}", None),
        ("POST", f"/people/{bela}/aliases", {"alias": "B."}),
        ("POST", "/absences", {"person_id": bela, "first_day": "2026-05-04"}),
        ("GET", f"/absences/{away['id']}", None),
        ("DELETE", f"/absences/{away['id']}", None),
    ):
        await mia(method, path, body, status=404)
    await mia("POST", "/teams", {"name": "Mine"}, status=403)
    theirs = {"discipline_ids": [site.values[QA], site.values[WEB]]}
    await mia(
        "PUT", f"/teams/{ids[QA]}/disciplines", theirs, status=404
    )  # the value is of a team that is not theirs
    await mia("POST", f"/teams/{ids[QA]}/members", {"jira_person_ids": [site.people["zoe"]]}, status=403)
    assert (await admin("GET", f"/teams/{ids[WEB]}"))["focus"] == 80
