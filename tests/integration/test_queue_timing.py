"""Scheduling class and due date from Jira's fields: into the inputs, the plan, its files, and what is told when they move."""

import csv
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import httpx
import msgspec
import pytest_asyncio
from icalendar import Calendar
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Role
from sprintreports.jira import replay
from sprintreports.jira.context import SiteContext, load
from sprintreports.kit import db
from sprintreports.planning import by_hand, discovering
from sprintreports.planning.capacity.overrides import Measure, Override
from sprintreports.planning.queue.generate import generate
from sprintreports.planning.queue.options import Options, ResetTiming, SetTiming
from sprintreports.planning.queue.replan import Move, change_in_words, replan
from sprintreports.planning.queue.results import ConflictKind, Side
from sprintreports.planning.queue.values import FLEXIBLE, Scheduling, Timing
from sprintreports.planning.queue_inputs.reading import ReadInputs, Sources, read
from sprintreports.planning.queues import drafts, files, versions
from sprintreports.planning.queues.files import Format, written
from sprintreports.planning.queues.fingerprints import fingerprint
from sprintreports.planning.queues.store import create
from tests.integration.jira_site import NOW as THEN
from tests.integration.jira_site import fill, make_site
from tests.integration.planning_site import ADMIN
from tests.integration.planning_support import asking, person
from tests.unit.jira.samples import END, MAPPING, SCHEDULING, START, TIMED, day, issue

QA = "EMEA / QA"
NOW = 1_780_000_000_000
FIRST = Options(algorithm="priority")


def z(month: int, number: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2025, month, number, hour, minute, tzinfo=UTC)


# The sprint goes from 17 April, 11:00 in Berlin, to 1 May, 11:00 in Berlin.
WINDOW = {START: "2025-04-23T10:00:00.000+0200", END: "2025-04-23T12:00:00.000+0200"}


def a(number: int, kind: str | None = None, **more: Any):
    scheduling = None if kind is None else {"id": "1", "value": kind}
    return issue(number, team=QA, points=1, sprints=[3], **{SCHEDULING: scheduling, **more})


ISSUES = [
    a(10, "Maintenance window", **WINDOW, duedate="2025-04-20"),
    a(11, "Target date", duedate="2025-04-24"),
    a(12, duedate="2025-05-01"),
    a(13, "Flexible", duedate="2025-04-24"),
    a(14, "Fixed"),
    a(15, "Q3", duedate="2025-04-25"),
    a(16),
    a(17, "Fixed", **{START: "2025-04-28"}),
    a(18, "Soft"),
    a(19, "Fixed", **{START: "2025-04-28T10:00:00", END: "2025-04-28T09:00:00"}, duedate="2025-04-29"),
    a(20, "Fixed", **{START: "2025-04-17", END: "2025-04-17"}),
]
# By the board's clock, two hours before UTC; the first and the last day of the sprint are cut to it.
EXPECTED = {
    10: (Timing(Scheduling.HARD, z(4, 23, 8), z(4, 23, 10)), "Scheduling = Maintenance window"),
    11: (Timing(Scheduling.SOFT, None, z(4, 24, 21, 59)), "Scheduling = Target date"),
    12: (Timing(Scheduling.SOFT, None, z(5, 1, 9)), "Due date = 2025-05-01"),
    13: (FLEXIBLE, "Scheduling = Flexible"),
    14: (FLEXIBLE, "Scheduling = Fixed"),
    15: (Timing(Scheduling.SOFT, None, z(4, 25, 21, 59)), "Due date = 2025-04-25"),
    16: (FLEXIBLE, ""),
    17: (Timing(Scheduling.HARD, z(4, 28, 7), z(4, 28, 15)), "Scheduling = Fixed"),
    18: (FLEXIBLE, "Scheduling = Soft"),
    19: (Timing(Scheduling.SOFT, None, z(4, 29, 21, 59)), "Scheduling = Fixed"),
    20: (Timing(Scheduling.HARD, z(4, 17, 9), z(4, 17, 15)), "Scheduling = Fixed"),
}
LACKING = {14: Scheduling.HARD, 18: Scheduling.SOFT, 19: Scheduling.HARD}


