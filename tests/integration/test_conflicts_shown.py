"""Each kind of conflict on stored issues: provoked through a draft, settled by each of its suggestions, undone and back again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import count

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira.payloads import RawIssue
from sprintreports.metrics.values import Estimate
from sprintreports.planning import absences, by_hand, discovering, members
from sprintreports.planning.capacity.overrides import Measure, Override
from sprintreports.planning.capacity.people import Absence
from sprintreports.planning.queue.generate import generate
from sprintreports.planning.queue.options import Options, PinIssue, SetTiming
from sprintreports.planning.queue.results import Conflict, ConflictKind
from sprintreports.planning.queue.values import Inputs, Scheduling, Timing
from sprintreports.planning.queue_inputs.reading import Sources, read
from sprintreports.planning.queues import drafts, store, versions
from sprintreports.planning.queues.changes import Change, Rule, SetRule
from sprintreports.planning.queues.fingerprints import fingerprint
from tests.integration.jira_site import NOW, fill, make_site
from tests.integration.planning_site import ADMIN
from tests.integration.queue_site import QA, WEB, blocked_by
from tests.unit.jira.samples import day, issue

SPRINT = 3  # Jira's number of the one that is planned: from the 45th to the 59th day, a Thursday
SATURDAY = 47
_attempts = count(1)


@dataclass(frozen=True, slots=True)
class Place:
    """The teams and Bela, by planning's numbers, and the sprint."""

    sprint: int
    teams: dict[str, int]
    bela: int


