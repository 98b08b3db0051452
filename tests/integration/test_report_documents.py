"""Reports as documents over stored sprints: the numbers of REST's sprint report, the access rule, names, few queries."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.context import SiteContext
from sprintreports.jira.reads import sprint_reports, trends, velocities
from sprintreports.kit.errors import Forbidden, Invalid, NotFound
from sprintreports.metrics.sprint_report import SprintReport
from sprintreports.metrics.values import Unit
from sprintreports.reports import making
from sprintreports.reports.document.blocks import Document, DocumentKind, Facts, Paragraph, Table
from sprintreports.reports.spec import BaselineSpec, ComparisonSpec, Live, ReviewSpec, TrendSpec
from sprintreports.reports.templates.layout import Layout, OwnText, Part
from tests.integration.counting import asked
from tests.integration.jira_site import NOW, fill, make_site
from tests.unit.jira.samples import change, day, estimated, issue, moved, sprinted

SYSTEM = Viewer.system()
JOHN = Viewer(5, "John", "john@x.test", Role.VIEWER, time_zone="America/New_York", locale="de-DE")


@pytest.fixture
async def site(db_session: AsyncSession) -> SiteContext:
    made = await make_site(db_session)
    await fill(db_session, made, [
        issue(1, change(11, day(5), estimated("3", "5")), change(12, day(9), moved("1", "3")), status="3", sprints=[1],
              points=5.0, team="Backend", assignee="bob"),
        issue(2, status="2", sprints=[1, 3], points=8, team="Backend", owner="olga"),
        issue(3, change(31, day(4), sprinted([], [1])), change(32, day(7), moved("2", "3")), status="3", sprints=[1],
              points=2, team="Frontend"),
        issue(4, change(41, day(6), sprinted([1], [])), points=1, team="Frontend"),
        issue(5, status="4", sprints=[1], points=13),
        issue(7, change(71, day(46), moved("1", "3")), status="3", sprints=[3], points=4, team="Frontend"),
    ])  # fmt: skip
    return made


async def ids(session: AsyncSession, query: str) -> dict[Any, int]:
    return {row[0]: row[1] for row in await session.execute(text(query))}


async def sprint_id(session: AsyncSession, number: int) -> int:
    return (await ids(session, "SELECT jira_sprint_id, id FROM sprint ORDER BY id"))[number]


def facts(document: Document) -> dict[str, Any]:
    return {
        fact.key: fact.value
        for section in document.sections
        for block in section.blocks
        if isinstance(block, Facts)
        for fact in block.facts
    }


def table(document: Document, key: str) -> list[dict[str, Any]]:
    (found,) = (one for one in document.tables if one.key == key)
    names = [column.key for column in found.columns]
    return [dict(zip(names, row.cells, strict=True)) for row in found.rows]


def numbers(report: SprintReport, unit: Unit) -> dict[str, float]:
    totals = report.totals
    return {
        "committed": totals.initial.value(unit), "added": totals.added.value(unit),
        "removed": totals.removed.value(unit), "scope": totals.final.value(unit),
        "completed": totals.completed.value(unit), "not_completed": totals.not_completed.value(unit),
        "issues": totals.final.count, "excluded": totals.excluded,
    }  # fmt: skip


async def made(session: AsyncSession, viewer: Viewer, spec: Any, **more: Any) -> Document:
    return await making.document(session, viewer, spec, now=NOW, **more)


async def test_the_baseline_report_has_the_numbers_of_the_sprint_report(
    db_session: AsyncSession, site: SiteContext
):
    number = await sprint_id(db_session, 1)
    document = await made(db_session, SYSTEM, BaselineSpec(Live(number)))
    report = await sprint_reports.read(db_session, SYSTEM, sprint_id=number, now=NOW)
    found = facts(document)
    assert {key: found[key] for key in numbers(report, Unit.POINTS)} == numbers(report, Unit.POINTS)
    # By hand: 3 + 8 + 1 committed, 2 added, 1 removed, 1 re-estimated by 2; 5 + 2 completed.
    assert (found["committed"], found["scope"], found["completed"]) == (12, 15, 7)
    by_team = {row["team"]: (row["scope"], row["completed"]) for row in table(document, "teams")}
    assert by_team == {"Backend": (13, 5), "Frontend": (2, 2)} | (
        {"No team": (0, 0)} if "No team" in by_team else {}
    )


async def test_stakeholders_say_which_field_names_them(db_session: AsyncSession, site: SiteContext):
    document = await made(db_session, SYSTEM, BaselineSpec(Live(await sprint_id(db_session, 1))))
    rows = {row["stakeholder"]: row["named_by"] for row in table(document, "stakeholders")}
    people = await ids(db_session, "SELECT account_key, name FROM jira_person")
    assert rows[people["olga"]] == "Owner"
    assert set(rows.values()) == {"Owner", "Reporter"}


async def test_every_kind_of_report_tells_the_same_sprint_alike(db_session: AsyncSession, site: SiteContext):
    number = await sprint_id(db_session, 1)
    report = await sprint_reports.read(db_session, SYSTEM, sprint_id=number, now=NOW)
    want = numbers(report, Unit.POINTS)
    review = facts(await made(db_session, SYSTEM, ReviewSpec(number)))
    assert {key: review[key] for key in want} == want
    before = Live(number, moment=day(3.5))
    compared = facts(await made(db_session, SYSTEM, ComparisonSpec(before, Live(number))))
    assert {key: compared[key] for key in want} == want
    trend = await made(db_session, SYSTEM, TrendSpec(sprints=(number,)))
    (row,) = table(trend, "sprints")
    assert {key: row[key] for key in row.keys() & want.keys()} == {
        key: want[key] for key in row.keys() & want.keys()
    }


async def test_a_comparison_of_two_moments_names_each_change(db_session: AsyncSession, site: SiteContext):
    number = await sprint_id(db_session, 1)
    spec = ComparisonSpec(Live(number, moment=day(3.5)), Live(number))
    document = await made(db_session, SYSTEM, spec)
    assert [row["issue"].key for row in table(document, "added")] == ["APP-3"]
    assert [row["issue"].key for row in table(document, "removed")] == ["APP-4"]
    changed = {row["issue"].key: row["what"] for row in table(document, "changed")}
    assert "Story points: 3 points → 5 points" in changed["APP-1"]
    assert document.kind is DocumentKind.COMPARISON


async def test_a_trend_has_the_figures_of_the_velocity(db_session: AsyncSession, site: SiteContext):
    boards = await ids(db_session, "SELECT jira_board_id, id FROM board")
    board = boards[7]
    document = await made(db_session, SYSTEM, TrendSpec(boards=(board,), last=12))
    found = facts(document)
    want = await velocities.read(db_session, SYSTEM, board_id=board, last=12)
    assert (found["velocity_mean"], found["velocity_median"]) == (want.mean, want.median)
    assert (found["say_do"], found["churn"]) == (want.say_do_median, want.churn_median)
    assert [row["sprint"] for row in table(document, "sprints")] == [bar.name for bar in want.sprints]


async def test_a_trend_is_read_in_few_queries(db_session: AsyncSession, site: SiteContext):
    boards = await ids(db_session, "SELECT jira_board_id, id FROM board")
    with asked() as seen:
        await trends.read(db_session, SYSTEM, boards=list(boards.values()), last=26)
    assert len(seen) == 3


async def test_who_sees_one_team_is_told_of_no_other(db_session: AsyncSession, site: SiteContext):
    number = await sprint_id(db_session, 1)
    teams = await ids(db_session, "SELECT name, id FROM discipline")
    limited = Viewer(6, "Mia", "mia@x.test", Role.VIEWER, team_ids=frozenset({teams["Frontend"]}))
    for spec in (
        BaselineSpec(Live(number)),
        ReviewSpec(number),
        TrendSpec(sprints=(number,)),
        ComparisonSpec(Live(number, moment=day(3.5)), Live(number)),
    ):
        told = repr(await made(db_session, limited, spec))
        assert "Backend" not in told, spec
        assert "APP-2" not in told, spec
    with pytest.raises(NotFound):
        await made(db_session, limited, TrendSpec(sprints=(number,), teams=(teams["Backend"],)))


async def test_who_may_not_read_reports_gets_none(db_session: AsyncSession, site: SiteContext):
    number = await sprint_id(db_session, 1)
    elsewhere = Viewer(6, "Mia", "mia@x.test", Role.VIEWER, board_ids=frozenset({999_999}))
    none = Viewer(6, "Mia", "mia@x.test", Role.VIEWER, scopes=frozenset({Permission.SPRINTS_READ}))
    board = (await ids(db_session, "SELECT jira_board_id, id FROM board"))[7]
    for spec in (BaselineSpec(Live(number)), TrendSpec(boards=(board,)), TrendSpec(sprints=(number,))):
        with pytest.raises(NotFound):
            await made(db_session, elsewhere, spec)
        with pytest.raises(Forbidden):
            await made(db_session, none, spec)


async def test_a_key_for_reports_alone_is_enough(db_session: AsyncSession, site: SiteContext):
    number = await sprint_id(db_session, 1)
    key = Viewer(6, "Mia", "mia@x.test", Role.VIEWER, scopes=frozenset({Permission.REPORTS_READ}))
    for spec in (BaselineSpec(Live(number)), TrendSpec(sprints=(number,))):
        assert (await made(db_session, key, spec)).sections


async def test_bad_specs_are_refused_with_a_sentence(db_session: AsyncSession, site: SiteContext):
    number = await sprint_id(db_session, 1)
    with pytest.raises(Invalid, match="time zone"):
        await made(db_session, SYSTEM, BaselineSpec(Live(number)), zone="Mars/Phobos")
    with pytest.raises(Invalid):
        await made(db_session, SYSTEM, TrendSpec(sprints=(number,), last=0))
    with pytest.raises(Invalid):
        await made(db_session, SYSTEM, BaselineSpec(Live(number, moment=datetime(2999, 1, 1, tzinfo=UTC))))
    with pytest.raises(NotFound):
        await made(db_session, SYSTEM, TrendSpec(sprints=(number, 999_999)))
    with pytest.raises(NotFound):
        await made(db_session, SYSTEM, TrendSpec(boards=(999_999,)))
    # Sprint 3 is running.
    with pytest.raises(NotFound):
        await made(db_session, SYSTEM, TrendSpec(sprints=(await sprint_id(db_session, 3),)))


async def test_a_document_is_in_its_readers_zone_and_style(db_session: AsyncSession, site: SiteContext):
    number = await sprint_id(db_session, 1)
    own = await made(db_session, JOHN, BaselineSpec(Live(number)))
    assert (own.zone, own.locale) == ("America/New_York", "de-DE")
    other = await made(db_session, JOHN, BaselineSpec(Live(number)), zone="Asia/Tokyo", locale="en-US")
    assert (other.zone, other.locale) == ("Asia/Tokyo", "en-US")
    assert facts(own) == facts(other)


async def test_a_sprint_that_has_not_started_has_a_plan_and_no_commitment(
    db_session: AsyncSession, site: SiteContext
):
    number = (
        await ids(db_session, "SELECT jira_sprint_id, id FROM sprint WHERE state = 'future'")
    ).popitem()[1]
    found = facts(await made(db_session, SYSTEM, BaselineSpec(Live(number))))
    assert "scope" in found
    assert "committed" not in found


async def test_a_template_orders_hides_and_speaks(db_session: AsyncSession, site: SiteContext):
    layout = Layout(
        (
            OwnText("For {{ board.name }}", "{{ sprint.name }} completed {{ facts.completed }}."),
            Part("stakeholders", hidden=("stakeholders_chart",)),
            Part("queue"),
            Part("overview", title="Figures"),
        ),
        title="Review of {{ sprint.name | upper }}",
    )
    number = await sprint_id(db_session, 1)
    document = await made(db_session, SYSTEM, BaselineSpec(Live(number)), layout=layout)
    assert [section.key for section in document.sections] == ["text_1", "stakeholders", "overview"]
    (paragraph,) = document.sections[0].blocks
    assert isinstance(paragraph, Paragraph)
    assert paragraph.text.endswith("completed 7 points.")
    (block,) = document.sections[1].blocks
    assert isinstance(block, Table)
    name = (await sprint_reports.read(db_session, SYSTEM, sprint_id=number, now=NOW)).sprint_name
    assert document.title == f"Review of {name.upper()}"
