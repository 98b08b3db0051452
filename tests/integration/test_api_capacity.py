"""Capacity over REST: the figures of docs/capacity.md's definitions, set by hand, copied, tried; who sees what."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from sprintreports.identity.permissions import Role
from sprintreports.kit import db
from tests.integration.planning_site import PlanningSite
from tests.integration.planning_support import Api, asking, person
from tests.integration.test_planning_capacity import QA, WEB, planned


@dataclass(frozen=True, slots=True)
class Ground:
    """Ada is half in QA, half in Web; Bela is in QA. Sprint 3 runs, Sprint 1 tells QA's rate."""

    client: httpx.AsyncClient
    api: Api
    site: PlanningSite
    teams: dict[str, int]
    people: dict[str, int]

    def of(self, sprint: int, team: str = "") -> str:
        path = f"/sprints/{self.site.sprints[sprint]}"
        return f"{path}/teams/{self.teams[team]}" if team else path


@pytest_asyncio.fixture
async def ground(pg_url: str) -> AsyncIterator[Ground]:
    async with db.transaction() as session:
        site, teams, people = await planned(session)
    async with asking() as client:
        yield Ground(client, await person(client, Role.MANAGER), site, teams, people)


async def test_the_table_has_what_each_team_can_do_holds_and_did(ground: Ground) -> None:
    api, ada = ground.api, ground.people["ada"]
    body = {"person_id": ada, "first_day": "2025-04-21", "last_day": "2025-04-22"}
    await api("POST", "/absences", body, status=201)
    days = f"/teams/{ground.teams[QA]}/days-off?since=2025-01-01"
    await api("PUT", days, {"days_off": [{"first_day": "2025-04-30"}]})
    table = await api("GET", f"{ground.of(3)}/capacity")
    assert [column["name"] for column in table["sprints"]] == ["Sprint 1", "Sprint 2", "Sprint 3", "Sprint 4"]
    assert [column["state"] for column in table["sprints"]] == ["closed", "closed", "active", "future"]
    assert [line["team_name"] for line in table["teams"]] == [QA, WEB]
    first, _, third, _ = table["teams"][0]["cells"]
    assert (first["days"], first["committed"], first["done"]) == (16.5, 11, 8)
    assert (first["outcome"], first["amount"], first["utilisation"]) == ("no_rate", None, None)
    assert "rate" in first["message"]
    # Ten working days less the team's one; Ada's two days away are one of hers here (test_planning_capacity.py).
    assert (third["days"], third["committed"], third["message"]) == (12.5, 3, "")
    assert third["amount"] == pytest.approx(12.5 * 8 / 16.5, abs=1e-6)
    assert third["remaining"] == pytest.approx(third["amount"] - 3, abs=1e-6)
    assert third["utilisation"] == pytest.approx(3 / third["amount"], abs=1e-6)
    homeless = table["sprints"][2]["without_team"]
    assert [(one["discipline_id"], one["holds"]["points"]) for one in homeless] == [(None, 2)]

    one = await api("GET", f"{ground.of(3, QA)}/capacity")
    assert {name: one[name] for name in third} == third
    by_person = {member["person_id"]: member for member in one["members"]}
    assert (by_person[ada]["possible"], by_person[ada]["absent"], by_person[ada]["share"]) == (4.5, 1, 50)
    assert by_person[ground.people["bela"]]["hours"] == pytest.approx(9 * 8 * 0.8)
    assert [(past["name"], past["days"], past["completed"]) for past in one["rests_on"]] == [
        ("Sprint 1", 16.5, 8)
    ]
    assert one["check"]["velocity"] == 8
    narrow = await api("GET", f"{ground.of(3)}/capacity?past=0&coming=1")
    assert [column["name"] for column in narrow["sprints"]] == ["Sprint 3", "Sprint 4"]
    for query in ("past=27", "coming=-1", "past=x"):
        await api("GET", f"{ground.of(3)}/capacity?{query}", status=422)
    await api("GET", "/sprints/999999/capacity", status=404)
    await api("GET", f"{ground.of(3)}/teams/999999/capacity", status=404)
    await api("GET", f"{ground.of(3)}/capacity?board=999999", status=404)


