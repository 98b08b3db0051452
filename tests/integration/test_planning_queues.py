"""Queues on stored issues: what they are made from, drafts that two people edit, versions, states, and who may."""

import asyncio
import csv
import io
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission, Role
from sprintreports.kit import db
from sprintreports.kit.errors import Conflict, Forbidden, Invalid, NotFound
from sprintreports.planning.queue.generate import generate
from sprintreports.planning.queue.options import Exclude, Options, Pin, PinIssue, SetTeam, SetTiming
from sprintreports.planning.queue.results import Queue, Side
from sprintreports.planning.queue.values import Scheduling, Timing
from sprintreports.planning.queue_inputs.reading import Sources, issues_now
from sprintreports.planning.queues import drafts, making, naming, serving, states, store, versions
from sprintreports.planning.queues.changes import Rule, SetRule, SetWeight
from sprintreports.planning.queues.exports.tables import as_csv
from sprintreports.planning.queues.fingerprints import fingerprint
from sprintreports.planning.queues.merging import Step
from sprintreports.planning.queues.progress import Standing, progress_of
from sprintreports.planning.queues.stored_results import unpacked
from sprintreports.planning.queues.tables import QueueState
from tests.integration.jira_site import NOW
from tests.integration.planning_site import ADMIN, manager
from tests.integration.queue_site import WEB, QueueSite, inputs_of, queue_site

BELA = replace(ADMIN, user_id=8)
FIRST = Options(algorithm="priority")


async def begun(
    session: AsyncSession, site: QueueSite, name: str = "Plan", options: Options = FIRST
) -> store.QueueInfo:
    return await store.create(
        session, ADMIN, sprint_id=site.sprints[3], name=name, options=options, sources=Sources(), now=NOW
    )


async def kept(session: AsyncSession, site: QueueSite, queue_id: int, **more) -> versions.Version:
    found = await inputs_of(session, site)
    draft = await drafts.read(session, ADMIN, queue_id)
    more = {"head": draft.info.head, "note": "", "now": NOW} | more
    return await versions.keep(
        session,
        ADMIN,
        queue_id,
        generate(found.inputs, draft.options),
        fingerprint=fingerprint(found.inputs),
        sources=draft.info.sources,
        **more,
    )


async def test_a_draft_is_edited_by_two_people_and_nothing_is_lost(db_session: AsyncSession):
    site = await queue_site(db_session)
    queue = await begun(db_session, site)
    first = await drafts.apply(db_session, ADMIN, queue.id, [PinIssue(10, 1)], seen=0, token="a", now=NOW)
    assert (first.head, [one.number for one in first.made]) == (1, [1])
    other = await drafts.apply(
        db_session, BELA, queue.id, [Exclude(12), Exclude(10)], seen=0, token="b", now=NOW
    )
    assert [one.change for one in other.made] == [Exclude(12)]
    (clash,) = other.clashes
    assert (clash.mine, clash.theirs[0].by, clash.head) == (Exclude(10), ADMIN.user_id, 1)
    settled = await drafts.apply(
        db_session, BELA, queue.id, [clash.mine], seen=other.head, token="c", now=NOW
    )
    assert settled.head == 3
    found = await drafts.read(db_session, ADMIN, queue.id)
    assert found.options == replace(FIRST, exclusions=frozenset({10, 12}))
    assert [(one.by, one.step, one.at) for one in found.edits] == [
        (7, Step.CHANGE, NOW),
        (8, Step.CHANGE, NOW),
        (8, Step.CHANGE, NOW),
    ]


async def test_what_is_sent_again_is_made_once(db_session: AsyncSession):
    site = await queue_site(db_session)
    queue = await begun(db_session, site)
    wanted = [PinIssue(10, 1), SetRule(Rule.BUFFER, 10)]
    once = await drafts.apply(db_session, ADMIN, queue.id, wanted, seen=0, token="a", now=NOW)
    again = await drafts.apply(db_session, ADMIN, queue.id, wanted, seen=0, token="a", now=NOW)
    assert again == once
    theirs = await drafts.apply(db_session, BELA, queue.id, [Exclude(12)], seen=2, token="a", now=NOW)
    assert theirs.head == 3  # another person's token is another one
    await drafts.undo(db_session, ADMIN, queue.id, seen=3, token="u", now=NOW)
    await drafts.undo(db_session, ADMIN, queue.id, seen=3, token="u", now=NOW)
    found = await drafts.read(db_session, ADMIN, queue.id)
    assert (found.info.head, found.options.buffer, found.options.pins) == (4, 0, {10: Pin(1)})


