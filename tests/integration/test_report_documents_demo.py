"""The demo company: for many sprints, every report has the numbers that REST's sprint report has."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from sqlalchemy import text

from sprintreports.demo.testing import running_demo
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, db
from sprintreports.metrics.values import Unit
from sprintreports.reports import making
from sprintreports.reports.document.blocks import Document
from sprintreports.reports.spec import BaselineSpec, ComparisonSpec, Live, ReviewSpec, Spec, TrendSpec
from tests.integration.planning_support import Api, asking, person
from tests.integration.sync_support import connected, connection, synced
from tests.integration.test_report_documents import facts, table

SYSTEM = Viewer.system()
_SPRINTS = """
SELECT s.id, s.name, s.state, b.id, b.unit FROM sprint s JOIN board_sprint l USING (site_id, jira_sprint_id)
JOIN board b ON b.site_id = l.site_id AND b.jira_board_id = l.jira_board_id
WHERE b.jira_board_id = s.origin_board_id AND b.selected AND s.state IN ('active', 'closed')
ORDER BY s.state, s.complete_date DESC NULLS LAST, s.id LIMIT 14
"""
# Facts of reports by the names of REST's totals.
NAMES = {
    "committed": "initial", "added": "added", "removed": "removed", "scope": "final", "completed": "completed",
    "not_completed": "not_completed",
}  # fmt: skip
DIMENSIONS = ("types", "statuses", "priorities", "teams", "stakeholders")


@pytest_asyncio.fixture
async def company(pg_url: str) -> AsyncIterator[str]:
    with running_demo(scale=0.1) as demo:
        site_id = await connected(connection(demo))
        outcome = await synced(site_id)
        assert (outcome.end, outcome.error) == ("done", None)
    yield pg_url


async def document(spec: Spec) -> Document:
    async with db.transaction() as session:
        return await making.document(session, SYSTEM, spec, now=clock.now())


async def test_every_report_has_the_numbers_of_rest(company: str):
    async with db.transaction() as session:
        found = [tuple(row) for row in await session.execute(text(_SPRINTS))]
    assert {state for _, _, state, _, _ in found} == {"active", "closed"}
    async with asking() as client:
        ask = await person(client, Role.VIEWER)
        for sprint, name, state, board, unit in found:
            rest = await ask("GET", f"/sprints/{sprint}/report?board={board}")
            want = {fact: rest["totals"][key][unit] for fact, key in NAMES.items()}
            await the_baseline_report(sprint, board, rest, want, Unit(unit))
            for spec in (ReviewSpec(sprint, board), ComparisonSpec(Live(sprint, board), Live(sprint, board))):
                told = facts(await document(spec))
                assert {key: told[key] for key in want} == want, (name, spec)
            if state == "closed":
                (row,) = table(await document(TrendSpec((board,), (sprint,))), "sprints")
                assert {key: row[key] for key in row.keys() & want.keys()} == {key: want[key] for key in row.keys() & want.keys()}  # fmt: skip
                assert row["say_do"] == ratio(want["completed"], want["committed"]), name
        await the_trend_of_a_board(ask, found[-1][3])


async def the_baseline_report(
    sprint: int, board: int, rest: Any, want: dict[str, float | None], unit: Unit
) -> None:
    told = await document(BaselineSpec(Live(sprint, board)))
    found = facts(told)
    assert {key: found[key] for key in want} == want
    assert found["issues"] == rest["totals"]["final"]["count"]
    for dimension in DIMENSIONS:
        rows = {row["label"]: row for row in table(told, f"{dimension}_table")}
        assert rows.keys() == {part["label"] for part in rest[dimension]}
        for part in rest[dimension]:
            row, totals = rows[part["label"]], part["totals"]
            assert row["issues"] == totals["final"]["count"]
            for name in ("completed", "not_completed", "removed"):
                assert row[name] == totals[name][unit.value], (dimension, part["label"], name)
    assert sum(row["issues"] for row in table(told, "stakeholders")) == rest["totals"]["final"]["count"]
    course = table(told, "burndown_table")
    if course:
        assert (course[-1]["scope"], course[-1]["done"]) == (want["scope"] or 0, want["completed"] or 0)


async def the_trend_of_a_board(ask: Api, board: int) -> None:
    rest = await ask("GET", f"/boards/{board}/velocity?last=12")
    told = facts(await document(TrendSpec((board,), last=12)))
    assert (told["velocity_mean"], told["velocity_median"]) == (rest["mean"], rest["median"])


def ratio(done: float | None, committed: float | None) -> float | None:
    return (done or 0) / committed if committed else None
