"""What was planned is in a sprint's state: the teams' capacity, and the queue that was active at the moment."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.metrics.values import Unit
from sprintreports.planning.queue.generate import generate
from sprintreports.planning.queue.options import Options, PinIssue
from sprintreports.planning.queue.results import Side
from sprintreports.planning.queue.values import Scheduling, Timing
from sprintreports.planning.queues import drafts, states, versions
from sprintreports.planning.queues.fingerprints import fingerprint
from sprintreports.planning.queues.tables import QueueState
from sprintreports.reports.baselines import automatic, ledger, reading, rules
from sprintreports.reports.baselines.rules import Rule
from sprintreports.reports.baselines.tables import EVERYWHERE, Reason
from sprintreports.reports.gathering import as_of, live
from sprintreports.reports.snapshot import QueueLine, SnapshotCapacity
from tests.integration.jira_site import NOW
from tests.integration.planning_site import ADMIN
from tests.integration.queue_site import QA, WEB, QueueSite, inputs_of, queue_site
from tests.integration.test_planning_queues import begun, kept

HOUR = timedelta(hours=1)


@pytest.fixture
async def site(db_session: AsyncSession) -> QueueSite:
    return await queue_site(db_session)


async def test_the_capacity_is_that_of_the_plan(db_session: AsyncSession, site: QueueSite):
    found = await live(db_session, ADMIN, sprint_id=site.sprints[3], now=NOW)
    assert found.unit is Unit.POINTS
    by_name = {one.name: one for one in found.capacity}
    # Set by hand in `queue_site`: 6 and 5 points; Bela alone is in QA, ten working days at full time.
    assert by_name[QA].amount == 6_000
    assert by_name[QA].disciplines == (site.values[QA],)
    assert by_name[QA].basis == "The amount was set by hand for this sprint."
    assert by_name[QA].person_days > 0
    assert by_name[WEB] == SnapshotCapacity(
        WEB, (site.values[WEB],), 0, 0, 5_000, "The amount was set by hand for this sprint."
    )
    mine = found.for_teams({site.values[WEB]})
    assert [one.name for one in mine.capacity] == [WEB]


async def test_the_queue_is_the_one_that_was_active_then(db_session: AsyncSession, site: QueueSite):
    sprint = site.sprints[3]
    queue = await begun(db_session, site, "Plan of Monday", Options(algorithm="priority"))
    await kept(db_session, site, queue.id)
    assert (await live(db_session, ADMIN, sprint_id=sprint, now=NOW)).queue is None
    await states.become(db_session, ADMIN, queue.id, QueueState.ACTIVE, now=NOW)
    found = (await live(db_session, ADMIN, sprint_id=sprint, now=NOW)).queue
    assert found is not None
    assert (found.queue_id, found.version, found.name, found.algorithm) == (
        queue.id, 1, "Plan of Monday", "priority",
    )  # fmt: skip
    stored = (await versions.read(db_session, ADMIN, queue.id)).queue
    inside = {
        (one.issue, one.position, one.place)
        for team in stored.teams
        for one in team.placements
        if one.side is Side.IN
    }
    assert {(one.issue, one.position, one.place) for one in found.lines if one.position} == inside
    outside = [one for one in found.lines if one.position is None]
    assert outside
    assert all(one.reason and one.place is None and one.round is None for one in outside)
    # Nobody is named: who is erased changes no byte.
    assert not any("Name of" in one.reason for one in found.lines)

    asked = {"sprint_id": sprint, "now": NOW + 9 * HOUR}
    before = await as_of(db_session, ADMIN, moment=NOW - HOUR, **asked)
    assert before.queue is None
    await drafts.apply(
        db_session, ADMIN, queue.id, [PinIssue(12, 1)], seen=0, token="pin", now=NOW + 2 * HOUR
    )
    await kept(db_session, site, queue.id, now=NOW + 2 * HOUR)
    await states.become(db_session, ADMIN, queue.id, QueueState.COMPLETED, now=NOW + 4 * HOUR)
    for hours, version in ((1, 1), (3, 2), (5, None)):
        then = (await as_of(db_session, ADMIN, moment=NOW + hours * HOUR, **asked)).queue
        assert (then and then.version) == version


async def test_what_is_tied_to_a_time_has_its_times(db_session: AsyncSession, site: QueueSite):
    """By hand or by Jira's fields; what is put aside happens at no time, whatever is set for it."""
    window = Timing(Scheduling.HARD, NOW + HOUR, NOW + 3 * HOUR)
    due = Timing(Scheduling.SOFT, None, NOW + 30 * HOUR)
    queue = await begun(
        db_session, site, "Plan", Options(algorithm="priority", timings={10: window, 15: due})
    )
    found = await inputs_of(db_session, site)
    said = [replace(one, timing=due) if one.issue == 11 else one for one in found.inputs.candidates]
    draft = await drafts.read(db_session, ADMIN, queue.id)
    planned = generate(replace(found.inputs, candidates=tuple(said)), draft.options)
    assert {one.issue: one.side for team in planned.teams for one in team.placements}[15] is Side.ASIDE
    await versions.keep(
        db_session, ADMIN, queue.id, planned, head=draft.info.head, note="", now=NOW,
        fingerprint=fingerprint(found.inputs), sources=draft.info.sources,
    )  # fmt: skip
    await states.become(db_session, ADMIN, queue.id, QueueState.ACTIVE, now=NOW)
    made = (await live(db_session, ADMIN, sprint_id=site.sprints[3], now=NOW)).queue
    assert made is not None
    times = {one.issue: (one.scheduling, one.start, one.end) for one in made.lines}
    assert times[10] == ("hard", window.start, window.end)
    assert times[11] == ("soft", None, due.end)
    assert times[15] == ("soft", None, None)
    assert {times[issue] for issue in times.keys() - {10, 11, 15}} == {("flexible", None, None)}


