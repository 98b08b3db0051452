"""Each check finds exactly what is planted, and a tidy board yields none."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Role
from sprintreports.jira import store
from sprintreports.jira.context import SiteContext
from sprintreports.jira.payloads import RawIssue, SprintPayload
from sprintreports.jira.quality.catalog import CHECKS
from sprintreports.jira.quality.check import CheckName, Subject
from sprintreports.jira.reads import quality
from sprintreports.metrics.values import Unit
from tests.integration.jira_site import (
    BOARD,
    NOW,
    SPRINTS,
    fill,
    make_site,
    rebuild,
    rows,
    sprint,
)
from tests.integration.quality_support import CLEAN, SYSTEM, asked, board_id, fired, subjects, tidy
from tests.unit.jira.samples import (
    change,
    day,
    estimated,
    moved,
    sprinted,
    stamp,
)


@pytest.fixture
async def site(db_session: AsyncSession) -> SiteContext:
    made = await make_site(db_session)
    await fill(db_session, made, CLEAN)
    return made


async def test_a_tidy_board_yields_nothing(db_session: AsyncSession, site: SiteContext):
    found = await asked(db_session, site)
    assert found.found == ()
    assert [line.pointless for line in found.pointless] == []
    assert {line.check.name for line in found.fine} == set(CheckName)
    assert (found.issues, found.left_out, found.waiting) == (3, 0, 0)
    assert found.sprints == ("Sprint 3", "Sprint 2", "Sprint 1")


PLANTED: dict[CheckName, tuple[Sequence[RawIssue], list[tuple[str, str]]]] = {
    CheckName.DONE_WITHOUT_ESTIMATE: (
        [tidy(10, points=None)],
        [("APP-10", "It has no story points and adds 0 to every sum.")],
    ),
    CheckName.OPEN_WITHOUT_ESTIMATE: (
        [tidy(10, done=None, status="2", points=None)],
        [("APP-10", "It has no story points and adds 0 to every sum.")],
    ),
    CheckName.STATUS_OFF_BOARD: (
        [
            tidy(10, started=None, done=None, status="4"),
            tidy(11, change(1, day(6), moved("2", "4")), done=None, status="4"),
        ],
        [
            ("APP-10", "Its status “Parked” is in no column of the board, so the sprint leaves it out."),
            ("APP-11", "It moved from “In Progress” to a status that is in no column, and counts as removed since."),
        ],
    ),
    CheckName.DONE_BEFORE_START: (
        [tidy(10, started=1.2, done=1.5)],
        [("APP-10", "It was “Done” before the sprint began, and is in no sum.")],
    ),
    CheckName.ESTIMATE_CHANGED_AFTER_DONE: (
        [tidy(10, change(1, day(6), estimated("2", "3")), change(2, day(7), estimated("3", "8")), points=8)],
        [("APP-10", "Its estimate went from 2 points to 8 points after it was done.")],
    ),
    CheckName.DONE_WITHOUT_STARTING: (
        [tidy(10, started=None)],
        [("APP-10", "It was never in a status of work in progress before it was done.")],
    ),
    CheckName.STATUS_BACKWARDS: (
        [
            tidy(10, change(1, day(6), moved("3", "2")), change(2, day(7), moved("2", "3"))),
            tidy(11, change(3, day(4), moved("2", "1")), change(4, day(4.5), moved("1", "2")),
                 change(5, day(6), moved("3", "1")), change(6, day(7), moved("1", "3"))),
        ],
        [
            ("APP-10", "It moved back from “Done” to “In Progress”."),
            ("APP-11", "It moved back 2 times, last from “Done” to “To Do”."),
        ],
    ),
    CheckName.PARENT_DONE_BEFORE_CHILDREN: (
        [
            tidy(10),
            tidy(11, started=3, done=6, subtask_of=10, sprints=[], points=None),
            tidy(12, started=3, done=None, status="2", subtask_of=10, sprints=[], points=None),
            # Closed together with its parent, and created after it was done: neither is early.
            tidy(13, started=3, done=5.02, subtask_of=10, sprints=[], points=None),
            tidy(14, started=None, done=None, subtask_of=10, sprints=[], points=None, created=day(5.01)),
        ],
        [("APP-10", "2 children of it were still open when it was done.")],
    ),
    CheckName.SUBTASK_ESTIMATES: (
        [
            tidy(10),
            tidy(11, subtask_of=10, sprints=[], points=2),
            tidy(12, subtask_of=10, sprints=[], points=0.5),
            tidy(13, subtask_of=10, sprints=[], points=0),
        ],
        [("APP-10", "2 sub-tasks hold 2.5 points. Only the issue's own 3 points count.")],
    ),
    CheckName.TWO_OPEN_SPRINTS: (
        [tidy(10, started=46, done=None, status="2", sprints=[3, 4])],
        [("APP-10", "It is in Sprint 3 and Sprint 4 at once, and counts in each.")],
    ),
    CheckName.CHANGELOG_GAPS: (
        [tidy(10, change(1, day(4), estimated("5", "8")), points=3)],
        [("APP-10", "Its history contradicts itself in 1 place; each change is believed from its own time on.")],
    ),
    CheckName.UNREADABLE_VALUES: (
        [tidy(10, change(1, day(1.5), estimated("-2", "3")))],
        [("APP-10", "The estimate “-2” is not a number that an issue can have; it counts as none.")],
    ),
    CheckName.CLOCK_SKEW: (
        [
            tidy(10, change(1, day(0.5), estimated("2", "3"))),
            tidy(11, updated=NOW + timedelta(hours=1)),
            tidy(12, updated=NOW + timedelta(minutes=4)),
        ],
        [
            ("APP-10", "1 changes are dated before the issue was created; they count from its creation."),
            ("APP-11", "It was created or changed at a time that is still to come."),
        ],
    ),
    CheckName.WITHOUT_TEAM: (
        [tidy(10, team=None)],
        [("APP-10", "It names no team, and counts under “No discipline”.")],
    ),
    CheckName.WITHOUT_STAKEHOLDER: (
        [tidy(10, owner=None), tidy(11, owner=None, reporter=None)],
        [
            ("APP-10", "It has no owner, and counts under its reporter, Name of rita."),
            ("APP-11", "It has neither owner nor reporter, and counts under “Nobody”."),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("check", sorted(PLANTED))
async def test_what_is_planted_is_found_and_nothing_else(
    db_session: AsyncSession, site: SiteContext, check: CheckName
):
    planted, expected = PLANTED[check]
    await fill(db_session, site, planted)
    assert await fired(db_session, site) == {check.value: len(expected)}
    assert await subjects(db_session, site, check) == expected


SPRINT_CASES = {
    "future": (
        SprintPayload(id=9, name="Later", state="future", origin_board_id=BOARD),
        CheckName.SPRINT_WITHOUT_DATES,
        "It has not started and has no start date and end date.",
    ),
    "running": (
        SprintPayload(id=9, name="Later", state="active", origin_board_id=BOARD, start_date=stamp(day(40))),
        CheckName.SPRINT_WITHOUT_DATES,
        "It is running and has no end date.",
    ),
    "closed": (
        SprintPayload(
            id=9,
            name="Later",
            state="closed",
            origin_board_id=BOARD,
            start_date=stamp(day(40)),
            end_date=stamp(day(44)),
        ),
        CheckName.SPRINT_WITHOUT_DATES,
        "It is closed and has no date of its close.",
    ),
    "closed before it started": (
        sprint(9, "closed", 40, 44, 39),
        CheckName.SPRINT_CONTRADICTS,
        "It was closed before it was started.",
    ),
    "ends before it starts": (
        sprint(9, "active", 48, 44),
        CheckName.SPRINT_CONTRADICTS,
        "It is planned to end before it starts.",
    ),
}


@pytest.mark.parametrize("case", sorted(SPRINT_CASES))
async def test_sprints_with_impossible_dates_are_found(
    db_session: AsyncSession, site: SiteContext, case: str
):
    odd, check, sentence = SPRINT_CASES[case]
    await store.store_sprints(db_session, site, BOARD, [*SPRINTS, odd], now=NOW)
    await rebuild(db_session, site)
    assert await fired(db_session, site) == {check.value: 1}
    ((name, detail),) = await subjects(db_session, site, check)
    assert (name, detail) == (odd.name, sentence)


async def test_what_the_sync_notes_on_a_sprint_is_shown(db_session: AsyncSession, site: SiteContext):
    note = "2 of its 5 issues were created after it closed."
    await rows(
        db_session,
        "UPDATE sprint SET note = %s WHERE jira_sprint_id = 1 AND site_id = %s RETURNING 1",
        note,
        site.site_id,
    )
    assert await fired(db_session, site) == {"sprint-contradicts-itself": 1}
    assert await subjects(db_session, site, CheckName.SPRINT_CONTRADICTS) == [("Sprint 1", note)]


async def test_a_sprint_that_no_board_lists_is_named_to_those_who_see_all_boards(
    db_session: AsyncSession, site: SiteContext
):
    await fill(db_session, site, [tidy(10, change(1, day(1.5), sprinted([175], [1])))])
    await rows(
        db_session,
        "UPDATE sprint SET note = 'Jira does not deliver it.' WHERE jira_sprint_id = 175 RETURNING 1",
    )
    assert await fired(db_session, site) == {"sprint-not-delivered": 1}
    assert await subjects(db_session, site, CheckName.SPRINT_NOT_DELIVERED) == [
        ("Sprint 175", "Jira does not deliver it.")
    ]
    board = await board_id(db_session, site)
    reader = replace(SYSTEM, role=Role.VIEWER, board_ids=frozenset({board}))
    assert await fired(db_session, site, reader) == {}


async def test_an_issue_that_jira_deleted_is_named_where_it_still_counts(
    db_session: AsyncSession, site: SiteContext
):
    await store.mark_deleted(db_session, site, [1], now=day(45))
    await rebuild(db_session, site)
    assert await fired(db_session, site) == {"deleted-in-jira": 1}
    assert await subjects(db_session, site, CheckName.DELETED_IN_JIRA) == [
        ("APP-1", "Jira has not known it since 17 Apr 2025; the link leads nowhere.")
    ]


def test_every_check_is_planted_somewhere():
    by_sprint = {check for _, check, _ in SPRINT_CASES.values()} | {CheckName.SPRINT_NOT_DELIVERED}
    assert {*PLANTED, *by_sprint, CheckName.DELETED_IN_JIRA} == set(CheckName)
    assert {check.name for check in CHECKS if check.subject is Subject.SPRINT} == by_sprint


async def test_a_board_that_counts_sub_tasks_asks_for_the_parents_estimate(
    db_session: AsyncSession, site: SiteContext
):
    await fill(db_session, site, [tidy(10), tidy(11, done=6, subtask_of=10, sprints=[], points=2)])
    await rows(
        db_session, "UPDATE board SET subtasks = 'subtasks' WHERE site_id = %s RETURNING 1", site.site_id
    )
    await store.resegment(db_session, site.site_id, [BOARD], now=NOW)
    await rebuild(db_session, site)
    found = await asked(db_session, site)
    assert {line.check.name.value: line.count for line in found.found} == {
        "estimates-on-sub-tasks": 2, "done-without-estimate": 1
    }  # fmt: skip
    assert await subjects(db_session, site, CheckName.SUBTASK_ESTIMATES) == [
        (
            "APP-5",
            "Its parent holds 3 points, which do not count on this board, and it has no estimate itself.",
        ),
        ("APP-11", "Its parent holds 3 points as well: only the sub-tasks' estimates count on this board."),
    ]
    assert [line.check.name for line in found.pointless] == [CheckName.PARENT_DONE_BEFORE_CHILDREN]


async def test_an_unestimated_parent_whose_sub_tasks_hold_the_estimate(
    db_session: AsyncSession, site: SiteContext
):
    await fill(db_session, site, [tidy(10, points=None), tidy(11, subtask_of=10, sprints=[], points=2)])
    assert await subjects(db_session, site, CheckName.SUBTASK_ESTIMATES) == [
        ("APP-10", "1 sub-task holds 2 points, and the issue itself has no estimate: nothing of it counts.")
    ]


async def test_the_boards_unit_decides_what_is_missing(db_session: AsyncSession, site: SiteContext):
    async def in_unit(unit: Unit) -> quality.Quality:
        await rows(
            db_session, "UPDATE board SET unit = %s WHERE site_id = %s RETURNING 1", unit.value, site.site_id
        )
        return await asked(db_session, site)

    hours = await in_unit(Unit.HOURS)
    assert {line.check.name.value: line.count for line in hours.found} == {
        "done-without-estimate": 1, "open-without-estimate": 1
    }  # fmt: skip
    assert await subjects(db_session, site, CheckName.DONE_WITHOUT_ESTIMATE) == [
        ("APP-1", "It has no time estimate and adds 0 to every sum.")
    ]
    count = await in_unit(Unit.COUNT)
    assert count.found == ()
    assert {line.check.name for line in count.pointless} == {
        CheckName.DONE_WITHOUT_ESTIMATE, CheckName.OPEN_WITHOUT_ESTIMATE, CheckName.SUBTASK_ESTIMATES,
        CheckName.ESTIMATE_CHANGED_AFTER_DONE,
    }  # fmt: skip
    assert {line.pointless for line in count.pointless} == {
        "This board counts issues, so it needs no estimates."
    }


async def test_where_no_field_names_teams_nobody_is_asked_for_one(
    db_session: AsyncSession, site: SiteContext
):
    await fill(db_session, site, [tidy(10, team=None)])
    await rows(
        db_session, "UPDATE site SET mapping = mapping - 'discipline' WHERE id = %s RETURNING 1", site.site_id
    )
    found = await asked(db_session, site)
    assert found.found == ()
    assert [line.check.name for line in found.pointless] == [CheckName.WITHOUT_TEAM]
    listed = await quality.findings(
        db_session, SYSTEM, board_id=await board_id(db_session, site), check=CheckName.WITHOUT_TEAM, now=NOW
    )
    assert (listed.page.total, listed.line.pointless[:20]) == (0, "No field of this Jir")