async def test_undo_and_redo_are_edits(db_session: AsyncSession):
    site = await queue_site(db_session)
    queue = await begun(db_session, site)

    async def options() -> Options:
        return (await drafts.read(db_session, ADMIN, queue.id)).options

    await drafts.apply(
        db_session, ADMIN, queue.id, [SetTeam(10, site.teams[WEB])], seen=0, token="1", now=NOW
    )
    await drafts.apply(
        db_session, BELA, queue.id, [SetWeight(site.people["rita"], 200)], seen=1, token="1", now=NOW
    )
    undone = await drafts.undo(db_session, ADMIN, queue.id, seen=2, token="2", now=NOW)
    assert (undone.made[0].step, undone.made[0].of) == (Step.UNDO, 1)
    assert await options() == replace(FIRST, weights={site.people["rita"]: 200})
    assert not (await drafts.undo(db_session, ADMIN, queue.id, seen=3, token="3", now=NOW)).made
    await drafts.redo(db_session, ADMIN, queue.id, seen=3, token="4", now=NOW)
    assert (await options()).teams == {10: site.teams[WEB]}
    await drafts.undo(db_session, ADMIN, queue.id, seen=4, token="5", number=2, now=NOW)  # somebody else's
    assert (await options()).weights == {}
    clashing = await drafts.undo(db_session, BELA, queue.id, seen=0, token="6", number=1, now=NOW)
    assert clashing.clashes
    assert (await options()).teams == {10: site.teams[WEB]}


@pytest.mark.parametrize(
    ("changes", "token", "seen"),
    [([PinIssue(1)] * 501, "t", 0), ([], "", 0), ([], "x" * 65, 0), ([PinIssue(1)], "t", 4), ([SetRule(Rule.BUFFER, 300)], "t", 0)],
)  # fmt: skip
async def test_what_cannot_be_an_edit_is_refused(db_session: AsyncSession, changes, token: str, seen: int):
    site = await queue_site(db_session)
    queue = await begun(db_session, site)
    with pytest.raises(Invalid):
        await drafts.apply(db_session, ADMIN, queue.id, changes, seen=seen, token=token, now=NOW)
    assert not (await drafts.read(db_session, ADMIN, queue.id)).edits


async def test_versions_are_kept_with_author_note_and_result(db_session: AsyncSession):
    site = await queue_site(db_session)
    queue = await begun(db_session, site)
    first = await kept(db_session, site, queue.id, note="  As discussed  ")
    timing = Timing(Scheduling.HARD, NOW + timedelta(days=1), NOW + timedelta(days=1, hours=2))
    await drafts.apply(db_session, BELA, queue.id, [SetTiming(12, timing)], seen=0, token="t", now=NOW)
    with pytest.raises(versions.EditedMeanwhile):
        await kept(db_session, site, queue.id, head=0)
    second = await kept(db_session, site, queue.id)
    assert [one.number for one in await versions.listing(db_session, ADMIN, queue.id)] == [2, 1]
    assert (first.note, first.created_by, first.head, second.head) == ("As discussed", ADMIN.user_id, 0, 1)
    assert first.fingerprint == second.fingerprint  # nothing moved in Jira
    stored = await versions.read(db_session, ADMIN, queue.id, number=2)
    found = await inputs_of(db_session, site)
    assert stored.queue == generate(found.inputs, SetTiming(12, timing).applied(FIRST))
    assert first.summary == versions.summary_of(
        (await versions.read(db_session, ADMIN, queue.id, number=1)).queue
    )
    for number in (3, 0):
        with pytest.raises(NotFound):
            await versions.read(db_session, ADMIN, queue.id, number=number)
    with pytest.raises(Invalid):
        await kept(db_session, site, queue.id, note="x" * 2001)


