"""Teams, members and figures by hand: stored, limited to who may, never lost to somebody else's edit."""

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Role
from sprintreports.kit import db
from sprintreports.kit.errors import Forbidden, Invalid, NotFound
from sprintreports.metrics.values import Unit
from sprintreports.planning import absences, by_hand, discovering, members, people, teams
from sprintreports.planning.access import Overtaken
from sprintreports.planning.capacity.calendars import DayOff
from sprintreports.planning.capacity.days import DayPart
from sprintreports.planning.capacity.overrides import Measure, Override
from sprintreports.planning.capacity.people import Absence
from sprintreports.planning.members import Membership
from sprintreports.planning.people import PersonSettings
from sprintreports.planning.teams import NameTaken, TeamSettings
from tests.integration.jira_site import NOW
from tests.integration.planning_site import (
    ADMIN,
    OPS,
    QA,
    SUMMER,
    WEB,
    made,
    manager,
    planning_site,
    told,
)


async def version(session: AsyncSession, team_id: int) -> int:
    return (await teams.one(session, ADMIN, team_id)).version


async def test_teams_are_found_in_jira_and_nested(db_session: AsyncSession):
    site = await planning_site(db_session)
    assert [row.name for row in await discovering.unmapped(db_session, ADMIN)] == [QA, WEB, OPS]
    like = TeamSettings("x", zone="Europe/Berlin", country="DE", unit=Unit.HOURS)
    found = await discovering.make_teams(db_session, ADMIN, site.values.values(), separator="/", like=like)
    assert [(team.settings.name, team.disciplines) for team in found] == [
        (name, (site.values[name],)) for name in (QA, WEB, OPS)
    ]
    listed = {team.settings.name: team for team in await teams.listing(db_session, ADMIN)}
    assert list(listed) == ["EMEA", QA, WEB, OPS]
    assert {listed[name].settings.parent_id for name in (QA, WEB)} == {listed["EMEA"].id}
    assert listed[OPS].settings == replace(like, name=OPS)
    assert await discovering.unmapped(db_session, ADMIN) == []
    assert await discovering.make_teams(db_session, ADMIN, site.values.values()) == []
    assert len(await told(db_session, "team.changed")) == 7  # four made, three given their value


async def test_a_value_joins_the_team_that_has_its_name(db_session: AsyncSession):
    site = await planning_site(db_session)
    ops = await teams.create(db_session, ADMIN, TeamSettings("ops"))
    (found,) = await discovering.make_teams(db_session, ADMIN, [site.values[OPS]])
    assert (found.id, found.disciplines, found.version) == (ops.id, (site.values[OPS],), ops.version + 1)


async def test_values_move_and_teams_merge_without_rewriting_a_fact(db_session: AsyncSession):
    site, ids = await made(db_session)
    facts = "SELECT count(*), max(rebuilt_at) FROM sprint_fact"
    before = (await db_session.execute(text(facts))).one()
    await discovering.set_disciplines(
        db_session, ADMIN, ids[QA], [site.values[QA], site.values[OPS]], version=None
    )
    assert (await teams.one(db_session, ADMIN, ids[OPS])).disciplines == ()
    with pytest.raises(Invalid, match="not there"):
        await discovering.set_disciplines(db_session, ADMIN, ids[QA], [999_999], version=None)

    await members.add(db_session, ADMIN, ids[QA], [site.people["ada"]], version=None)
    (ada,) = await people.listing(db_session, ADMIN)
    await members.put(db_session, ADMIN, ids[QA], [Membership(ada.id, Decimal(40))], version=None)
    await members.put(
        db_session, ADMIN, ids[WEB], [Membership(ada.id, Decimal(60), date(2026, 1, 1))], version=None
    )
    merged = await discovering.merge(db_session, ADMIN, ids[WEB], into=ids[QA])
    assert set(merged.disciplines) == set(site.values.values())
    (row,) = await members.listing(db_session, ADMIN)
    assert (row.team_id, row.membership) == (ids[QA], Membership(ada.id, Decimal(100)))
    with pytest.raises(NotFound):
        await teams.one(db_session, ADMIN, ids[WEB])
    with pytest.raises(Invalid):
        await discovering.merge(db_session, ADMIN, ids[QA], into=ids[QA])
    assert (await db_session.execute(text(facts))).one() == before