@dataclass(frozen=True, slots=True)
class Ground:
    site: SiteContext
    sprint: int

    async def inputs(self, session: AsyncSession) -> ReadInputs:
        return await read(session, ADMIN, sprint_id=self.sprint, sources=Sources(), unit=None, now=THEN)


async def ground_of(session: AsyncSession, *, mapping: Any = TIMED) -> Ground:
    site = await make_site(session, mapping=mapping)
    await session.execute(text("UPDATE board SET zone = 'Europe/Berlin'"))
    await fill(session, site, ISSUES)
    sprint = await session.scalar(text("SELECT id FROM sprint WHERE jira_sprint_id = 3"))
    value = await session.scalar(text("SELECT id FROM discipline WHERE name = :name"), {"name": QA})
    assert sprint is not None
    assert value is not None
    (team,) = await discovering.make_teams(session, ADMIN, [value])
    figure = Override(Measure.AMOUNT, Fraction(50), reason="agreed")
    await by_hand.put(
        session, ADMIN, team_id=team.id, sprint_id=sprint, override=figure, replaces=None, now=THEN
    )
    return Ground(site, sprint)


@pytest_asyncio.fixture
async def ground(db_session: AsyncSession) -> Ground:
    return await ground_of(db_session)


async def test_each_class_comes_as_jira_says_it(db_session: AsyncSession, ground: Ground):
    found_now = await ground.inputs(db_session)
    candidates = {one.issue: one for one in found_now.inputs.candidates}
    assert {number: (one.timing, one.told) for number, one in candidates.items()} == EXPECTED
    assert {number: one.lacks for number, one in candidates.items() if one.lacks} == LACKING
    (note,) = [note for note in found_now.notes if "class is not known" in note]
    assert note.startswith("1 issue has a value of Scheduling whose class is not known: “Q3”.")


async def test_it_is_placed_by_it_and_what_lacks_times_is_told(db_session: AsyncSession, ground: Ground):
    queue = generate((await ground.inputs(db_session)).inputs, FIRST)
    placed = queue.placements()
    assert (placed[10].start, placed[10].finish) == (z(4, 23, 8), z(4, 23, 10))
    assert {number for number, placement in placed.items() if placement.round == 0} >= {10, 17, 20}
    told = {one.issues[0]: one for one in queue.conflicts if one.kind is ConflictKind.NO_TIMES}
    assert set(told) == set(LACKING)
    assert "planned by its deadline" in told[19].words
    assert all(placement.side is Side.IN for placement in placed.values())


async def test_by_hand_is_stronger_and_can_be_taken_back(db_session: AsyncSession, ground: Ground):
    inputs = (await ground.inputs(db_session)).inputs
    own = Timing(Scheduling.SOFT, None, z(4, 29, 12))
    options = SetTiming(10, own).applied(SetTiming(14, FLEXIBLE).applied(FIRST))
    queue = generate(inputs, options)
    assert (queue.timing_of(10), queue.told_of(10)) == (own, "")
    assert not [one for one in queue.conflicts if one.kind is ConflictKind.NO_TIMES and 14 in one.issues]
    back = generate(inputs, ResetTiming(10).applied(options))
    assert (back.timing_of(10), back.told_of(10)) == EXPECTED[10]


async def test_a_moved_date_is_news_and_planning_again_says_what_moved(
    db_session: AsyncSession, ground: Ground
):
    before = (await ground.inputs(db_session)).inputs
    first = generate(before, FIRST)
    later = day(61)
    news = [
        a(11, "Target date", duedate="2025-04-28", updated=later),
        a(16, "Fixed", **WINDOW, updated=later),
        a(10, "Maintenance window", **{START: "2025-05-08", END: "2025-05-08"}, updated=later),
    ]
    await fill(db_session, ground.site, news)
    after = (await ground.inputs(db_session)).inputs
    assert fingerprint(after) != fingerprint(before)
    again = replan(after, FIRST, first)
    told = {change.issue: change for change in again.changes if change.timed}
    assert set(told) == {10, 11, 16}
    words = {number: change_in_words(change, again.queue, names={}) for number, change in told.items()}
    assert told[11].move is Move.TIMED
    assert (
        "The deadline of APP-11 was moved from 2025-04-24 to 2025-04-28 by Jira (Scheduling = Target date)."
        in words[11]
    )
    assert (
        "scheduled at exact times now by Jira (Scheduling = Fixed); before it was scheduled as flexible"
        in words[16]
    )
    assert told[10].move is Move.FELL
    assert (
        "APP-10 is not in any more. APP-10 is at other exact times now from 2025-04-23 to 2025-05-08"
        in words[10]
    )
    assert "It is scheduled at a time outside this sprint." in words[10]
    assert replan(after, FIRST, again.queue).changes == ()