async def test_a_version_that_is_read_page_by_page_is_unpacked_once(
    db_session: AsyncSession, monkeypatch: pytest.MonkeyPatch
):
    times: list[int] = []

    def counted(body: bytes, *, format_: int) -> Queue:
        times.append(len(body))
        return unpacked(body, format_=format_)

    monkeypatch.setattr(versions, "unpacked", counted)
    versions._unpacked.clear()
    site = await queue_site(db_session)
    queue = await begun(db_session, site)
    for name in ("First", "Second"):
        basis = await serving.basis(db_session, ADMIN, queue.id, now=NOW)
        await serving.keep(db_session, ADMIN, basis, await serving.made(basis), note=name, now=NOW)
        await drafts.apply(db_session, ADMIN, queue.id, [Exclude(10)], seen=0, token="t", now=NOW)
    first, *others = [await versions.read(db_session, ADMIN, queue.id, number=1) for _ in range(3)]
    assert len(times) == 1
    assert all(one == first for one in others)
    second = await versions.read(db_session, ADMIN, queue.id, number=2)
    assert (len(times), 10 in second.queue.options.exclusions) == (2, True)
    assert 10 not in first.queue.options.exclusions


async def test_planning_again_when_jira_moved_on(db_session: AsyncSession):
    site = await queue_site(db_session)
    queue = await begun(db_session, site)
    before = await kept(db_session, site, queue.id)
    stored = await versions.read(db_session, ADMIN, queue.id)
    await db_session.execute(
        text("UPDATE sprint_segment SET status_id = '3', state = 3 WHERE jira_issue_id = 18")
    )
    await db_session.execute(text("UPDATE issue SET status_id = '3' WHERE jira_issue_id = 18"))
    found = await inputs_of(db_session, site)
    assert fingerprint(found.inputs) != before.fingerprint
    again = await making.replanned(found.inputs, stored.queue.options, stored.queue)
    assert {change.key for change in again.changes} == {
        "APP-10",
        "APP-11",
    }  # the blocker is done: both can be in
    assert again.queue.placements()[11].side is Side.IN


async def test_a_plan_is_held_against_what_has_become_of_it(db_session: AsyncSession):
    site = await queue_site(db_session)
    queue = await begun(db_session, site, options=replace(FIRST, ignored=frozenset({(18, 11)})))
    await kept(db_session, site, queue.id)
    stored = await versions.read(db_session, ADMIN, queue.id)
    await db_session.execute(text("UPDATE issue SET status_id = '3' WHERE jira_issue_id = 11"))
    for state in ("active", "closed"):
        await db_session.execute(
            text("UPDATE sprint SET state = :state WHERE jira_sprint_id = 3"), {"state": state}
        )
        now = await issues_now(db_session, ADMIN, sprint_id=site.sprints[3], sources=Sources())
        progress = progress_of(stored.queue, now, now=NOW)
        told = {item.placement.key: item.standing for team in progress.teams for item in team.items}
        assert told == {"APP-10": Standing.READY, "APP-11": Standing.DONE}


async def test_a_queue_becomes_the_plan_of_its_sprint_and_ends(db_session: AsyncSession):
    site = await queue_site(db_session)
    queue = await begun(db_session, site)
    with pytest.raises(states.NothingKept):
        await states.become(db_session, ADMIN, queue.id, QueueState.ACTIVE, now=NOW)
    await kept(db_session, site, queue.id)
    active = await states.become(db_session, ADMIN, queue.id, QueueState.ACTIVE, now=NOW)
    assert (active.state, active.activated_at) == (QueueState.ACTIVE, NOW)
    rival = await begun(db_session, site, "Rival")
    await kept(db_session, site, rival.id)
    with pytest.raises(states.OneIsActive):
        await states.become(db_session, ADMIN, rival.id, QueueState.ACTIVE, now=NOW)
    with pytest.raises(states.NotFromHere):
        await states.become(db_session, ADMIN, queue.id, QueueState.ARCHIVED, now=NOW)
    assert [one.id for one in await store.listing(db_session, ADMIN, sprint_id=site.sprints[3])] == [
        queue.id,
        rival.id,
    ]
    await drafts.apply(db_session, ADMIN, queue.id, [PinIssue(10)], seen=0, token="t", now=NOW)
    await states.become(db_session, ADMIN, queue.id, QueueState.COMPLETED, now=NOW)
    with pytest.raises(store.NotEditable):
        await drafts.apply(db_session, ADMIN, queue.id, [PinIssue(11)], seen=1, token="u", now=NOW)
    await states.become(db_session, ADMIN, queue.id, QueueState.ARCHIVED, now=NOW)
    await states.become(db_session, ADMIN, rival.id, QueueState.ACTIVE, now=NOW)
    shown = await store.listing(db_session, ADMIN, sprint_id=site.sprints[3], archived=True)
    assert [(one.id, one.state) for one in shown] == [
        (rival.id, QueueState.ACTIVE),
        (queue.id, QueueState.ARCHIVED),
    ]