Step = Callable[[AsyncSession, Place], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Case:
    """Issues of Jira, edits of the draft, and what else must be so.

    in_jira: what settles it where no edit can. read_as: what the store cannot hold, put into what is read from it.
    """

    issues: tuple[RawIssue, ...]
    edits: tuple[Change, ...] = ()
    around: Step | None = None
    in_jira: Step | None = None
    read_as: Callable[[Inputs], Inputs] = lambda inputs: inputs


def one(number: int, points: float | None = 1, *, team: str | None = QA, **more) -> RawIssue:
    return issue(number, points=points, team=team, **({"sprints": [SPRINT]} | more))


def hours(number: float, hour: int = 10, length: int = 2) -> Timing:
    start = _at(number, hour)
    return Timing(Scheduling.HARD, start, start + timedelta(hours=length))


def due(number: float) -> Timing:
    return Timing(Scheduling.SOFT, None, _at(number, 17))


def _at(number: float, hour: int) -> datetime:
    return day(number).replace(hour=hour)


def by(team: str, measure: Measure, value: float) -> Step:
    async def put(session: AsyncSession, place: Place) -> None:
        team_id = place.teams[team]
        found = await by_hand.listing(session, ADMIN, sprint_ids=[place.sprint], team_ids=[team_id])
        replaces = next((row.id for row in found if row.override.measure is measure), None)
        override = Override(measure, Fraction(value), reason="agreed")
        await by_hand.put(
            session, ADMIN, team_id=team_id, sprint_id=place.sprint, override=override, replaces=replaces, now=NOW
        )  # fmt: skip

    return put


async def bela_is_away(session: AsyncSession, place: Place) -> None:
    await absences.add(session, ADMIN, Absence(place.bela, day(45).date(), day(56).date()))


def dates(start: datetime | None, end: datetime | None) -> Step:
    async def put(session: AsyncSession, place: Place) -> None:
        query = "UPDATE sprint SET start_date = :start, activated_at = :start, end_date = :end WHERE id = :id"
        await session.execute(text(query), {"start": start, "end": end, "id": place.sprint})
        for asked in [key for key in session.info if key[0] == "place"]:
            del session.info[asked]  # as the next transaction reads it

    return put


def first_is(**other: object) -> Callable[[Inputs], Inputs]:
    """The first issue as this store never gives it: another reader of Jira may."""

    def twisted(inputs: Inputs) -> Inputs:
        first, *rest = inputs.candidates
        return replace(inputs, candidates=[replace(first, **other), *rest])

    return twisted


CASES = {
    ConflictKind.CYCLE: Case(
        (one(10, issuelinks=blocked_by(11)), one(11, team=WEB, issuelinks=blocked_by(10)), one(12))
    ),
    ConflictKind.BLOCKER_AFTER: Case(
        (one(10, 4, issuelinks=blocked_by(11)), one(11, 5, team=WEB), one(12, 5, team=WEB)),
        (PinIssue(12, 1),),
    ),
    ConflictKind.BLOCKER_BELOW: Case((one(10, issuelinks=blocked_by(11)), one(11, 11, team=WEB))),
    ConflictKind.BLOCKER_LATER_SPRINT: Case((one(10, issuelinks=blocked_by(17)), one(17, sprints=[4]))),
    ConflictKind.BLOCKER_OUTSIDE: Case((one(10, issuelinks=blocked_by(16)), one(16, sprints=[]))),
    ConflictKind.HARD_OUTSIDE: Case((one(10),), (SetTiming(10, hours(75)),)),
    ConflictKind.HARD_NON_WORKING: Case((one(10),), (SetTiming(10, hours(SATURDAY)),)),
    ConflictKind.HARD_OVERLAP: Case(
        (one(10), one(11)), (SetTiming(10, hours(50)), SetTiming(11, hours(50, 11)))
    ),
    ConflictKind.OVERFLOW: Case((one(10, 6), one(11, 6)), (PinIssue(10), PinIssue(11))),
    ConflictKind.DEADLINE_MISSED: Case(
        (one(10, 6), one(11, 3)), (PinIssue(10), SetTiming(11, due(49)))
    ),
    ConflictKind.NO_TIMES: Case((one(10),), read_as=first_is(lacks=Scheduling.HARD, told="Scheduling = Fixed")),
    ConflictKind.ASSIGNEE_OVER: Case(
        (one(10, 3, assignee="bela"), one(11, 3, assignee="bela")),
        around=by(QA, Measure.RATE, 0.5),  # ten days: five points of her own
    ),
    ConflictKind.ASSIGNEE_ABSENT: Case((one(10, assignee="bela"),), around=bela_is_away),
    ConflictKind.UNESTIMATED: Case((one(10, None),)),
    ConflictKind.UNUSABLE_ESTIMATE: Case((one(10),), read_as=first_is(estimate=Estimate(-2000, None))),
    ConflictKind.NO_CAPACITY: Case((one(10),), around=by(QA, Measure.AMOUNT, 0)),
    ConflictKind.NO_TEAM: Case((one(10, team=None),)),
    ConflictKind.TWO_SPRINTS: Case((one(10, sprints=[SPRINT, 4]),)),
    ConflictKind.ORPHAN_SUBTASK: Case((one(10),), (SetRule(Rule.SUBTASKS, value=True),), read_as=first_is(is_subtask=True, parent=50)),
    ConflictKind.TOO_LARGE: Case((one(10, 11),)),
    ConflictKind.PIN_MOVED: Case((one(10), one(11, issuelinks=blocked_by(10))), (PinIssue(11, 1),)),
    ConflictKind.PIN_GONE: Case((one(10), one(17, sprints=[4])), (PinIssue(17),)),
    ConflictKind.NO_DATES: Case(
        (one(10),), around=dates(None, None), in_jira=dates(day(45), day(59))
    ),
}  # fmt: skip
WITHOUT_SUGGESTION = {ConflictKind.NO_DATES: "Give it dates in Jira."}


async def placed(session: AsyncSession, case: Case) -> Place:
    """The case's issues as they were synced, two teams that can do ten points each, Bela in one of them."""
    site = await make_site(session)
    everywhere = (one(30, assignee="bela", sprints=[2]), one(31, team=WEB, sprints=[2]))
    await fill(session, site, [*case.issues, *everywhere])
    ids = [
        dict(tuple(row) for row in await session.execute(text(query)))
        for query in (
            "SELECT name, id FROM discipline",
            "SELECT jira_sprint_id, id FROM sprint",
            "SELECT account_key, id FROM jira_person",
        )
    ]
    values, sprints, people = ids
    made = await discovering.make_teams(session, ADMIN, [values[QA], values[WEB]])
    teams = {team.settings.name: team.id for team in made}
    await members.add(session, ADMIN, teams[QA], [people["bela"]], version=None)
    (bela,) = await members.listing(session, ADMIN)
    place = Place(sprints[SPRINT], teams, bela.person.id)
    for team in (QA, WEB):
        await by(team, Measure.AMOUNT, 10)(session, place)
    if case.around is not None:
        await case.around(session, place)
    return place


@dataclass(frozen=True, slots=True)
class Planner:
    """Somebody with a draft, who sees what comes of each edit."""

    session: AsyncSession
    case: Case
    place: Place
    queue: int

    async def conflicts(self, kind: ConflictKind) -> list[Conflict]:
        """What the draft as it stands is told about, of a kind."""
        found = await read(
            self.session, ADMIN, sprint_id=self.place.sprint, sources=Sources(), unit=None, now=NOW
        )
        draft = await drafts.read(self.session, ADMIN, self.queue)
        inputs = self.case.read_as(found.inputs)
        made = generate(inputs, draft.options)
        await versions.keep(
            self.session, ADMIN, self.queue, made, head=draft.info.head, fingerprint=fingerprint(inputs),
            sources=Sources(), now=NOW,
        )  # fmt: skip
        stored = await versions.read(self.session, ADMIN, self.queue)
        assert stored.queue.conflicts == made.conflicts
        return [conflict for conflict in stored.queue.conflicts if conflict.kind is kind]

    async def edit(self, *changes: Change) -> None:
        seen = (await store.one(self.session, ADMIN, self.queue)).head
        done = await drafts.apply(
            self.session, ADMIN, self.queue, changes, seen=seen, token=f"try {next(_attempts)}", now=NOW
        )
        assert len(done.made) == len(changes)

    async def undo(self) -> None:
        seen = (await store.one(self.session, ADMIN, self.queue)).head
        token = f"try {next(_attempts)}"
        assert (await drafts.undo(self.session, ADMIN, self.queue, seen=seen, token=token, now=NOW)).made

    async def redo(self) -> None:
        seen = (await store.one(self.session, ADMIN, self.queue)).head
        token = f"try {next(_attempts)}"
        assert (await drafts.redo(self.session, ADMIN, self.queue, seen=seen, token=token, now=NOW)).made


async def planner(session: AsyncSession, case: Case) -> Planner:
    place = await placed(session, case)
    begun = await store.create(
        session, ADMIN, sprint_id=place.sprint, name="Plan", options=Options(), sources=Sources(), now=NOW
    )
    draft = Planner(session, case, place, begun.id)
    if case.edits:
        await draft.edit(*case.edits)
    return draft


def test_every_kind_has_its_case() -> None:
    assert set(CASES) == set(ConflictKind)


@pytest.mark.parametrize("kind", [kind for kind in ConflictKind if kind not in WITHOUT_SUGGESTION])
async def test_each_suggestion_settles_it_and_undo_brings_it_back(
    db_session: AsyncSession, kind: ConflictKind
) -> None:
    draft = await planner(db_session, CASES[kind])
    before = await draft.conflicts(kind)
    assert before, "not provoked"
    first = before[0]
    assert first.suggestions
    for suggestion in first.suggestions:
        assert suggestion.words.endswith(".")
        await draft.edit(suggestion.edit)
        after = await draft.conflicts(kind)
        assert first.issues not in [conflict.issues for conflict in after], suggestion.words
        await draft.undo()
        assert await draft.conflicts(kind) == before, suggestion.words
        await draft.redo()
        assert await draft.conflicts(kind) == after, suggestion.words
        await draft.undo()


@pytest.mark.parametrize("kind", list(WITHOUT_SUGGESTION))
async def test_what_no_edit_settles_says_what_to_do_in_jira(
    db_session: AsyncSession, kind: ConflictKind
) -> None:
    case = CASES[kind]
    draft = await planner(db_session, case)
    (conflict,) = await draft.conflicts(kind)
    assert not conflict.suggestions
    assert conflict.words.endswith(WITHOUT_SUGGESTION[kind])
    assert case.in_jira is not None
    await case.in_jira(db_session, draft.place)
    assert await draft.conflicts(kind) == []
    assert case.around is not None
    await case.around(db_session, draft.place)
    assert await draft.conflicts(kind) == [conflict]
