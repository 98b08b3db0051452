"""What was forecast, in reports over stored sprints: worked out in the head, for whole boards and for who sees one team."""

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.context import SiteContext
from sprintreports.jira.reads import forecasts
from sprintreports.kit import db
from sprintreports.metrics.values import Unit
from sprintreports.reports import making
from sprintreports.reports.document.blocks import Document, Notice, Paragraph
from sprintreports.reports.spec import BaselineSpec, Live, ReviewSpec
from tests.integration.planning_support import asking, person
from tests.integration.steady_site import CLOSED_SPRINTS, SPRINT, at, synced
from tests.integration.test_report_documents import facts, ids, table

SYSTEM = Viewer.system()
CLOSED = at(SPRINT, 4, 20)
COLUMNS = ("when", "completed", "remaining", "days_left", "chance", "at_least_50", "at_least_85", "happened")
LESS = "Less was finished than told with 85 %."


async def site_at(session: AsyncSession, now: Any) -> tuple[SiteContext, int]:
    site = await synced(session, now)
    sprint = await ids(session, "SELECT jira_sprint_id, id FROM sprint ORDER BY id")
    return site, sprint[10 + SPRINT]


async def viewer_of(session: AsyncSession, team: str) -> Viewer:
    teams = await ids(session, "SELECT name, id FROM discipline")
    return Viewer(6, "Mia", "mia@x.test", Role.VIEWER, team_ids=frozenset({teams[team]}))


def section(document: Document, key: str) -> list[Any]:
    return [block for one in document.sections if one.key == key for block in one.blocks]


def days(document: Document) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in COLUMNS) for row in table(document, "forecast_table")]


async def test_the_review_tells_what_was_forecast_and_what_happened(db_session: AsyncSession):
    _, sprint = await site_at(db_session, CLOSED)
    document = await making.document(db_session, SYSTEM, ReviewSpec(sprint), now=CLOSED)
    # Three points a day, without exception, until Wednesday: five days do 15, and each day that is left 3.
    assert days(document) == [
        ("At the start", 0, 15, 5, 0.95, 15, 15, LESS),
        ("After 1 of 5 working days", 3, 12, 4, 0.95, 15, 15, LESS),
        ("After 2 of 5 working days", 6, 9, 3, 0.95, 15, 15, LESS),
        ("After 3 of 5 working days", 9, 6, 2, 0.95, 15, 15, LESS),
        # Thursday brought nothing, and one day is not enough for 6 points, whichever it is like.
        ("After 4 of 5 working days", 9, 6, 1, 0.0, 12, 12, LESS),
    ]
    (told,) = (block for block in section(document, "forecast") if isinstance(block, Paragraph))
    assert told.text.split("\n") == [
        "After 3 of 5 working days the chance was told as more than 95 %, with 85 % certainty of at least 15 points.",
        "6 points were left over at the planned end.",
        "95 % stands for anything above it: no chance is told as more certain.",
    ]
    found = facts(document)
    assert (found["forecast_chance"], found["forecast_sure"], found["forecast_completed"]) == (0.95, 15, 9)


async def test_a_hit_rate_is_that_of_the_sprints_before(db_session: AsyncSession):
    """Of four closed sprints the last one alone had three before it; what it was told came true each time."""
    _, sprint = await site_at(db_session, CLOSED)
    document = await making.document(db_session, SYSTEM, ReviewSpec(sprint), now=CLOSED)
    rows = table(document, "hit_rate")
    assert {row["certainty"] for row in rows} == {0.5, 0.7, 0.85, 0.95}
    assert {(row["hits"] == row["forecasts"], row["share"], row["loss"]) for row in rows} == {
        (True, 1.0, 0.0)
    }
    (hits,) = (one for one in document.tables if one.key == "hit_rate")
    # Chances of 95 % that came true are off by 0.05 each.
    assert "4 came true. Brier score of the chances: 0.003" in hits.reading
    found = await forecasts.read(db_session, SYSTEM, sprint_id=sprint, now=CLOSED)
    assert found.hit_rate is not None
    assert found.hit_rate.sprints == CLOSED_SPRINTS - 3
    assert found.hit_rate.brier == pytest.approx(0.0025)


async def test_who_sees_one_team_is_told_its_forecast(db_session: AsyncSession):
    _, sprint = await site_at(db_session, CLOSED)
    limited = await viewer_of(db_session, "Backend")
    document = await making.document(db_session, limited, ReviewSpec(sprint), now=CLOSED)
    assert [row[1:7] for row in days(document)] == [
        (0, 10, 5, 0.95, 10, 10), (2, 8, 4, 0.95, 10, 10), (4, 6, 3, 0.95, 10, 10), (6, 4, 2, 0.95, 10, 10), (6, 4, 1, 0.0, 8, 8),
    ]  # fmt: skip
    assert "Frontend" not in repr(document)