async def test_what_a_value_means_is_asked_when_planning(db_session: AsyncSession, ground: Ground):
    before = fingerprint((await ground.inputs(db_session)).inputs)
    told = msgspec.structs.replace(TIMED, scheduling_values={"q3": "flexible", "fixed": "nothing"})
    await db_session.execute(
        text("UPDATE site SET mapping = CAST(:mapping AS jsonb)"),
        {"mapping": msgspec.json.encode(told).decode()},
    )
    now = await ground.inputs(db_session)
    candidates = {one.issue: one for one in now.inputs.candidates}
    assert (candidates[15].timing, candidates[15].told) == (FLEXIBLE, "Scheduling = Q3")
    assert (candidates[19].timing.kind, candidates[19].told) == (Scheduling.SOFT, "Due date = 2025-04-29")
    assert (candidates[17].timing, candidates[17].lacks) == (FLEXIBLE, None)
    assert not [note for note in now.notes if "class is not known" in note]
    assert fingerprint(now.inputs) != before


async def test_a_mapping_takes_effect_on_what_is_stored_and_leaves_again(db_session: AsyncSession):
    ground = await ground_of(db_session, mapping=MAPPING)
    plain = (await ground.inputs(db_session)).inputs
    assert all(one.timing == FLEXIBLE and not one.told for one in plain.candidates)
    for mapping, expected in ((TIMED, EXPECTED), (MAPPING, dict.fromkeys(EXPECTED, (FLEXIBLE, "")))):
        await db_session.execute(
            text("UPDATE site SET mapping = CAST(:mapping AS jsonb)"),
            {"mapping": msgspec.json.encode(mapping).decode()},
        )
        site = await load(db_session, ground.site.site_id)
        assert await replay.replay(db_session, site, now=THEN) is None
        candidates = (await ground.inputs(db_session)).inputs.candidates
        assert {one.issue: (one.timing, one.told) for one in candidates} == expected


async def test_bad_times_are_kept_as_notes_of_the_issue(db_session: AsyncSession, ground: Ground):
    bad = a(16, "Fixed", **{START: "9999-12-31", END: "soon"}, duedate=7, updated=day(61))
    await fill(db_session, ground.site, [bad])
    row = (
        await db_session.execute(
            text("SELECT deadline, planned_start, planned_end, notes FROM issue WHERE jira_issue_id = 16")
        )
    ).one()
    assert tuple(row[:3]) == (None, None, None)
    assert len(row[3]) == 3
    (candidate,) = [one for one in (await ground.inputs(db_session)).inputs.candidates if one.issue == 16]
    assert (candidate.timing, candidate.lacks) == (FLEXIBLE, Scheduling.HARD)


async def kept(session: AsyncSession, ground: Ground) -> int:
    made = await create(
        session, ADMIN, sprint_id=ground.sprint, name="Plan", options=FIRST, sources=Sources(), now=THEN
    )
    own = Timing(Scheduling.SOFT, None, z(4, 30, 12))
    await drafts.apply(session, ADMIN, made.id, [SetTiming(16, own)], seen=0, token="t", now=THEN)
    draft = await drafts.read(session, ADMIN, made.id)
    inputs = (await ground.inputs(session)).inputs
    await versions.keep(
        session, ADMIN, made.id, generate(inputs, draft.options), head=draft.info.head,
        fingerprint=fingerprint(inputs), sources=Sources(), now=THEN,
    )  # fmt: skip
    return made.id