async def test_a_figure_by_hand_has_a_reason_and_a_history(ground: Ground) -> None:
    api, here = ground.api, f"{ground.of(3, QA)}/capacity-overrides"
    body = {"measure": "days", "value": 8, "person_id": ground.people["bela"], "reason": "Training."}
    first = await api("POST", here, body, status=201)
    assert (first["value"], first["reason"], first["ended_at"]) == (8, "Training.", None)
    shown = await api("GET", f"{ground.of(3, QA)}/capacity")
    assert next(one for one in shown["members"] if one["overridden"])["days"] == 8
    late = body | {"value": 6}
    assert (await api("POST", here, late, status=409))["code"] == "CONFLICT"
    second = await api("POST", here, late | {"replaces": first["id"]}, status=201)
    listing = f"{ground.of(3)}/capacity-overrides"
    assert [one["id"] for one in await api("GET", listing)] == [second["id"]]
    history = await api("GET", f"{listing}?history=true&team={ground.teams[QA]}")
    assert [(one["value"], one["ended_at"] is None) for one in history] == [(8, False), (6, True)]
    assert await api("GET", f"{listing}?history=true&team={ground.teams[WEB]}") == []
    await api("DELETE", f"{here}/{first['id']}", status=409)
    await api("DELETE", f"{here}/{second['id']}", status=204)
    assert await api("GET", listing) == []
    assert len(await api("GET", f"{listing}?history=true")) == 2
    async with db.transaction() as session:
        query = "SELECT u.email FROM audit_entry a JOIN user_account u ON u.id = a.actor_id WHERE action = 'capacity.changed'"
        assert list(await session.scalars(text(query))) == ["manager@example.org"] * 3


async def test_a_figure_that_cannot_be_is_refused_by_field(ground: Ground) -> None:
    path = f"{ground.of(3, QA)}/capacity-overrides"
    for body, fields in (
        ({"measure": "days", "value": 8, "reason": " "}, {"reason"}),
        ({"measure": "days", "value": -1, "reason": "x"}, {"value"}),
        ({"measure": "focus", "value": 101, "reason": "x"}, {"value"}),
        ({"measure": "share", "value": 50, "reason": "x"}, {"person_id"}),
        ({"measure": "rate", "value": 1, "person_id": 1, "reason": "x"}, {"person_id"}),
        ({"measure": "days", "value": 1, "person_id": 999_999, "reason": "x"}, {"person_id"}),
        ({"measure": "mood", "value": 1, "reason": "x"}, {"measure"}),
        ({"measure": "days", "value": 1}, {"reason"}),
    ):
        assert await ground.api.refused("POST", path, body) == fields, body
    nowhere = f"/sprints/999999/teams/{ground.teams[QA]}/capacity-overrides"
    await ground.api("POST", nowhere, {"measure": "days", "value": 1, "reason": "x"}, status=404)


async def test_rates_are_copied_from_the_last_sprint_and_days_never(ground: Ground) -> None:
    api, bela = ground.api, ground.people["bela"]
    for sprint, body in (
        (1, {"measure": "rate", "value": 2}),
        (2, {"measure": "focus", "value": 70}),
        (2, {"measure": "hours", "value": 6, "person_id": bela}),
        (2, {"measure": "days", "value": 5}),
    ):
        path = f"{ground.of(sprint, QA)}/capacity-overrides"
        await api("POST", path, body | {"reason": "As agreed."}, status=201)
    path = f"{ground.of(3, QA)}/capacity-overrides/copy"
    assert await api("POST", path) == {"from_sprint_id": ground.site.sprints[2], "copied": 2}
    assert (await api("POST", path))["copied"] == 0  # what is there stays
    assert (await api("POST", path, {"from_sprint_id": ground.site.sprints[1]}))["copied"] == 1
    found = await api("GET", f"{ground.of(3)}/capacity-overrides?sort=measure")
    assert [(one["measure"], one["value"], one["person_id"]) for one in found] == [
        ("focus", 70, None), ("hours", 6, bela), ("rate", 2, None),
    ]  # fmt: skip
    # While a sprint runs it is the last one of the next: in the table, and where its rates go along.
    assert await api("POST", f"{ground.of(4, QA)}/capacity-overrides/copy") == {
        "from_sprint_id": ground.site.sprints[3],
        "copied": 3,
    }
    coming = await api("GET", f"{ground.of(4)}/capacity?past=1")
    assert [column["name"] for column in coming["sprints"]] == ["Sprint 3", "Sprint 4"]
    first = f"{ground.of(1, QA)}/capacity-overrides/copy"
    assert await api.refused("POST", first) == {"from_sprint_id"}
    await api("POST", first, {"from_sprint_id": ground.site.sprints[1]}, status=422)
    await api("POST", first, {"from_sprint_id": 999_999}, status=404)