async def test_names_of_queues(db_session: AsyncSession):
    site = await queue_site(db_session)
    queue = await begun(db_session, site, "  Plan A ")
    assert queue.name == "Plan A"
    assert (await store.rename(db_session, ADMIN, queue.id, "Plan B", now=NOW)).name == "Plan B"
    for name in ("", " ", "x" * 121, "a\0b"):
        with pytest.raises(Invalid):
            await store.rename(db_session, ADMIN, queue.id, name, now=NOW)


async def test_what_is_done_is_in_the_audit_log(db_session: AsyncSession):
    site = await queue_site(db_session)
    queue = await begun(db_session, site)
    await drafts.apply(db_session, ADMIN, queue.id, [PinIssue(10, 1)], seen=0, token="a", now=NOW)
    await kept(db_session, site, queue.id, note="First")
    await states.become(db_session, ADMIN, queue.id, QueueState.ACTIVE, now=NOW)
    await store.rename(db_session, ADMIN, queue.id, "Plan", now=NOW)  # nothing differs: nothing is told
    found = await db_session.execute(
        text(
            "SELECT action, actor_id, subject_id, after FROM audit_entry WHERE subject_kind = 'queue' ORDER BY id"
        )
    )
    assert [tuple(row) for row in found] == [
        ("queue.created", 7, str(queue.id), {"name": "Plan", "sprint": site.sprints[3], "board": site.boards[7]}),
        ("queue.changed", 7, str(queue.id), {"head": 1, "edits": [{"step": "change", "kind": "pin", "issue": 10, "position": 1}]}),
        ("queue.changed", 7, str(queue.id), {"head": 1, "note": "First", "version": 1}),
        ("queue.changed", 7, str(queue.id), {"state": "active"}),
    ]  # fmt: skip


async def test_who_may_see_and_change_queues(db_session: AsyncSession):
    site = await queue_site(db_session)
    queue = await begun(db_session, site)
    await kept(db_session, site, queue.id)
    edit = {"seen": 0, "token": "t", "now": NOW}

    elsewhere = manager(boards=[site.boards[8]])
    assert await store.listing(db_session, elsewhere, sprint_id=site.sprints[3]) == []
    for asking in (
        store.one(db_session, elsewhere, queue.id),
        versions.read(db_session, elsewhere, queue.id),
        drafts.apply(db_session, elsewhere, queue.id, [PinIssue(10)], **edit),
    ):
        with pytest.raises(NotFound):
            await asking

    reader = manager(boards=[site.boards[7]], role=Role.VIEWER)
    assert (await store.one(db_session, reader, queue.id)).id == queue.id
    assert (await versions.read(db_session, reader, queue.id)).version.summary is not None
    for asking in (
        drafts.apply(db_session, reader, queue.id, [PinIssue(10)], **edit),
        drafts.undo(db_session, reader, queue.id, **edit),
        drafts.redo(db_session, reader, queue.id, **edit),
        states.become(db_session, reader, queue.id, QueueState.ARCHIVED, now=NOW),
        store.rename(db_session, reader, queue.id, "Mine", now=NOW),
        store.create(
            db_session, reader, sprint_id=site.sprints[3], name="P", options=FIRST, sources=Sources(), now=NOW
        ),
    ):
        with pytest.raises(Forbidden):
            await asking

    here = manager(boards=[site.boards[7]])
    made = await drafts.apply(db_session, here, queue.id, [PinIssue(10)], **edit)
    assert made.head == 1
    without = replace(ADMIN, scopes=frozenset({Permission.SPRINTS_READ}))
    with pytest.raises(Forbidden):
        await store.listing(db_session, without, sprint_id=site.sprints[3])


