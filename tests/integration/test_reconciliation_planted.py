"""What is planted into Jira's report, into our figures and into what we know: each is found, with its reason."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira import facts, reconciliation, store
from sprintreports.jira.context import SiteContext
from sprintreports.jira.reads import reconciliations
from sprintreports.jira.reconciliation import Place, stored
from sprintreports.jira.store_deleted import mark_deleted
from sprintreports.metrics.jira_lines import Aspect, Reason
from sprintreports.metrics.reconciliation import Reconciliation
from tests.integration.jira_site import BOARD, NOW, fill, make_site, rebuild, rows
from tests.integration.sync_support import SYSTEM
from tests.unit.jira.samples import change, day, estimated, issue, moved, sprinted

SPRINT = 1  # from day 2 to day 16.5
TIMES = {"isoStartDate": day(2).isoformat(), "isoCompleteDate": day(16.5).isoformat()}

# What happened, as Jira and we both have it. Estimates in points, the first at the start or entry, the second at the close.
COMPLETED, OPEN, LATE, ANEW, BEFORE, PARKED, TAKEN_OUT, DONE_LATER, SUBTASK, ELSEWHERE = range(1, 11)
BOTH = {
    COMPLETED: ("completedIssues", 3, 3), OPEN: ("issuesNotCompletedInCurrentSprint", 5, 5),
    LATE: ("issuesNotCompletedInCurrentSprint", 2, 2), ANEW: ("issuesNotCompletedInCurrentSprint", 3, 8),
    BEFORE: ("issuesCompletedInAnotherSprint", 1, 1), TAKEN_OUT: ("puntedIssues", 2, 2),
    DONE_LATER: ("issuesNotCompletedInCurrentSprint", 1, 1),
}  # fmt: skip


def issues() -> Iterator[Any]:
    in_sprint = {"sprints": [SPRINT]}
    yield issue(COMPLETED, change(1, day(5), moved("1", "3")), status="3", points=3, **in_sprint)
    yield issue(OPEN, points=5, **in_sprint)
    yield issue(LATE, change(2, day(6), sprinted([], [SPRINT])), points=2, **in_sprint)
    yield issue(ANEW, change(3, day(7), estimated("3", "8")), points=8, **in_sprint)
    yield issue(BEFORE, change(4, day(1), moved("1", "3")), status="3", points=1, **in_sprint)
    yield issue(PARKED, status="4", points=4, **in_sprint)
    yield issue(TAKEN_OUT, change(5, day(8), sprinted([SPRINT], [])), points=2)
    yield issue(DONE_LATER, change(6, day(20), moved("1", "3")), status="3", points=1, **in_sprint)
    yield issue(SUBTASK, subtask_of=OPEN, type_="Sub-task", points=1)
    yield issue(ELSEWHERE, points=7, **in_sprint)


def row(number: int, initial: float | None, final: float | None, **more: Any) -> dict[str, Any]:
    def statistic(value: float | None) -> dict[str, Any]:
        return {
            "statFieldId": "field_customfield_10016",
            "statFieldValue": {} if value is None else {"value": value},
        }

    return {
        "id": number, "key": f"APP-{number}", "estimateStatistic": statistic(initial),
        "currentEstimateStatistic": statistic(final), **more,
    }  # fmt: skip


def jiras_report() -> dict[str, Any]:
    contents: dict[str, Any] = {
        "completedIssues": [], "issuesNotCompletedInCurrentSprint": [], "puntedIssues": [],
        "issuesCompletedInAnotherSprint": [], "issueKeysAddedDuringSprint": {f"APP-{LATE}": True},
    }  # fmt: skip
    for number, (bucket, initial, final) in BOTH.items():
        contents[bucket].append(row(number, initial, final))
    return {"contents": contents, "sprint": {"id": SPRINT, "state": "CLOSED", **TIMES}}


class Undo(Exception):
    """Takes back what a plant has done."""


@asynccontextmanager
async def taken_back(session: AsyncSession) -> AsyncIterator[None]:
    with suppress(Undo):
        async with session.begin_nested():
            yield
            raise Undo


@pytest.fixture
async def site(db_session: AsyncSession) -> SiteContext:
    """One closed sprint with everything in it; ELSEWHERE is on no board of ours."""
    made = await make_site(db_session)
    everything = list(issues())
    await store.store_board_issues(
        db_session, made, BOARD, [raw.issue_id for raw in everything if raw.issue_id != ELSEWHERE],
        now=NOW, complete=False,
    )  # fmt: skip
    await store.store_issues(db_session, made, everything, run_id=None, now=NOW)
    await rebuild(db_session, made)
    return made


def place(site: SiteContext) -> Place:
    return Place(site.site_id, BOARD, SPRINT)


async def compared(
    session: AsyncSession, site: SiteContext, report: dict[str, Any] | None = None
) -> Reconciliation:
    if report is not None:
        body = msgspec.json.encode(report)
        await reconciliation.upload(session, SYSTEM, place(site), body, now=NOW)
    found = (await reconciliation.compare(session, place(site), now=NOW)).reconciliation
    assert found is not None
    return found


def reasons(found: Reconciliation) -> list[tuple[int | None, Aspect, Reason]]:
    return [(one.issue, one.aspect, one.reason) for one in found.differences]


async def test_nothing_planted_nothing_found(db_session: AsyncSession, site: SiteContext):
    found = await compared(db_session, site, jiras_report())
    assert reasons(found) == []
    assert {line.issue for line in found.lines} == set(BOTH)
    assert len(await rows(db_session, "SELECT 1 FROM sprint_issue_fact WHERE excluded IS NOT NULL")) == 1


def drop(number: int) -> Callable[[dict[str, Any]], None]:
    def planted(contents: dict[str, Any]) -> None:
        for listed in contents.values():
            if isinstance(listed, list):
                listed[:] = [one for one in listed if one["id"] != number]

    return planted


def put(
    bucket: str, number: int, initial: float | None, final: float | None, **more: Any
) -> Callable[[dict[str, Any]], None]:
    def planted(contents: dict[str, Any]) -> None:
        drop(number)(contents)
        contents[bucket].append(row(number, initial, final, **more))

    return planted


def added(keys: list[int]) -> Callable[[dict[str, Any]], None]:
    return lambda contents: contents.update(issueKeysAddedDuringSprint={f"APP-{key}": True for key in keys})


NOT_COMPLETED = "issuesNotCompletedInCurrentSprint"
PLANTED_IN_JIRA = [
    (added([]), [(LATE, Aspect.ADDED, Reason.ADDED_AFTER_START)]),
    (put(NOT_COMPLETED, PARKED, 4, 4), [(PARKED, Aspect.PRESENCE, Reason.UNMAPPED_STATUS)]),
    (put("completedIssues", BEFORE, 1, 1), [(BEFORE, Aspect.BUCKET, Reason.DONE_BEFORE_START)]),
    (put(NOT_COMPLETED, ANEW, 3, 3), [(ANEW, Aspect.FINAL, Reason.REESTIMATED)]),
    (put(NOT_COMPLETED, ANEW, 8, 8), [(ANEW, Aspect.INITIAL, Reason.REESTIMATED)]),
    (put(NOT_COMPLETED, SUBTASK, 1, 1), [(SUBTASK, Aspect.PRESENCE, Reason.SUBTASK)]),
    (put(NOT_COMPLETED, ELSEWHERE, 7, 7), [(ELSEWHERE, Aspect.PRESENCE, Reason.OTHER_BOARD)]),
    (put("completedIssues", DONE_LATER, 1, 1), [(DONE_LATER, Aspect.BUCKET, Reason.CHANGED_AFTER_CLOSE)]),
    (put(NOT_COMPLETED, 99, 1, 1), [(99, Aspect.PRESENCE, Reason.NOT_STORED)]),
    (put(NOT_COMPLETED, 99, 1, 1, hidden=True), [(99, Aspect.PRESENCE, Reason.HIDDEN)]),
    (drop(OPEN), [(OPEN, Aspect.PRESENCE, Reason.UNEXPLAINED)]),
    (put(NOT_COMPLETED, OPEN, 13, 5), [(OPEN, Aspect.INITIAL, Reason.UNEXPLAINED)]),
    (put("puntedIssues", OPEN, 5, None), [
        (OPEN, Aspect.BUCKET, Reason.UNEXPLAINED), (OPEN, Aspect.FINAL, Reason.UNEXPLAINED),
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("planted", "expected"), PLANTED_IN_JIRA, ids=range(len(PLANTED_IN_JIRA)))
async def test_a_difference_planted_into_jiras_report_is_found_and_named(
    db_session: AsyncSession,
    site: SiteContext,
    planted: Callable[[dict[str, Any]], None],
    expected: list[Any],
):
    report = jiras_report()
    planted(report["contents"])
    assert reasons(await compared(db_session, site, report)) == expected


async def test_another_close_and_another_estimate_field_are_named(
    db_session: AsyncSession, site: SiteContext
):
    report = jiras_report()
    put("completedIssues", DONE_LATER, 1, 1)(report["contents"])
    report["sprint"]["isoCompleteDate"] = day(21).isoformat()
    found = await compared(db_session, site, report)
    assert reasons(found) == [(DONE_LATER, Aspect.BUCKET, Reason.CLOSED_AT_ANOTHER_TIME)]
    other = msgspec.json.decode(msgspec.json.encode(jiras_report()).replace(b"10016", b"10099"))
    put(NOT_COMPLETED, OPEN, 2, 2)(other["contents"])
    found = await compared(db_session, site, other)
    assert {(issue, reason) for issue, _, reason in reasons(found)} == {(OPEN, Reason.OTHER_ESTIMATION)}


PLANTED_IN_FIGURES = [
    ("bucket = 'completed'", OPEN, Aspect.BUCKET),
    ("added = false, added_during = false", LATE, Aspect.ADDED),
    ("initial_points = 1", ANEW, Aspect.INITIAL),
    ("final_points = NULL", COMPLETED, Aspect.FINAL),
    ("bucket = NULL, excluded = 'planted'", TAKEN_OUT, Aspect.PRESENCE),
]


@pytest.mark.parametrize(("planted", "number", "aspect"), PLANTED_IN_FIGURES)
async def test_a_difference_planted_into_our_figures_is_outdated_by_its_history(
    db_session: AsyncSession, site: SiteContext, planted: str, number: int, aspect: Aspect
):
    await compared(db_session, site, jiras_report())
    await db_session.execute(
        text(f"UPDATE sprint_issue_fact SET {planted} WHERE site_id = :site AND jira_issue_id = :issue"),
        {"site": site.site_id, "issue": number},
    )
    assert reasons(await compared(db_session, site)) == [(number, aspect, Reason.OUTDATED)]
    await facts.rebuild_sprint(db_session, site.site_id, BOARD, SPRINT, now=NOW)
    assert reasons(await compared(db_session, site)) == []


async def test_what_changes_in_the_database_is_seen_at_once(db_session: AsyncSession, site: SiteContext):
    await compared(db_session, site, jiras_report())
    board_id = (await rows(db_session, "SELECT id FROM board WHERE site_id = %s", site.site_id))[0][0]

    async def standing() -> tuple[str, int | None]:
        found = await reconciliations.board(db_session, SYSTEM, board_id=board_id)
        one = next(sprint for sprint in found.sprints if sprint.name == "Sprint 1")
        return one.standing.value, one.differing

    assert await standing() == ("equal", 0)

    async with taken_back(db_session):
        await mark_deleted(db_session, site, [OPEN], now=NOW)
        await rebuild(db_session, site)
        assert reasons(await compared(db_session, site)) == [], (
            "deleted after the close: the frozen report keeps it"
        )
        without = jiras_report()
        drop(OPEN)(without["contents"])
        assert reasons(await compared(db_session, site, without)) == [(OPEN, Aspect.PRESENCE, Reason.DELETED)]

    async with taken_back(db_session):
        await mark_deleted(db_session, site, [OPEN], now=day(10))
        await rebuild(db_session, site)
        assert reasons(await compared(db_session, site)) == [(OPEN, Aspect.BUCKET, Reason.DELETED)]
        assert await standing() == ("differs", 1)

    async with taken_back(db_session):
        again = issue(OPEN, change(90, day(9), moved("1", "3")), status="3", points=5, sprints=[SPRINT])
        await fill(db_session, site, [again])
        assert reasons(await compared(db_session, site)) == [(OPEN, Aspect.BUCKET, Reason.UNEXPLAINED)]
        assert await standing() == ("differs", 1)

    async with taken_back(db_session):
        late = issue(OPEN, change(91, day(20), moved("1", "3")), status="3", points=5, sprints=[SPRINT])
        await fill(db_session, site, [late])
        assert reasons(await compared(db_session, site)) == [], "what happens after the close changes nothing"

    async with taken_back(db_session):
        await db_session.execute(
            text("UPDATE board SET columns = columns - 0 WHERE site_id = :site"), {"site": site.site_id}
        )
        await store.resegment(db_session, site.site_id, [BOARD], now=NOW)
        await rebuild(db_session, site)
        found = await compared(db_session, site)
        assert {reason for _, _, reason in reasons(found)} == {Reason.UNMAPPED_STATUS}
        assert {OPEN, LATE, ANEW} <= {number for number, _, _ in reasons(found)}
        assert (await standing())[0] == "differs"

    async with taken_back(db_session):
        await db_session.execute(
            text("UPDATE sprint SET start_date = :at WHERE site_id = :site AND jira_sprint_id = 1"),
            {"at": day(7.5), "site": site.site_id},
        )
        await facts.rebuild_sprint(db_session, site.site_id, BOARD, SPRINT, now=NOW)
        found = await compared(db_session, site)
        assert {reason for _, _, reason in reasons(found)} == {Reason.CLOSED_AT_ANOTHER_TIME}
        assert {COMPLETED, LATE, ANEW} == {number for number, _, _ in reasons(found)}

    assert await standing() == ("equal", 0)


async def test_what_jira_did_not_give_when_asked_is_hidden(db_session: AsyncSession, site: SiteContext):
    report = jiras_report()
    put(NOT_COMPLETED, 99, 1, 1)(report["contents"])
    put(NOT_COMPLETED, 98, 1, 1)(report["contents"])
    drop(OPEN)(report["contents"])
    await compared(db_session, site, report)
    await stored.keep_unreadable(db_session, place(site), [99, OPEN])
    assert reasons(await compared(db_session, site)) == [
        (OPEN, Aspect.PRESENCE, Reason.VANISHED),
        (98, Aspect.PRESENCE, Reason.NOT_STORED),
        (99, Aspect.PRESENCE, Reason.HIDDEN),
    ]
