"""The demo company's baselines: frozen once, each what its sprint began or ended with, ready to be compared."""

from __future__ import annotations

from sprintreports.cli import demo_reports
from sprintreports.demo.testing import running_demo
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import sprint_reports
from sprintreports.kit import clock, db
from sprintreports.reports import making
from sprintreports.reports.baselines import ledger, removing
from sprintreports.reports.baselines.ledger import Reason
from sprintreports.reports.spec import BaselineSpec, ComparisonSpec, Frozen
from tests.integration.sync_support import connected, connection, synced
from tests.integration.test_report_documents import facts

SYSTEM = Viewer.system()


async def test_baselines_are_frozen_once_and_are_what_the_sprints_were(pg_url: str):
    with running_demo(scale=0.1) as demo:
        site_id = await connected(connection(demo))
        assert (await synced(site_id)).end == "done"
    assert await demo_reports.ensure(site_id)
    assert not await demo_reports.ensure(site_id)
    async with db.transaction() as session:
        found = (await ledger.listing(session, SYSTEM, per_page=100)).items
        closes = {one.sprint_id: one for one in found if one.reason is Reason.CLOSE}
        starts = {one.sprint_id: one for one in found if one.reason is Reason.START}
        assert closes
        assert closes.keys() < starts.keys(), "running sprints have a start alone"
        now = clock.now()
        for sprint, close in list(closes.items())[:3]:
            report = await sprint_reports.read(
                session, SYSTEM, sprint_id=sprint, board_id=close.board_id, now=now
            )
            before = facts(
                await making.document(session, SYSTEM, BaselineSpec(Frozen(starts[sprint].id)), now=now)
            )
            spec = ComparisonSpec(Frozen(starts[sprint].id), Frozen(close.id))
            after = facts(await making.document(session, SYSTEM, spec, now=now))
            unit = close.figures.unit if close.figures else None
            assert unit
            # What a sprint starts with is its commitment; what it ends with is its report.
            assert (
                before["scope"]
                == before["committed"]
                == after["committed"]
                == report.totals.initial.value(unit)
            )
            assert after["scope"] == report.totals.final.value(unit)
            assert after["scope_change"] == after["scope"] - before["scope"]
        document = await making.document(session, SYSTEM, BaselineSpec(Frozen(found[0].id)), now=now)
        assert any(found[0].digest in sentence for sentence in document.basis)
        for one in found:
            await removing.delete(session, SYSTEM, one.id, now=now)
    assert not await demo_reports.ensure(site_id), "whoever deleted them does not get them back"