async def test_files_show_the_class_that_holds(db_session: AsyncSession, ground: Ground):
    queue = await kept(db_session, ground)
    content = await files.read(db_session, ADMIN, queue, form=Format.CSV, zone="UTC")
    table = csv.DictReader(io.StringIO((await written(content, Format.CSV)).decode("utf-8-sig")))
    lines = {line["key"]: line for line in table}
    assert (lines["APP-10"]["scheduling"], lines["APP-10"]["scheduled_start"], lines["APP-10"]["scheduled_end"]) == (
        "hard", "2025-04-23T08:00+00:00", "2025-04-23T10:00+00:00",
    )  # fmt: skip
    assert lines["APP-10"]["scheduling_source"] == "From Jira: Scheduling = Maintenance window"
    assert lines["APP-10"]["why"].endswith("Its times are from Jira: Scheduling = Maintenance window.")
    assert (lines["APP-16"]["scheduling"], lines["APP-16"]["scheduling_source"]) == ("soft", "Set by hand")
    assert (lines["APP-13"]["scheduling"], lines["APP-14"]["scheduling"]) == ("flexible", "flexible")
    plain = json.loads(await written(content, Format.JSON))
    said = {line["key"]: line["scheduling"] for team in plain["teams"] for line in team["lines"]}
    assert said == {key: line["scheduling"] for key, line in lines.items()}
    events = {
        str(event["uid"]).split("-")[3].split("@")[0]: event
        for event in Calendar.from_ical(await written(content, Format.ICAL)).walk("VEVENT")
    }
    timed = {number: timing for number, (timing, _) in EXPECTED.items() if timing is not FLEXIBLE}
    assert set(events) == {str(number) for number in (*timed, 16)}
    for number, timing in timed.items():
        begins = timing.end if timing.start is None else timing.start
        assert (events[str(number)].decoded("dtstart"), events[str(number)].decoded("dtend")) == (
            begins,
            timing.end,
        )
    assert str(events["11"]["summary"]) == "Due: APP-11 Issue 11"


async def test_who_sees_other_teams_alone_learns_no_times(db_session: AsyncSession, ground: Ground):
    queue = generate((await ground.inputs(db_session)).inputs, FIRST)
    assert versions.cut_to(queue, set()).in_jira == {}


@pytest_asyncio.fixture
async def client(pg_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with asking() as client:
        yield client


async def test_rest_shows_the_class_and_takes_it_back(client: httpx.AsyncClient, pg_url: str):
    async with db.transaction() as session:
        ground = await ground_of(session)
        queue = await kept(session, ground)
    api = await person(client, Role.MANAGER)
    here = f"/queues/{queue}"
    listed = {one["key"]: one for one in await api("GET", f"{here}/versions/1/issues")}
    shown = listed["APP-11"]
    assert (shown["scheduling"], shown["scheduled_start"], shown["scheduled_end"]) == (
        "soft",
        None,
        "2025-04-24T21:59:00Z",
    )
    assert shown["scheduling_source"] == "From Jira: Scheduling = Target date"
    assert listed["APP-16"]["scheduling_source"] == "Set by hand"
    (missing,) = [
        one
        for one in await api("GET", f"{here}/preview/conflicts?kind=no_times")
        if one["jira_issue_ids"] == [14]
    ]
    assert missing["suggestions"][0]["change"]["kind"] == "timing"
    change = {"kind": "reset_timing", "jira_issue_id": 16}
    applied = await api("POST", f"{here}/edits", {"seen": 1, "changes": [change]})
    assert [made["change"] for made in applied["made"]] == [change]
    (back,) = [one for one in await api("GET", f"{here}/preview/issues") if one["key"] == "APP-16"]
    assert (back["scheduling"], back["scheduling_source"]) == ("flexible", "")
    await api("POST", f"{here}/undo", {"seen": 2})
    (again,) = [one for one in await api("GET", f"{here}/preview/issues") if one["key"] == "APP-16"]
    assert (again["scheduling"], again["scheduled_end"]) == ("soft", "2025-04-30T12:00:00Z")
