"""Sprint queues over REST: what a manager does with them, two people's edits, what is refused, and who sees what."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from sprintreports.identity.permissions import Role
from sprintreports.kit import db
from tests.integration.planning_support import Api, asking, person
from tests.integration.queue_site import QA, WEB, QueueSite, queue_site

FREE = {"blocking": ["Nothing"]}  # no issue waits for another


@pytest_asyncio.fixture
async def client(pg_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with asking() as found:
        yield found


@pytest_asyncio.fixture
async def site(pg_url: str) -> QueueSite:
    async with db.transaction() as session:
        return await queue_site(session)


async def begun(api: Api, site: QueueSite, **body: Any) -> str:
    """The address of a new draft."""
    path = f"/sprints/{site.sprints[3]}/queues"
    made = await api("POST", path, {"name": "Plan"} | body, status=201)
    return f"/queues/{made['id']}"


async def test_from_a_draft_to_a_version_and_back(client: httpx.AsyncClient, site: QueueSite) -> None:
    api = await person(client, Role.MANAGER)
    here = await begun(api, site, options={"algorithm": "priority"}, sources=FREE)
    listed = await api("GET", f"/sprints/{site.sprints[3]}/queues?fields=name,state,versions")
    assert listed == [{"name": "Plan", "state": "draft", "versions": 0}]
    draft = await api("GET", f"{here}/draft")
    assert (draft["head"], draft["options"]["algorithm"], draft["options"]["buffer"]) == (0, "priority", 0)

    preview = await api("GET", f"{here}/preview")
    assert any("order is not known" in note for note in preview["notes"])
    version = await api("POST", f"{here}/versions", {"note": " First "}, status=201)
    assert (version["number"], version["note"], version["head"]) == (1, "First", 0)
    assert version["fingerprint"] == preview["fingerprint"]
    assert version["result"] == preview["result"]
    assert version == await api("GET", f"{here}/versions/1")
    teams = {team["team_name"]: team for team in version["result"]["teams"]}
    assert (teams[QA]["capacity"], teams[QA]["team_id"]) == (6, site.teams[QA])
    issues = await api("GET", f"{here}/versions/1/issues")
    assert issues == await api("GET", f"{here}/preview/issues")
    assert sorted(one["key"] for one in issues) == [f"APP-{n}" for n in (10, 11, 12, 13, 14, 15, 19, 20)]
    first = next(one for one in issues if one["key"] == "APP-10")
    assert (first["team_name"], first["unit"], first["load"]) == (QA, "points", 3.0)
    assert first["stakeholder"]["name"].endswith("olga")
    assert first["url"].endswith("/browse/APP-10")
    assert len(first["reason"]) > 10
    inside = [one for one in issues if one["side"] == "in" and one["team_name"] == QA]
    assert [one["position"] for one in inside] == list(range(1, teams[QA]["cut_line"] + 1))
    assert inside[-1]["running"] == teams[QA]["load"]

    done = await api("PATCH", here, {"name": "Agreed", "state": "active"})
    assert (done["name"], done["state"], done["editable"]) == ("Agreed", "active", True)
    progress = await api("GET", f"{here}/progress")
    assert progress["version"] == 1
    assert sum(sum(team["issues"].values()) for team in progress["teams"]) == len(
        [one for one in issues if one["side"] == "in"]
    )
    told = await api("GET", f"{here}/progress/issues?sort=-key")
    assert [one["key"] for one in told] == sorted((one["key"] for one in told), reverse=True)
    assert (await api("PATCH", here, {"state": "completed"}))["completed_at"]
    assert not (await api("PATCH", here, {"state": "archived"}))["editable"]
    assert await api("GET", f"/sprints/{site.sprints[3]}/queues") == []
    assert len(await api("GET", f"/sprints/{site.sprints[3]}/queues?archived=true")) == 1
    await api("POST", f"{here}/versions", status=409)


async def test_a_conflict_is_settled_by_its_suggestion_and_undone(
    client: httpx.AsyncClient, site: QueueSite
) -> None:
    api = await person(client, Role.MANAGER)
    here = await begun(api, site)
    found = await api("GET", f"{here}/preview/conflicts")
    assert [one["severity"] for one in found] == sorted(
        (one["severity"] for one in found), key=["error", "warning", "note"].index
    )
    one = next(one for one in found if one["kind"] == "no_team" and one["suggestions"])
    change = one["suggestions"][0]["change"]
    applied = await api("POST", f"{here}/edits", {"seen": 0, "changes": [change]})
    assert (applied["head"], [made["change"] for made in applied["made"]]) == (1, [change])
    after = await api("GET", f"{here}/preview/conflicts")
    assert one not in after
    assert (await api("GET", f"{here}/draft"))["undoable"] == 1
    back = await api("POST", f"{here}/undo", {"seen": 1})
    assert [(made["step"], made["of_number"]) for made in back["made"]] == [("undo", 1)]
    assert await api("GET", f"{here}/preview/conflicts") == found
    again = await api("POST", f"{here}/redo", {"seen": 2})
    assert again["head"] == 3
    assert await api("GET", f"{here}/preview/conflicts") == after
    edits = await api("GET", f"{here}/edits?since=1&fields=number,step")
    assert edits == [{"number": 2, "step": "undo"}, {"number": 3, "step": "redo"}]


async def test_two_people_who_change_the_same_thing_are_told_of_each_other(
    client: httpx.AsyncClient, site: QueueSite
) -> None:
    mia, ada = await person(client, Role.MANAGER), await person(client, Role.ADMIN)
    here = await begun(mia, site)
    await mia("POST", f"{here}/versions", status=201)
    pin = {"kind": "pin", "jira_issue_id": 10, "position": 1}
    leave = {"kind": "exclude", "jira_issue_id": 10}
    other = {"kind": "estimate", "jira_issue_id": 12, "estimate": {"points": 1.5}}
    await mia("POST", f"{here}/edits", {"seen": 0, "changes": [pin]})
    error = await ada("POST", f"{here}/edits", {"seen": 0, "changes": [other, leave]}, status=409)
    said = error["details"][0]["message"]
    assert said.startswith("manager@example.org pinned APP-10 to place 1. Meanwhile you left APP-10 out.")
    assert (await ada("GET", f"{here}/draft"))["head"] == 1  # nothing of it was made
    applied = await ada("POST", f"{here}/edits", {"seen": 0, "changes": [other]})
    assert applied["head"] == 2
    assert (await ada("POST", f"{here}/edits", {"seen": 1, "changes": [leave]}))["head"] == 3
    agreed = await mia("POST", f"{here}/edits", {"seen": 1, "changes": [other]})
    assert (agreed["made"], agreed["agreed"]) == ([], [other | {"estimate": {"points": 1.5, "hours": None}}])
    error = await mia("POST", f"{here}/undo", {"seen": 1}, status=409)
    assert "left APP-10 out" in error["details"][0]["message"]
    body = {"seen": 3, "token": "once", "changes": [{"kind": "include", "jira_issue_id": 12}]}
    twice = [await mia("POST", f"{here}/edits", body) for _ in range(2)]
    assert twice[0] == twice[1]


async def test_planning_again_says_what_moved_and_why(client: httpx.AsyncClient, site: QueueSite) -> None:
    api = await person(client, Role.MANAGER)
    here = await begun(api, site, sources=FREE)
    await api("POST", f"{here}/replan", status=404)  # nothing to begin with
    await api("POST", f"{here}/versions", status=201)
    leave = {"kind": "exclude", "jira_issue_id": 11}
    await api("POST", f"{here}/edits", {"seen": 0, "changes": [leave]})
    tried = await api("POST", f"{here}/replan?dry=true")
    assert (tried["version"], tried["against"]) == (None, 1)
    assert len(await api("GET", f"{here}/versions")) == 1
    kept = await api("POST", f"{here}/replan", {"note": "Without APP-11."})
    assert (kept["version"]["number"], kept["moved"]) == (2, tried["moved"])
    fell = next(one for one in kept["moved"] if one["key"] == "APP-11")
    assert (fell["move"], fell["before"]["side"], fell["after"]["side"]) == ("fell", "in", "aside")
    assert fell["message"] == "APP-11 is not in any more. It was excluded by hand."
    compared = await api("GET", f"{here}/versions/2/changes")
    assert compared == kept["moved"]
    assert kept["moved_total"] == len(compared)
    back = await api("GET", f"{here}/versions/1/changes?against=2&move=rose")
    assert "APP-11" in [one["key"] for one in back]
    assert await api.refused("GET", f"{here}/versions/1/changes") == {"against"}
    other = await begun(api, site, name="Other", like=int(here.rpartition("/")[2]))
    assert (await api("GET", f"{other}/draft"))["options"]["exclusions"] == [11]
    await api("POST", f"{other}/versions", status=201)
    number = other.rpartition("/")[2]
    await api("GET", f"{here}/versions/2/changes?queue={number}")
    assert [one["number"] for one in await api("GET", f"{here}/versions?sort=number")] == [1, 2]


async def test_a_part_of_a_version_is_asked_for(client: httpx.AsyncClient, site: QueueSite) -> None:
    api = await person(client, Role.VIEWER)
    manager = await person(client, Role.MANAGER)
    here = f"{await begun(manager, site)}/versions/1"
    await manager("POST", here.removesuffix("/1"), status=201)
    web = await api("GET", f"{here}/issues?team={site.teams[WEB]}&fields=key,team_name")
    assert {one["team_name"] for one in web} == {WEB}
    assert set(web[0]) == {"key", "team_name"}
    none = await api("GET", f"{here}/issues?team=0")
    assert {one["key"] for one in none} == {"APP-19", "APP-20"}
    assert {one["side"] for one in await api("GET", f"{here}/issues?side=aside")} == {"aside"}
    assert [one["key"] for one in await api("GET", f"{here}/issues?search=pp-12")] == ["APP-12"]
    mine = await api("GET", f"{here}/issues?stakeholder={site.people['olga']}")
    assert [one["key"] for one in mine] == ["APP-10"]
    seen: list[str] = []
    following: str | None = f"/api/v1{here}/issues?per_page=3&sort=-load"
    while following:
        page = (await api.answer("GET", following.removeprefix("/api/v1"))).json()
        seen += [one["key"] for one in page["data"]]
        following = page["links"]["next"]
    assert len(seen) == len(set(seen)) == 8
    answer = await api.answer("GET", f"{here}/issues")
    tag = {"If-None-Match": answer.headers["ETag"]}
    assert (await api.answer("GET", f"{here}/issues", headers=tag)).status_code == 304
    for form, media in (("csv", "text/csv"), ("json", "application/json"), ("ical", "text/calendar")):
        file = await api.answer("GET", f"{here}/export?format={form}")
        assert (file.status_code, file.headers["Content-Type"].partition(";")[0]) == (200, media)
        assert "attachment" in file.headers["Content-Disposition"]
        assert form == "ical" or "APP-10" in file.text
    assert await api.refused("GET", f"{here}/export?format=docx") == {"format"}


async def test_who_is_limited_sees_their_teams_and_changes_nothing(
    client: httpx.AsyncClient, site: QueueSite
) -> None:
    manager = await person(client, Role.MANAGER)
    here = await begun(manager, site)
    await manager("POST", f"{here}/versions", status=201)
    limited = await person(client, Role.MANAGER, teams=[site.values[QA]])
    for place in ("versions/1", "preview"):
        teams = (await limited("GET", f"{here}/{place}"))["result"]["teams"]
        assert [team["team_name"] for team in teams] == [QA]
        shown = await limited("GET", f"{here}/{place}/issues")
        assert {one["team_name"] for one in shown} == {QA}
        assert all("Web" not in one["reason"] for one in shown)
        for one in await limited("GET", f"{here}/{place}/conflicts"):
            assert set(one["jira_issue_ids"]) <= {each["jira_issue_id"] for each in shown}
    assert (await limited("GET", f"{here}/versions/1"))["summary"] is None
    assert (await limited("GET", f"{here}/preview"))["notes"] == []
    progress = await limited("GET", f"{here}/progress")
    assert [team["team_name"] for team in progress["teams"]] == [QA]
    assert "Web" not in (await limited.answer("GET", f"{here}/versions/1/export")).text
    change = {"seen": 0, "changes": [{"kind": "pin", "jira_issue_id": 10}]}
    for method, path, body in (
        ("POST", f"{here}/edits", change),
        ("POST", f"{here}/undo", {"seen": 0}),
        ("POST", f"{here}/versions", None),
        ("POST", f"{here}/replan", None),
        ("PATCH", here, {"name": "Mine"}),
        ("POST", f"/sprints/{site.sprints[3]}/queues", {"name": "Mine"}),
    ):
        await limited(method, path, body, status=403)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"name": ""}, {"name"}),
        ({"name": "a\0b"}, {"name"}),
        ({}, {"name"}),
        ({"name": "P", "options": {"algorithm": "magic"}}, {"options.algorithm"}),
        ({"name": "P", "options": {"buffer": 101}}, {"options.buffer"}),
        ({"name": "P", "options": {"seconds": 601}}, {"options.seconds"}),
        (
            {
                "name": "P",
                "options": {"weights": [{"person_id": 1, "weight": 5}, {"person_id": 1, "weight": 6}]},
            },
            {"options.weights"},
        ),
        ({"name": "P", "sources": {"backlog": 10_001}}, {"sources.backlog"}),
        ({"name": "P", "sources": {"blocking": [" "]}}, {"blocking"}),
    ],
)
async def test_a_queue_that_cannot_be_is_refused_by_field(
    client: httpx.AsyncClient, site: QueueSite, body: dict[str, Any], fields: set[str]
) -> None:
    api = await person(client, Role.MANAGER)
    assert await api.refused("POST", f"/sprints/{site.sprints[3]}/queues", body) == fields


async def test_edits_that_cannot_be_are_refused_by_place(client: httpx.AsyncClient, site: QueueSite) -> None:
    api = await person(client, Role.MANAGER)
    here = await begun(api, site)
    good = {"kind": "pin", "jira_issue_id": 10}
    late = {"kind": "hard", "start": "2026-05-05T10:00:00Z", "end": "2026-05-05T09:00:00Z"}
    for change, told in (
        ({"kind": "rule", "rule": "algorithm", "value": "magic"}, "There is no algorithm named magic"),
        ({"kind": "rule", "rule": "buffer", "value": 200}, "percentage"),
        ({"kind": "rule", "rule": "seconds", "value": True}, "number of seconds"),
        ({"kind": "timing", "jira_issue_id": 10, "timing": late}, "ends before it starts"),
        ({"kind": "timing", "jira_issue_id": 10, "timing": {"kind": "soft"}}, "needs its date"),
        (
            {
                "kind": "timing",
                "jira_issue_id": 10,
                "timing": {"kind": "soft", "end": "0001-01-01T00:00:00+12:00"},
            },
            "out of all bounds",
        ),
        ({"kind": "weight", "person_id": 1, "weight": 0}, ""),
        ({"kind": "magic"}, ""),
        ({"kind": "pin", "jira_issue_id": 10, "colour": "red"}, ""),
        ({"kind": "pin", "jira_issue_id": 10**30}, ""),
        ({"kind": "rule", "rule": "seed", "value": 10**400}, ""),
        ("pin", ""),
    ):
        error = await api("POST", f"{here}/edits", {"seen": 0, "changes": [good, change]}, status=422)
        assert any(one["field"].startswith("changes.1") for one in error["details"]), error
        assert told in error["details"][0]["message"], error
    assert await api.refused("POST", f"{here}/edits", {"seen": 0, "changes": []}) == {"changes"}
    error = await api("POST", f"{here}/edits", {"seen": 5, "changes": [good]}, status=422)
    assert "has not been" in error["message"]
    assert (await api("GET", f"{here}/draft"))["head"] == 0
    # What names an issue or a team that is not there is planned with, and told of.
    odd = [{"kind": "pin", "jira_issue_id": 999}, {"kind": "team", "jira_issue_id": 10, "team_id": 999_999}]
    await api("POST", f"{here}/edits", {"seen": 0, "changes": odd})
    kinds = {one["kind"] for one in await api("GET", f"{here}/preview/conflicts")}
    assert "pin_gone" in kinds
    assert len(await api("GET", f"{here}/preview/issues")) == 8


async def test_states_go_one_way_and_one_queue_is_active(client: httpx.AsyncClient, site: QueueSite) -> None:
    api = await person(client, Role.MANAGER)
    one, other = await begun(api, site), await begun(api, site, name="Other")
    error = await api("PATCH", one, {"state": "active"}, status=409)
    assert "Keep a version" in error["message"]
    for here in (one, other):
        await api("POST", f"{here}/versions", status=201)
    await api("PATCH", one, {"state": "active"})
    assert "active queue already" in (await api("PATCH", other, {"state": "active"}, status=409))["message"]
    await api("PATCH", other, {"state": "completed"}, status=409)
    tag = (await api.answer("GET", other)).headers["ETag"]
    first = await api.answer("PATCH", other, json={"name": "B"}, headers={"If-Match": tag})
    assert first.json()["data"]["name"] == "B"
    late = await api.answer("PATCH", other, json={"state": "archived"}, headers={"If-Match": tag})
    assert late.status_code == 412
    await api("GET", f"/sprints/{site.sprints[1]}/queues")
    error = await api("POST", f"/sprints/{site.sprints[1]}/queues", {"name": "Past"}, status=422)
    assert "closed" in error["message"]


async def test_a_draft_or_an_archived_queue_is_deleted_and_taken_back(
    client: httpx.AsyncClient, site: QueueSite
) -> None:
    api = await person(client, Role.MANAGER)
    here = await begun(api, site)
    await api("POST", f"{here}/versions", status=201)
    listed = f"/sprints/{site.sprints[3]}/queues?archived=true&fields=name"
    viewer = await person(client, Role.VIEWER)
    await viewer("DELETE", here, status=403)
    assert await api("GET", listed) == [{"name": "Plan"}]

    await api("DELETE", here, status=204)
    assert await api("GET", listed) == []
    for method, path, body in (
        ("GET", here, None), ("GET", f"{here}/draft", None), ("GET", f"{here}/versions/1", None), ("GET", f"{here}/progress", None),
        ("PATCH", here, {"name": "Other"}), ("POST", f"{here}/edits", {"seen": 0, "changes": [{"kind": "exclude", "jira_issue_id": 10}]}),
        ("DELETE", here, None),
    ):  # fmt: skip
        await api(method, path, body, status=404)
    await viewer("POST", f"{here}/restore", status=403)
    back = await api("POST", f"{here}/restore")
    assert (back["name"], back["state"], back["versions"]) == ("Plan", "draft", 1)
    assert await api("POST", f"{here}/restore") == back, "what is there stays as it is"

    await api("PATCH", here, {"state": "active"})
    error = await api("DELETE", here, status=409)
    assert error["message"] == (
        "This queue is the plan of its sprint, so it is not deleted. Complete it and archive it first."
    )
    await api("PATCH", here, {"state": "completed"})
    assert "Archive it first" in (await api("DELETE", here, status=409))["message"]
    await api("PATCH", here, {"state": "archived"})
    await api("DELETE", here, status=204)
    await api("POST", "/queues/999999/restore", status=404)
    async with db.transaction() as session:
        told = await session.execute(
            text(
                "SELECT after ->> 'deleted', actor_id > 0 FROM audit_entry WHERE action = 'queue.changed' "
                "AND jsonb_exists(after, 'deleted') ORDER BY id"
            )
        )
        assert [tuple(row) for row in told] == [("true", True), ("false", True), ("true", True)]


async def test_algorithms_say_what_can_be_decided(client: httpx.AsyncClient, site: QueueSite) -> None:
    api = await person(client, Role.VIEWER)
    found = {one["name"]: one for one in await api("GET", "/queue-algorithms")}
    assert list(found) == ["round_robin", "weighted_fair", "priority", "optimal"]
    rules = {name: {rule["rule"]: rule for rule in one["rules"]} for name, one in found.items()}
    assert "gap" in rules["optimal"]
    assert "gap" not in rules["priority"]
    buffer = rules["priority"]["buffer"]
    assert (buffer["least"], buffer["most"], buffer["usual"]) == (0, 100, 0)
    manager = await person(client, Role.MANAGER)
    for number, name in enumerate(found):
        here = await begun(manager, site, name=name, options={"algorithm": name})
        made = await manager("POST", f"{here}/versions", status=201)
        assert made["summary"]["algorithm"] == name, number
        assert (made["result"]["bound"] is not None) == (name == "optimal")
