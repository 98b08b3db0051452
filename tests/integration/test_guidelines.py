"""The guideline of a sprint by the capacity of its teams: over REST and on the sprint's page; by working days unless asked."""

from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission, Role
from sprintreports.jira.reads import burndowns
from sprintreports.kit import db
from sprintreports.kit.errors import Forbidden
from sprintreports.planning import absences, guidelines
from sprintreports.planning.capacity.people import Absence
from sprintreports.planning.guidelines import GuidelineBasis
from sprintreports.ui.pages.sprint.state import Sprint
from tests.integration.jira_site import NOW
from tests.integration.planning_site import ADMIN, manager, planning_site
from tests.integration.planning_support import asking, person
from tests.integration.test_page_events import Tab, tab
from tests.integration.test_planning_capacity import QA, WEB, planned

__all__ = ["tab"]
RUNNING = 3  # 17 April 9:00 to 1 May 9:00, ten working days: QA set out with 3 points, Web with 5, and 2 are of no team


def left(corners: Any, at: datetime) -> float:
    (found,) = (corner.points / 1000 for corner in corners if corner.at == at)
    return found


async def ada_away_at_first(session: AsyncSession) -> tuple[int, int, dict[str, int]]:
    """Ada, half in QA and all that Web has, is away for the first five working days. The sprint, and QA and Web in Jira."""
    site, _, people = await planned(session)
    await absences.add(session, ADMIN, Absence(people["ada"], date(2025, 4, 17), date(2025, 4, 23)))
    return site.sprints[RUNNING], site.boards[7], site.values


async def test_each_teams_commitment_falls_as_its_days_go_by(db_session: AsyncSession) -> None:
    sprint, board, values = await ada_away_at_first(db_session)
    plain = await burndowns.read(db_session, ADMIN, sprint_id=sprint, board_id=board, now=NOW)
    found = await guidelines.by_capacity(db_session, ADMIN, plain, sprint_id=sprint, board_id=board)
    assert found.basis is GuidelineBasis.CAPACITY
    assert found.note == (
        f"The guideline goes by the available person-days of {QA} and {WEB}. "
        "Work of no team with available days goes by the working days of the board."
    )
    line = found.course.guideline
    assert (line[0].at, line[-1].at) == (plain.start, plain.planned_end)
    assert (line[0].points, line[-1].points) == (plain.initial.points, 0) == (10_000, 0)
    # In the evening of the 23rd Bela has worked five of QA's 12.5 days, nobody any of Web's, and of the
    # board's 14 days less two weekends 4 whole ones and 15 hours are gone.
    board_left = 2 * (1 - Fraction(15 + 4 * 24, 240))
    expected = 3 * (1 - Fraction(5) / Fraction("12.5")) + 5 + board_left
    assert left(line, datetime(2025, 4, 24, tzinfo=UTC)) == pytest.approx(float(expected))
    # The course itself is what it was.
    assert (found.course.steps, found.course.rests, found.course.initial) == (
        plain.steps,
        plain.rests,
        plain.initial,
    )

    mia = manager(teams=[values[WEB]])
    hers = await burndowns.read(db_session, mia, sprint_id=sprint, board_id=board, now=NOW)
    own = await guidelines.by_capacity(db_session, mia, hers, sprint_id=sprint, board_id=board)
    assert own.note == f"The guideline goes by the available person-days of {WEB}."
    assert left(own.course.guideline, datetime(2025, 4, 24, tzinfo=UTC)) == 5
    assert left(own.course.guideline, datetime(2025, 4, 26, tzinfo=UTC)) == pytest.approx(3)