@pytest.mark.parametrize("unit", [None, *Unit])
@pytest.mark.parametrize("team", [None, "Backend", "Frontend"])
async def test_the_numbers_are_those_of_the_read_for_the_same_viewer(
    db_session: AsyncSession, unit: Unit | None, team: str | None
):
    _, sprint = await site_at(db_session, CLOSED)
    viewer = SYSTEM if team is None else await viewer_of(db_session, team)
    document = await making.document(db_session, viewer, ReviewSpec(sprint, unit=unit), now=CLOSED)
    found = await forecasts.read(db_session, viewer, sprint_id=sprint, unit=unit, now=CLOSED)
    if unit is Unit.HOURS:
        # Nobody estimated time: nothing is told, and why.
        assert [block.text for block in section(document, "forecast")] == [found.missing]
        return
    share = 1000 if found.unit is Unit.POINTS else 1
    assert [row[1:7] for row in days(document)] == [
        (
            one.completed / share, one.remaining / share, one.days_left, one.finish,
            *(dict(one.percentiles)[certainty] / share for certainty in (50, 85)),
        )
        for one in found.given
    ]  # fmt: skip


async def test_the_numbers_are_those_of_rest_for_the_same_viewer(pg_url: str):
    async with db.transaction() as session:
        _, sprint = await site_at(session, CLOSED)
        teams = await ids(session, "SELECT name, id FROM discipline")
    async with asking() as client:
        for allowed in (None, [teams["Backend"]]):
            ask = await person(client, Role.VIEWER, teams=allowed)
            rest = await ask("GET", f"/sprints/{sprint}/forecast")
            spec = {"kind": "review", "sprint_id": sprint}
            document = await ask("POST", "/report-documents", {"spec": spec})
            (part,) = (one for one in document["sections"] if one["key"] == "forecast")
            blocks = {block.get("key", block["block"]): block for block in part["blocks"]}
            table = blocks["forecast_chart"]["table"]
            keys = [column["key"] for column in table["columns"]]
            shown = [dict(zip(keys, row["cells"], strict=True)) for row in table["rows"]]
            assert len(shown) == len(rest["given"]) == 5
            for row, told in zip(shown, rest["given"], strict=True):
                sure = {one["certainty"]: one["completed"] for one in told["percentiles"]}
                assert (row["at_least_50"], row["at_least_85"]) == (sure[50], sure[85])
                assert [row[key] for key in ("day", "completed", "remaining", "days_left", "chance")] == [
                    told[key] for key in ("day", "completed", "remaining", "days_left", "finish")
                ]
            figures = {fact["key"]: fact["value"] for fact in blocks["forecast_figures"]["facts"]}
            assert figures["forecast_completed"] == rest["outcome"]["completed"]
            hits = [(round(row["cells"][0] * 100), *row["cells"][2:]) for row in blocks["hit_rate"]["rows"]]
            assert hits == [
                (one["certainty"], one["came_true"], one["coverage"], one["pinball"])
                for one in rest["hit_rate"]["certainties"]
            ]


async def test_too_little_is_known_and_said_to_be(db_session: AsyncSession):
    """The third sprint has two before it."""
    await site_at(db_session, CLOSED)
    third = (await ids(db_session, "SELECT jira_sprint_id, id FROM sprint"))[13]
    document = await making.document(db_session, SYSTEM, ReviewSpec(third), now=CLOSED)
    (notice,) = section(document, "forecast")
    assert isinstance(notice, Notice)
    assert "There are 2" in notice.text


async def test_a_running_sprint_says_how_likely_it_is_and_its_past_does_not(db_session: AsyncSession):
    now = at(SPRINT, 2, 20)
    _, sprint = await site_at(db_session, now)

    async def overview(spec: Any, viewer: Viewer = SYSTEM) -> str:
        document = await making.document(db_session, viewer, spec, now=now)
        return "".join(block.text for block in section(document, "overview") if isinstance(block, Paragraph))

    # Wednesday evening: the day still runs, and has brought its three points.
    told = await overview(BaselineSpec(Live(sprint)))
    assert "More than 95 % likely to finish by Friday" in told
    assert "at least 15 of 15 points" in told
    assert "at least 10 of 10 points" in await overview(
        BaselineSpec(Live(sprint)), await viewer_of(db_session, "Backend")
    )
    assert "likely" not in await overview(BaselineSpec(Live(sprint, moment=at(SPRINT, 1))))


async def test_a_closed_sprint_has_no_chance_any_more(db_session: AsyncSession):
    _, sprint = await site_at(db_session, CLOSED)
    document = await making.document(db_session, SYSTEM, BaselineSpec(Live(sprint)), now=CLOSED)
    assert "likely" not in repr(section(document, "overview"))


async def test_a_key_for_reports_alone_is_enough(db_session: AsyncSession):
    _, sprint = await site_at(db_session, CLOSED)
    key = Viewer(6, "Mia", "mia@x.test", Role.VIEWER, scopes=frozenset({Permission.REPORTS_READ}))
    assert days(await making.document(db_session, key, ReviewSpec(sprint), now=CLOSED))


async def test_before_the_start_nothing_is_told(db_session: AsyncSession):
    now = at(SPRINT, 0, 8)
    _, sprint = await site_at(db_session, now)
    document = await making.document(db_session, SYSTEM, ReviewSpec(sprint), now=now)
    (notice,) = section(document, "forecast")
    assert isinstance(notice, Notice)