async def test_a_team_is_changed_by_who_read_it_last(db_session: AsyncSession):
    team = await teams.create(db_session, ADMIN, TeamSettings(" QA "))
    assert team.settings.name == "QA"
    wanted = replace(team.settings, name="QA North", zone="Asia/Kolkata", weekdays=(0, 1, 2, 3), country="IN", subdivision="KA",
                     focus=Decimal("72.5"), hours_per_day=Decimal("7.75"))  # fmt: skip
    changed = await teams.change(db_session, ADMIN, team.id, wanted, version=team.version)
    assert (changed.settings, changed.version) == (wanted, team.version + 1)
    with pytest.raises(Overtaken):
        await teams.change(db_session, ADMIN, team.id, team.settings, version=team.version)
    assert (
        await teams.change(db_session, ADMIN, team.id, wanted, version=changed.version)
    ).version == changed.version
    assert (await told(db_session, "team.changed"))[-1][0] == {
        "name": "QA", "zone": "UTC", "weekdays": [0, 1, 2, 3, 4], "country": None, "subdivision": None, "focus": "80",
        "hours_per_day": "8",
    }  # fmt: skip
    with pytest.raises(NameTaken):
        await teams.create(db_session, ADMIN, TeamSettings("qa north"))
    await teams.delete(db_session, ADMIN, team.id, version=changed.version)
    assert (await teams.create(db_session, ADMIN, TeamSettings("qa north"))).id != team.id


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"zone": "Nowhere"}, "zone"),
        ({"weekdays": ()}, "weekdays"),
        ({"country": "XX"}, "country"),
        ({"subdivision": "BE"}, "country"),
        ({"focus": Decimal(101)}, "focus"),
        ({"hours_per_day": Decimal(0)}, "hours_per_day"),
        ({"parent_id": 999_999}, "parent_id"),
    ],
)
async def test_absurd_settings_are_refused(db_session: AsyncSession, wrong: dict[str, object], field: str):
    with pytest.raises(Invalid) as refused:
        await teams.create(db_session, ADMIN, replace(TeamSettings("QA"), **wrong))
    assert [problem.field for problem in refused.value.details] == [field]


async def test_a_team_is_never_within_itself(db_session: AsyncSession):
    outer = await teams.create(db_session, ADMIN, TeamSettings("Outer"))
    inner = await teams.create(db_session, ADMIN, TeamSettings("Inner", parent_id=outer.id))
    for parent in (inner.id, outer.id):
        with pytest.raises(Invalid, match="within itself"):
            await teams.change(
                db_session, ADMIN, outer.id, replace(outer.settings, parent_id=parent), version=None
            )


async def test_days_off_before_today_stay(db_session: AsyncSession):
    team = await teams.create(db_session, ADMIN, TeamSettings("QA"))
    old, new = (
        DayOff(date(2026, 1, 2), date(2026, 1, 2), name="Bridge"),
        DayOff(date(2026, 7, 3), date(2026, 7, 3), DayPart.MORNING),
    )
    first = await teams.set_days_off(
        db_session, ADMIN, team.id, [old], since=date(2026, 1, 1), version=team.version
    )
    await teams.set_days_off(db_session, ADMIN, team.id, [new], since=date(2026, 7, 1), version=first)
    assert await teams.days_off(db_session, ADMIN, team.id, since=date(2025, 1, 1)) == (old, new)
    with pytest.raises(Invalid, match="past"):
        await teams.set_days_off(db_session, ADMIN, team.id, [old], since=date(2026, 7, 1), version=None)
    with pytest.raises(Overtaken):
        await teams.set_days_off(db_session, ADMIN, team.id, [], since=date(2026, 7, 1), version=first)