async def test_who_is_limited_to_a_team_sees_its_part_and_changes_nothing(db_session: AsyncSession):
    site = await queue_site(db_session)
    queue = await begun(db_session, site)
    await kept(db_session, site, queue.id)
    web = manager(teams=[site.values[WEB]])
    stored = await versions.read(db_session, web, queue.id)
    assert [team.name for team in stored.queue.teams] == [WEB]
    assert (stored.version.summary, stored.queue.value, stored.queue.fairness.index) == (None, 0, None)
    keys = {placement.key for placement in stored.queue.placements().values()}
    assert keys == {"APP-11", "APP-14", "APP-15"}
    numbers = set(stored.queue.placements())
    assert all(numbers.issuperset(conflict.issues) for conflict in stored.queue.conflicts)
    with pytest.raises(Forbidden):
        await drafts.apply(db_session, web, queue.id, [PinIssue(11)], seen=0, token="t", now=NOW)


async def test_a_stored_plan_names_nobody(db_session: AsyncSession):
    site = await queue_site(db_session)
    queue = await begun(db_session, site)
    await kept(db_session, site, queue.id)
    stored = await versions.read(db_session, ADMIN, queue.id)
    names = [row[0] for row in await db_session.execute(text("SELECT name FROM jira_person"))]
    told = " ".join([repr(stored.queue), *(one.words for one in stored.queue.conflicts)])
    assert names
    assert not [name for name in names if name in told]


async def test_a_stored_plan_is_exported_with_the_names_of_now(db_session: AsyncSession):
    site = await queue_site(db_session)
    queue = await begun(db_session, site)
    await kept(db_session, site, queue.id)
    await db_session.execute(text("UPDATE jira_person SET name = 'Olga Ö.' WHERE account_key = 'olga'"))
    for viewer, keys in ((ADMIN, 8), (manager(teams=[site.values[WEB]]), 3)):
        stored = await versions.read(db_session, viewer, queue.id)
        names = await naming.names_of(db_session, viewer, queue, stored.queue)
        rows = {
            row["key"]: row
            for row in csv.DictReader(io.StringIO(as_csv(stored.queue, names, mark=False).decode()))
        }
        assert len(rows) == keys
        first = rows.get("APP-10", {"summary": "Issue 10", "stakeholder": "Olga Ö."})
        assert (first["summary"], first["stakeholder"]) == ("Issue 10", "Olga Ö.")
        assert rows["APP-11"]["url"] == "https://jira.test/browse/APP-11"
        assert set(names.people) <= set(site.people.values())
    assert site.people["olga"] not in names.people


async def test_two_at_the_same_instant_both_count_are_told_and_one_queue_becomes_active(pg_url: str):
    async with db.transaction() as session:
        site = await queue_site(session)
        queue, rival = await begun(session, site), await begun(session, site, "Rival")
        for one in (queue, rival):
            await kept(session, site, one.id)

    async def edit(viewer, issue: int) -> drafts.Applied:
        async with db.transaction() as session:
            return await drafts.apply(
                session, viewer, queue.id, [PinIssue(issue)], seen=0, token="t", now=NOW
            )

    async with await psycopg.AsyncConnection.connect(pg_url, autocommit=True) as listening:
        await listening.execute(f"LISTEN {store.CHANNEL}")
        both = await asyncio.gather(edit(ADMIN, 10), edit(BELA, 11))
        assert sorted(one.head for one in both) == [1, 2]
        heard = [notice.payload async for notice in listening.notifies(timeout=20, stop_after=2)]
    assert heard == [str(queue.id)] * 2

    async def activate(queue_id: int) -> bool:
        try:
            async with db.transaction() as session:
                await states.become(session, ADMIN, queue_id, QueueState.ACTIVE, now=NOW)
        except Conflict:
            return False
        return True

    async with db.transaction() as session:
        assert (await drafts.read(session, ADMIN, queue.id)).options.pins == {10: Pin(), 11: Pin()}
        await kept(session, site, queue.id)
    assert sorted(await asyncio.gather(activate(queue.id), activate(rival.id))) == [False, True]
