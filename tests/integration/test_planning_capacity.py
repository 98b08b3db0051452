"""Team by sprint on stored facts: capacity, what is committed and delivered, the rate, and what belongs to no team."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.kit.errors import Invalid, NotFound
from sprintreports.metrics.values import Unit
from sprintreports.planning import absences, by_hand, discovering, members, sprint_plan, teams
from sprintreports.planning.capacity.calendars import DayOff
from sprintreports.planning.capacity.computing import Load, Outcome
from sprintreports.planning.capacity.overrides import Measure, Override
from sprintreports.planning.capacity.people import Absence
from sprintreports.planning.capacity.whatif import difference, if_away
from sprintreports.planning.members import Membership
from sprintreports.planning.teams import TeamSettings
from tests.integration.counting import asked
from tests.integration.jira_site import NOW
from tests.integration.planning_site import ADMIN, PlanningSite, manager, planning_site

QA, WEB = "EMEA / QA", "EMEA / Web"


async def planned(session: AsyncSession) -> tuple[PlanningSite, dict[str, int], dict[str, int]]:
    """Ada is half in QA, half in Web; Bela is in QA. Days are UTC days, without holidays."""
    site = await planning_site(session)
    found = await discovering.make_teams(session, ADMIN, [site.values[QA], site.values[WEB]])
    ids = {team.settings.name: team.id for team in found}
    await members.add(session, ADMIN, ids[QA], [site.people["ada"], site.people["bela"]], version=None)
    rows = await members.listing(session, ADMIN)
    people = {row.person.name.split()[-1]: row.person.id for row in rows}
    half = Membership(people["ada"], Decimal(50))
    await members.put(session, ADMIN, ids[QA], [half, Membership(people["bela"])], version=None)
    await members.put(session, ADMIN, ids[WEB], [half], version=None)
    return site, ids, people


async def test_what_each_team_can_do_holds_and_did(db_session: AsyncSession):
    site, ids, people = await planned(db_session)
    await absences.add(db_session, ADMIN, Absence(people["ada"], date(2025, 4, 21), date(2025, 4, 22)))
    off = DayOff(date(2025, 4, 30), date(2025, 4, 30))
    await teams.set_days_off(db_session, ADMIN, ids[QA], [off], since=date(2025, 1, 1), version=None)
    table = await sprint_plan.table(db_session, ADMIN, sprint_id=site.sprints[3])
    assert [column.name for column in table.columns] == ["Sprint 1", "Sprint 2", "Sprint 3", "Sprint 4"]
    assert [line.team.settings.name for line in table.lines] == [QA, WEB]

    first, second, third, fourth = table.lines[0].cells
    # 5 to 19 March 2025: eleven working days for one and a half people; 8 points were planned with the 3 left over.
    assert (first.days, first.load) == (Fraction("16.5"), Load(Fraction(11), Fraction(8)))
    assert first.outcome is Outcome.NO_RATE
    assert second.load == Load()
    # 17 April 9:00 to 1 May 9:00: ten working days less the team's one; Ada's two days away are one of hers here.
    assert third.days == 9 + (9 - 2) * Fraction(1, 2)
    assert third.load == Load(Fraction(3))
    assert third.rate is not None
    assert [one.name for one in third.rate.used] == ["Sprint 1"]  # QA had nothing to do in Sprint 2
    assert third.amount == Fraction("12.5") * 8 / Fraction("16.5")
    assert third.remaining == third.amount - 3
    assert fourth.load == Load()

    web = table.lines[1].cells[2]
    assert (web.days, web.load, web.outcome) == (4, Load(Fraction(5)), Outcome.NO_RATE)
    assert {key: totals.final.points for key, totals in table.homeless[2].items()} == {
        sprint_plan.NO_TEAM: 2000
    }


async def test_figures_by_hand_change_a_sprint_and_the_rate_that_rests_on_it(db_session: AsyncSession):
    site, ids, people = await planned(db_session)

    async def put(sprint: int, override: Override) -> None:
        await by_hand.put(
            db_session,
            ADMIN,
            team_id=ids[QA],
            sprint_id=site.sprints[sprint],
            override=override,
            replaces=None,
            now=NOW,
        )

    await put(1, Override(Measure.DAYS, Fraction(8), None, "half were at a conference"))
    await put(3, Override(Measure.DAYS, Fraction(2), people["bela"], "training"))
    basis = await sprint_plan.basis(db_session, ADMIN, sprint_id=site.sprints[3], team_id=ids[QA])
    now = basis.capacity()
    assert (now.days, now.amount) == (7, 7)
    assert basis.rate is not None
    assert basis.rate.per_day == 1

    away = replace(
        basis, plan=if_away(basis.plan, people["ada"], date(2025, 4, 28), date(2025, 4, 30))
    ).capacity()
    assert difference(now, away).amount == Fraction("-1.5")
    table = await sprint_plan.table(db_session, ADMIN, sprint_id=site.sprints[3], past=0, coming=0)
    assert [column.name for column in table.columns] == ["Sprint 3"]
    assert table.lines[0].cells == (now,)  # with the rate of sprints that are not shown


@pytest.mark.parametrize(
    ("unit", "committed", "amount"), [(Unit.COUNT, 1, 15 / Fraction("16.5")), (Unit.HOURS, 0, Fraction(96))]
)
async def test_a_team_is_held_against_its_own_unit(
    db_session: AsyncSession, unit: Unit, committed: int, amount: Fraction
):
    site, ids, _ = await planned(db_session)
    settings = (await teams.one(db_session, ADMIN, ids[QA])).settings
    await teams.change(db_session, ADMIN, ids[QA], replace(settings, unit=unit), version=None)
    basis = await sprint_plan.basis(db_session, ADMIN, sprint_id=site.sprints[3], team_id=ids[QA])
    assert basis.load is not None
    assert (basis.load.committed, basis.capacity().amount) == (committed, amount)


async def test_a_merge_is_read_at_once_and_a_slice_tells_of_no_others(db_session: AsyncSession):
    site, ids, _ = await planned(db_session)
    mia = manager(teams=[site.values[QA]])
    table = await sprint_plan.table(db_session, mia, sprint_id=site.sprints[3])
    assert [line.team.id for line in table.lines] == [ids[QA]]
    assert [dict(homeless) for homeless in table.homeless] == [{}, {}, {}, {}]
    with pytest.raises(NotFound):
        await sprint_plan.basis(db_session, mia, sprint_id=site.sprints[3], team_id=ids[WEB])
    with pytest.raises(Invalid):
        await sprint_plan.table(db_session, ADMIN, sprint_id=site.sprints[3], past=1000)

    await discovering.merge(db_session, ADMIN, ids[WEB], into=ids[QA])
    (line,) = (await sprint_plan.table(db_session, ADMIN, sprint_id=site.sprints[3])).lines
    assert line.cells[2].load == Load(Fraction(8))
    assert line.cells[2].days == 20  # Ada is whole there now


async def test_a_hundred_teams_take_as_many_questions_as_one(db_session: AsyncSession):
    site, ids, _ = await planned(db_session)
    with asked() as few:
        await sprint_plan.table(db_session, ADMIN, sprint_id=site.sprints[3])
    for number in range(30):
        await teams.create(db_session, ADMIN, TeamSettings(f"Team {number}"))
    await members.put(db_session, ADMIN, ids[WEB], [], version=None)
    with asked() as many:
        await sprint_plan.table(db_session, ADMIN, sprint_id=site.sprints[3])
    assert len(many) <= len(few) <= 8


async def test_a_sprint_with_missing_or_absurd_dates_spoils_no_other(db_session: AsyncSession):
    site, _, _ = await planned(db_session)
    change = "UPDATE sprint SET start_date = :start, end_date = :end WHERE id = :id"
    for start, end, outcome in (
        (None, None, Outcome.NO_DATES),
        (datetime(2025, 5, 20, tzinfo=UTC), datetime(2025, 5, 10, tzinfo=UTC), Outcome.BACKWARDS),
        (datetime(2025, 5, 2, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC), Outcome.ABSURD_DATES),
    ):
        await db_session.execute(text(change), {"start": start, "end": end, "id": site.sprints[4]})
        qa = (await sprint_plan.table(db_session, ADMIN, sprint_id=site.sprints[3])).lines[0]
        assert [cell.outcome for cell in qa.cells[2:]] == [Outcome.READY, outcome]
    alone = await sprint_plan.table(db_session, ADMIN, sprint_id=site.sprints[4])
    assert alone.columns[-1].sprint_id == site.sprints[4]