async def test_without_teams_that_are_there_the_working_days_stay(db_session: AsyncSession) -> None:
    site = await planning_site(db_session)
    at = {"sprint_id": site.sprints[RUNNING], "board_id": site.boards[7]}
    plain = await burndowns.read(db_session, ADMIN, **at, now=NOW)
    found = await guidelines.by_capacity(db_session, ADMIN, plain, **at)
    assert (found.course, found.basis) == (plain, GuidelineBasis.WORKING_DAYS)
    assert found.note == (
        "The guideline goes by the working days of the board, since no team with available days has work in this sprint."
    )
    await db_session.execute(text("DELETE FROM sprint_fact"))
    waiting = await guidelines.by_capacity(db_session, ADMIN, plain, **at)
    assert (waiting.course, "still being computed" in waiting.note) == (plain, True)


async def test_a_sprint_that_has_not_begun_has_no_guideline_by_capacity_either(
    db_session: AsyncSession,
) -> None:
    site, _, _ = await planned(db_session)
    at = {"sprint_id": site.sprints[4], "board_id": site.boards[7]}
    plain = await burndowns.read(db_session, ADMIN, **at, now=NOW)
    found = await guidelines.by_capacity(db_session, ADMIN, plain, **at)
    assert (found.course, found.basis) == (plain, GuidelineBasis.WORKING_DAYS)
    assert "no start" in found.note


async def test_a_program_that_may_read_sprints_alone_does_not_see_who_is_there(
    db_session: AsyncSession,
) -> None:
    sprint, board, _ = await ada_away_at_first(db_session)
    program = replace(ADMIN, scopes=frozenset({Permission.SPRINTS_READ}))
    plain = await burndowns.read(db_session, program, sprint_id=sprint, board_id=board, now=NOW)
    with pytest.raises(Forbidden):
        await guidelines.by_capacity(db_session, program, plain, sprint_id=sprint, board_id=board)


async def test_rest_has_it_where_it_is_asked_for(pg_url: str) -> None:
    async with db.transaction() as session:
        sprint, board, _ = await ada_away_at_first(session)
    async with asking() as client:
        api = await person(client, Role.VIEWER)
        path = f"/sprints/{sprint}/burndown?board={board}"
        plain = await api("GET", path)
        assert (plain["guideline_basis"], await api("GET", f"{path}&guideline=working_days")) == (
            "working_days",
            plain,
        )
        ours = await api("GET", f"{path}&guideline=capacity")
        assert (ours["guideline_basis"], ours["guideline"] != plain["guideline"]) == ("capacity", True)
        assert "available person-days" in ours["guideline_note"]
        same = {"guideline", "guideline_basis", "guideline_note"}
        assert {name: ours[name] for name in ours if name not in same} == {
            name: plain[name] for name in plain if name not in same
        }
        # A new absence is in the next answer.
        async with db.transaction() as session:
            listed = await absences.listing(session, ADMIN, first=date(2025, 4, 1), last=date(2025, 4, 30))
            await absences.remove(session, ADMIN, listed[0].id)
        assert (await api("GET", f"{path}&guideline=capacity"))["guideline"] != ours["guideline"]
        await api("GET", f"{path}&guideline=moon", status=422)


@pytest.fixture
async def site(db_session: AsyncSession) -> str:
    """The address of the sprint's page."""
    sprint, board, _ = await ada_away_at_first(db_session)
    return f"/sprint?board={board}&sprint={sprint}"


async def test_the_page_draws_it_and_says_whose_days_it_goes_by(tab: Tab, site: str) -> None:
    page = tab.of(Sprint)

    async def show(address: str) -> Any:
        await tab.open(Sprint, address)
        (trace,) = (one for one in page.burndown.light["data"] if one.get("name") == "Guideline")
        return trace["x"], trace["y"]

    plain = await show(site)
    assert (page.guideline, page.guideline_note) == ("working_days", "")
    ours = await show(page.guideline_links["capacity"])
    assert (page.guideline, ours != plain) == ("capacity", True)
    assert page.guideline_note.startswith("The guideline goes by the available person-days of")
    assert await show(f"{site}&guideline=moon") == plain
    assert page.guideline == "working_days"