async def test_members_are_suggested_and_never_more_than_whole(db_session: AsyncSession):
    site, ids = await made(db_session)
    suggested = await people.suggested(db_session, ADMIN, ids[QA])
    assert [(one.name, one.issues) for one in suggested] == [("Name of ada", 1), ("Name of bela", 1)]
    after = await members.add(
        db_session,
        ADMIN,
        ids[QA],
        [one.person_id for one in suggested],
        version=await version(db_session, ids[QA]),
    )
    assert await people.suggested(db_session, ADMIN, ids[QA]) == []
    rows = await members.listing(db_session, ADMIN, team_ids=[ids[QA]])
    assert [(row.person.name, row.membership.share) for row in rows] == [
        ("Name of ada", 100),
        ("Name of bela", 100),
    ]
    ada, bela = (row.person.id for row in rows)

    with pytest.raises(Overtaken):
        await members.put(db_session, ADMIN, ids[QA], [], version=after - 1)
    await members.add(db_session, ADMIN, ids[WEB], [site.people["ada"]], version=None)
    shared = [row.membership.share for row in await members.listing(db_session, ADMIN, team_ids=[ids[WEB]])]
    assert shared == [0]  # nothing of Ada is left
    with pytest.raises(Invalid, match=r"110 % of this person from 2026-03-01 on"):
        await members.put(
            db_session, ADMIN, ids[WEB], [Membership(ada, Decimal(10), date(2026, 3, 1))], version=None
        )
    half = Membership(ada, Decimal(50))
    await members.put(db_session, ADMIN, ids[QA], [half, Membership(bela)], version=after)
    await members.put(db_session, ADMIN, ids[WEB], [half], version=None)
    for wrong, said in (
        ([half, half], "twice"),
        ([Membership(ada, Decimal(-1))], "0 to 100"),
        ([Membership(10**9)], "no such person"),
    ):
        with pytest.raises(Invalid, match=said):
            await members.put(db_session, ADMIN, ids[QA], wrong, version=None)

    (row,) = await members.listing(db_session, ADMIN, team_ids=[ids[WEB]])
    settings = PersonSettings(Decimal(80), Decimal(6), ("SQL",), "US", "CA")
    await people.change(db_session, ADMIN, ada, settings, version=row.person.version)
    with pytest.raises(Overtaken):
        await people.change(db_session, ADMIN, ada, PersonSettings(), version=row.person.version)
    with pytest.raises(Invalid):
        await people.change(db_session, ADMIN, ada, PersonSettings(country="XX"), version=None)
    (row,) = await members.listing(db_session, ADMIN, team_ids=[ids[WEB]])
    member = row.as_member(Decimal(8))
    assert (member.share, member.part_time, member.hours_per_day) == (Fraction(1, 2), Fraction(4, 5), 6)
    assert (await told(db_session, "person.changed"))[0][1]["part_time"] == "80"


async def test_somebody_who_is_not_in_jira(db_session: AsyncSession):
    team = await teams.create(db_session, ADMIN, TeamSettings("QA"))
    await members.add_named(
        db_session, ADMIN, team.id, name="Contractor", email="c@x.test", version=team.version
    )
    with pytest.raises(Invalid):
        await members.add_named(db_session, ADMIN, team.id, name=" ", version=None)
    (row,) = await members.listing(db_session, ADMIN)
    await people.learn(db_session, ADMIN, {"The New One": row.person.id})
    (known,) = await people.known(db_session, ADMIN)
    assert (known.name, known.email, known.aliases) == ("Contractor", "c@x.test", ("the new one",))


async def test_figures_by_hand_have_a_history_and_rates_are_copied(db_session: AsyncSession):
    site, ids = await made(db_session)
    ada = await members.add(db_session, ADMIN, ids[QA], [site.people["ada"]], version=None)
    (row,) = await members.listing(db_session, ADMIN)
    ada = row.person.id
    last, following = site.sprints[3], site.sprints[4]

    async def put(override: Override, replaces: int | None = None, sprint: int = last) -> None:
        await by_hand.put(
            db_session,
            ADMIN,
            team_id=ids[QA],
            sprint_id=sprint,
            override=override,
            replaces=replaces,
            now=NOW,
        )

    focus = Override(Measure.FOCUS, Fraction(70), None, "support duty")
    await put(focus)
    (first,) = await by_hand.listing(db_session, ADMIN, sprint_ids=[last])
    with pytest.raises(Overtaken):
        await put(replace(focus, value=Fraction(60)))
    await put(replace(focus, value=Fraction(60)), first.id)
    await put(Override(Measure.DAYS, Fraction("2.5"), ada, "training"))
    with pytest.raises(Invalid, match="not in the team"):
        await put(Override(Measure.DAYS, Fraction(1), 999_999, "x"))
    with pytest.raises(NotFound):
        await put(focus, sprint=999_999)
    history = await by_hand.listing(db_session, ADMIN, sprint_ids=[last], history=True)
    assert [(row.override.value, row.ended_by) for row in history] == [
        (70, 7),
        (60, None),
        (Fraction("2.5"), None),
    ]
    copied = await by_hand.copy(
        db_session, ADMIN, team_id=ids[QA], from_sprint=last, to_sprint=following, now=NOW
    )
    again = await by_hand.copy(
        db_session, ADMIN, team_id=ids[QA], from_sprint=last, to_sprint=following, now=NOW
    )
    assert (copied, again) == (1, 0)
    found = await by_hand.for_plans(db_session, ADMIN, sprint_ids=[following])
    assert found == {(ids[QA], following): (replace(focus, value=Fraction(60)),)}
    (there,) = await by_hand.listing(db_session, ADMIN, sprint_ids=[following])
    taking = {"team_id": ids[QA], "sprint_id": following, "override_id": there.id, "now": NOW}
    await by_hand.take_back(db_session, ADMIN, **taking)
    with pytest.raises(Overtaken):
        await by_hand.take_back(db_session, ADMIN, **taking)
    assert (await told(db_session, "capacity.changed"))[-1][1] == {"sprint": following, "value": None}