async def test_a_rule_keeps_the_sprint_as_it_was_planned(db_session: AsyncSession, site: QueueSite):
    await db_session.execute(text("DELETE FROM baseline_rule"))
    await rules.put(db_session, ADMIN, EVERYWHERE, Rule(at_planning=True), now=NOW - HOUR)
    queue = await begun(db_session, site, "Plan", Options(algorithm="priority"))
    await kept(db_session, site, queue.id)
    await states.become(db_session, ADMIN, queue.id, QueueState.ACTIVE, now=NOW)
    (due,) = await automatic.due(db_session, now=NOW + HOUR)
    assert (due.reason, due.moment, due.sprint_id) == (Reason.PLANNING, NOW, site.sprints[3])
    assert await automatic.take(db_session, due, now=NOW + HOUR)
    (made,) = (await ledger.listing(db_session, ADMIN, reason=Reason.PLANNING)).items
    found = (await reading.read(db_session, ADMIN, made.id)).snapshot
    assert found.queue is not None
    assert (found.moment, found.queue.queue_id) == (NOW, queue.id)


async def test_a_slice_of_the_queue_names_no_other_team(db_session: AsyncSession, site: QueueSite):
    queue = await begun(db_session, site, "Plan", Options(algorithm="round_robin"))
    await kept(db_session, site, queue.id)
    await states.become(db_session, ADMIN, queue.id, QueueState.ACTIVE, now=NOW)
    whole = await live(db_session, ADMIN, sprint_id=site.sprints[3], now=NOW)
    assert whole.queue is not None
    mine = whole.for_teams({site.values[QA]}).queue
    assert mine is not None
    assert mine.fairness is None
    keys = {one.key for one in mine.lines}
    assert keys == {one.key for one in whole.queue.lines if one.team == QA}

    def words(line: QueueLine) -> str:
        return f"{line.team} {line.reason}"

    assert not any(WEB in words(line) for line in mine.lines)