async def test_what_if_is_computed_and_stored_nowhere(ground: Ground) -> None:
    ada, bela = ground.people["ada"], ground.people["bela"]
    viewer = await person(ground.client, Role.VIEWER)
    path = f"{ground.of(3, QA)}/what-if"
    before = await viewer("GET", f"{ground.of(3, QA)}/capacity")
    away = {"person_id": ada, "first_day": "2025-04-28", "last_day": "2025-04-30"}
    told = await viewer("POST", path, {"away": [away, away | {"part": "morning"}]})
    assert told["before"] == before
    assert (told["days"], told["after"]["days"]) == (-1.5, before["days"] - 1.5)
    assert told["amount"] == pytest.approx(-1.5 * 8 / 16.5, abs=1e-6)

    joined = {"name": "Grace", "share": 50, "hours_per_day": 6}
    more = await viewer("POST", path, {"joined": [joined], "left": [bela]})
    assert more["days"] == 5 - 10
    assert {member["person_id"] for member in more["after"]["members"]} == {ada, -1}
    figure = await viewer("POST", path, {"figures": [{"measure": "amount", "value": 30}]})
    assert (figure["after"]["amount"], figure["days"]) == (30, 0)
    assert figure["after"]["overridden"] == ["amount"]
    assert (await viewer("POST", path, {}))["amount"] == 0
    assert await viewer("GET", f"{ground.of(3, QA)}/capacity") == before

    for body, fields in (
        ({"left": [999_999], "there": [999_999]}, {"left.0", "there.0"}),
        ({"away": [away | {"last_day": "2025-04-01"}]}, {"away.0.last_day"}),
        ({"joined": [{"since": "2025-05-01", "until": "2025-04-01"}]}, {"joined.0.until"}),
        ({"figures": [{"measure": "hours", "value": 25, "person_id": ada}]}, {"figures.0.value"}),
        ({"figures": [{"measure": "share", "value": 5}]}, {"figures.0.person_id"}),
        ({"weather": "fine"}, {"weather"}),
    ):
        assert await viewer.refused("POST", path, body) == fields


async def test_a_sprint_without_dates_says_what_to_do(ground: Ground) -> None:
    async with db.transaction() as session:
        query = "UPDATE sprint SET start_date = NULL, end_date = NULL WHERE id = :id"
        await session.execute(text(query), {"id": ground.site.sprints[4]})
    found = await ground.api("GET", f"{ground.of(4, QA)}/capacity")
    assert (found["outcome"], found["amount"], found["remaining"]) == ("no_dates", None, None)
    assert "Jira" in found["message"]
    table = await ground.api("GET", f"{ground.of(3)}/capacity")
    assert [cell["outcome"] for cell in table["teams"][0]["cells"][2:]] == ["ready", "no_dates"]
    assert table["sprints"][3]["start"] is None


async def test_a_slice_shows_and_changes_its_own_team_alone(ground: Ground) -> None:
    mia = await person(ground.client, Role.MANAGER, teams=[ground.site.values[QA]])
    table = await mia("GET", f"{ground.of(3)}/capacity")
    assert [line["team_name"] for line in table["teams"]] == [QA]
    assert [column["without_team"] for column in table["sprints"]] == [[], [], [], []]
    body = {"measure": "focus", "value": 70, "reason": "An audit."}
    await mia("POST", f"{ground.of(3, QA)}/capacity-overrides", body, status=201)
    for method, path, sent in (
        ("GET", f"{ground.of(3, WEB)}/capacity", None),
        ("POST", f"{ground.of(3, WEB)}/what-if", {}),
        ("POST", f"{ground.of(3, WEB)}/capacity-overrides", body),
        ("POST", f"{ground.of(3, WEB)}/capacity-overrides/copy", None),
        ("GET", f"{ground.of(3)}/capacity-overrides?team={ground.teams[WEB]}", None),
    ):
        await mia(method, path, sent, status=404)
    viewer = await person(ground.client, Role.VIEWER)
    await viewer("POST", f"{ground.of(3, QA)}/capacity-overrides", body, status=403)