async def test_who_is_limited_to_a_team_sees_and_changes_that_one_alone(db_session: AsyncSession):
    site, ids = await made(db_session)
    await members.add(db_session, ADMIN, ids[QA], [site.people["ada"], site.people["bela"]], version=None)
    await members.add(db_session, ADMIN, ids[WEB], [site.people["zoe"]], version=None)
    zoe = next(row.person.id for row in await members.listing(db_session, ADMIN, team_ids=[ids[WEB]]))
    await absences.add(db_session, ADMIN, Absence(zoe, *SUMMER))
    mia = manager(teams=[site.values[QA]])

    assert [team.id for team in await teams.listing(db_session, mia)] == [ids[QA]]
    assert {row.team_id for row in await members.listing(db_session, mia)} == {ids[QA]}
    assert await absences.listing(db_session, mia, first=SUMMER[0], last=SUMMER[1]) == []
    assert [row.name for row in await discovering.unmapped(db_session, mia)] == []
    await members.put(
        db_session,
        mia,
        ids[QA],
        [row.membership for row in await members.listing(db_session, mia)][:1],
        version=None,
    )
    with pytest.raises(NotFound):
        await teams.delete(db_session, mia, ids[WEB], version=None)
    with pytest.raises(NotFound):
        await people.one(db_session, mia, zoe)
    with pytest.raises(Invalid, match="no such person"):
        await members.put(db_session, mia, ids[QA], [Membership(zoe)], version=None)
    with pytest.raises(Forbidden, match="issues of this team"):
        await members.add(db_session, mia, ids[QA], [site.people["zoe"]], version=None)
    with pytest.raises(Forbidden):
        await teams.create(db_session, mia, TeamSettings("Mine"))
    await db_session.execute(text("UPDATE team_member SET share = 50"))
    await members.put(db_session, ADMIN, ids[QA], [Membership(zoe, Decimal(50))], version=None)
    assert len(await absences.listing(db_session, mia, first=SUMMER[0], last=SUMMER[1])) == 1
    with pytest.raises(Forbidden):  # an absence concerns the other team too
        await absences.add(db_session, mia, Absence(zoe, date(2026, 8, 3), date(2026, 8, 3)))


async def test_who_is_limited_to_boards_needs_all_on_which_the_team_works(db_session: AsyncSession):
    site, ids = await made(db_session)
    one = manager(boards=[site.boards[7]])
    assert {team.settings.name for team in await teams.listing(db_session, one)} == {QA, WEB}
    team = await teams.one(db_session, one, ids[QA])
    await teams.change(
        db_session, one, team.id, replace(team.settings, unit=Unit.COUNT), version=team.version
    )
    web = await teams.one(db_session, one, ids[WEB])
    with pytest.raises(Forbidden, match="all boards where it works"):
        await teams.change(db_session, one, web.id, replace(web.settings, unit=Unit.COUNT), version=None)
    both = manager(boards=[site.boards[7], site.boards[8]])
    await teams.change(db_session, both, web.id, replace(web.settings, unit=Unit.COUNT), version=None)


async def test_who_only_reads_changes_nothing(db_session: AsyncSession):
    site, ids = await made(db_session)
    reader = replace(manager(role=Role.USER), grants=())
    assert len(await teams.listing(db_session, reader)) == 4
    with pytest.raises(Forbidden):
        await teams.delete(db_session, reader, ids[QA], version=None)
    with pytest.raises(Forbidden):
        await members.add(db_session, reader, ids[QA], [site.people["ada"]], version=None)
    with pytest.raises(Forbidden):
        await discovering.make_teams(db_session, reader, [])


@pytest.mark.usefixtures("pg_url")
async def test_two_who_share_one_person_at_once_never_share_more_than_the_whole():
    async with db.transaction() as session:
        site, ids = await made(session)
        await members.add(session, ADMIN, ids[OPS], [site.people["ada"]], version=None)
        (ada,) = await people.listing(session, ADMIN)
        await members.put(session, ADMIN, ids[OPS], [Membership(ada.id, Decimal(0))], version=None)

    async def share(team: str) -> str:
        async with db.transaction() as session:
            await members.put(session, ADMIN, ids[team], [Membership(ada.id, Decimal(60))], version=None)
            await asyncio.sleep(0.2)
        return team

    done = await asyncio.gather(share(QA), share(WEB), return_exceptions=True)
    assert sorted(type(one) for one in done if not isinstance(one, str)) == [Invalid]
    async with db.transaction() as session:
        assert sum(row.membership.share for row in await members.listing(session, ADMIN)) == 60
