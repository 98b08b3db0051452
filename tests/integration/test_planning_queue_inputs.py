"""What a queue is made from: a sprint's open issues, the backlog, links, sub-tasks and units, read in few queries."""

from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira import boards
from sprintreports.jira.boards import BoardSettings
from sprintreports.jira.reads import candidates
from sprintreports.kit import db
from sprintreports.kit.errors import Invalid
from sprintreports.metrics.values import Amount, SubtaskRule, Unit
from sprintreports.planning import discovering, teams
from sprintreports.planning.queue.generate import generate
from sprintreports.planning.queue.options import Options
from sprintreports.planning.queue.results import ConflictKind, Side, Why
from sprintreports.planning.queue.values import Whereabouts
from sprintreports.planning.queue_inputs.order import BY_AGE
from sprintreports.planning.queue_inputs.reading import Sources, read
from sprintreports.planning.teams import TeamSettings
from tests.integration.counting import asked
from tests.integration.jira_site import NOW
from tests.integration.planning_site import ADMIN
from tests.integration.queue_site import QA, WEB, inputs_of, queue_site

FIRST = Options(algorithm="priority")


async def test_what_a_queue_is_made_from(db_session: AsyncSession):
    site = await queue_site(db_session)
    found = await inputs_of(db_session, site)
    by_number = {one.issue: one for one in found.inputs.candidates}
    assert sorted(by_number) == [10, 11, 12, 13, 14, 15, 19, 20]
    first = by_number[10]
    assert (first.key, first.team, first.estimate.points) == ("APP-10", site.teams[QA], 3000)
    assert (first.stakeholder, first.assignee) == (site.people["olga"], site.people["bela"])
    assert by_number[11].stakeholder == site.people["rita"]  # the reporter, where nobody owns it
    assert [(one.issue, one.key, one.done) for one in first.blockers] == [(11, "APP-11", False)]
    assert first.priority < by_number[11].priority < by_number[19].priority
    assert by_number[13].priority == by_number[11].priority
    assert [one.carry_over for one in (by_number[12], first)] == [True, False]
    assert by_number[12].blockers[0].where is Whereabouts.OUTSIDE
    assert by_number[13].blockers[0].where is Whereabouts.LATER_SPRINT
    assert by_number[11].blockers[0].where is Whereabouts.EARLIER_SPRINT
    assert by_number[13].other_sprints == ("Sprint 4",)
    assert (by_number[14].is_subtask, by_number[14].parent) == (True, 11)
    assert by_number[15].done
    assert (by_number[19].team, by_number[20].team) == (None, None)

    assert {limit.name: limit.capacity.points for limit in found.inputs.limits} == {QA: 6000, WEB: 5000}
    assert set(found.inputs.calendars) == set(site.teams.values())
    assert [person.person for person in found.inputs.people] == [site.people["bela"]]
    assert found.names[site.people["olga"]].endswith("olga")
    assert not found.inputs.names  # names live elsewhere
    assert not found.subtasks
    said = " ".join(found.notes)
    assert BY_AGE in said
    assert "1 issue has a value of Jira's team field" in said
    assert "APP-10 lead to issues that are not read" in said
    assert "since their order is not known: Odd" in said


async def test_inputs_are_read_in_few_queries_however_many_issues_there_are(db_session: AsyncSession):
    site = await queue_site(db_session, more=40)
    with asked() as statements:
        found = await inputs_of(db_session, site, sources=Sources(backlog=5))
    assert len(found.inputs.candidates) == 51
    assert len(statements) == 16


async def test_the_backlog_joins_in_the_order_of_the_plan(db_session: AsyncSession):
    site = await queue_site(db_session)
    found = await inputs_of(db_session, site, sources=Sources(backlog=1))
    assert found.backlog == {21}  # the more urgent one; 17 is in another sprint
    both = await inputs_of(db_session, site, sources=Sources(backlog=100, priorities=("Medium",)))
    assert both.backlog == {16, 18, 21}
    assert sorted(one.issue for one in both.inputs.candidates if one.priority == 0) == [
        11,
        12,
        14,
        15,
        16,
        18,
        20,
    ]
    waiting = next(one for one in both.inputs.candidates if one.issue == 12)
    assert [one.issue for one in waiting.blockers] == [16]
    queue = generate(both.inputs, FIRST)
    assert not [one for one in queue.conflicts if one.kind is ConflictKind.BLOCKER_OUTSIDE]


@pytest.mark.usefixtures("pg_url")
async def test_a_board_that_counts_by_sub_tasks_gives_each_issue_once():
    async with db.transaction() as session:
        site = await queue_site(session)
        settings = BoardSettings(subtasks=SubtaskRule.SUBTASKS)
        await boards.set_board(session, ADMIN, site.boards[7], settings, now=NOW)
        found = await inputs_of(session, site, sources=Sources(backlog=50))
    numbers = [one.issue for one in found.inputs.candidates]
    assert found.subtasks
    assert len(numbers) == len(set(numbers))
    assert {11, 14} <= set(numbers)
    assert found.backlog == {16, 18, 21}
    queue = generate(found.inputs, replace(FIRST, include_subtasks=found.subtasks))
    assert queue.placements()[11].reason.why is Why.HAS_SUBTASKS
    assert queue.placements()[14].side is not Side.ASIDE


async def test_other_links_can_be_the_ones_that_block(db_session: AsyncSession):
    site = await queue_site(db_session)
    kinds = await candidates.link_kinds(db_session, ADMIN, sprint_id=site.sprints[3])
    assert dict(kinds)["Relates"] == 1
    found = await inputs_of(db_session, site, sources=Sources(blocking=()))
    assert not any(one.blockers for one in found.inputs.candidates)
    related = await inputs_of(db_session, site, sources=Sources(backlog=9, blocking=("relates",)))
    assert {
        one.issue: [by.issue for by in one.blockers] for one in related.inputs.candidates if one.blockers
    } == {18: [10]}


async def test_what_is_left_of_a_sprint_and_another_unit(db_session: AsyncSession):
    site = await queue_site(db_session)
    rest = await inputs_of(db_session, site, sources=Sources(rest=True))
    assert rest.inputs.sprint.start == NOW
    whole = {limit.name: limit.capacity for limit in (await inputs_of(db_session, site)).inputs.limits}
    left = {limit.name: limit.capacity for limit in rest.inputs.limits}
    assert 0 < left[QA].points < whole[QA].points
    hours = await inputs_of(db_session, site, unit=Unit.HOURS)
    assert {limit.unit for limit in hours.inputs.limits} == {Unit.HOURS}
    capacity = {limit.name: limit.capacity for limit in hours.inputs.limits}
    assert capacity[WEB] == Amount(
        0, 0, 0
    )  # six points by hand say nothing of hours, and nobody is in the team
    assert capacity[QA].seconds == 10 * 8 * 3600 * 8 // 10


async def test_a_closed_sprint_is_not_planned(db_session: AsyncSession):
    site = await queue_site(db_session)
    with pytest.raises(Invalid, match="closed"):
        await read(db_session, ADMIN, sprint_id=site.sprints[1], sources=Sources(), unit=None, now=NOW)


async def test_a_group_is_no_target_and_its_own_issues_stand_once_without_a_team(db_session: AsyncSession):
    site = await queue_site(db_session)
    group = await teams.create(db_session, ADMIN, TeamSettings("EMEA"))
    await discovering.set_disciplines(
        db_session, ADMIN, group.id, [site.values["Ops"]], version=group.version
    )
    for name in (QA, WEB):
        one = await teams.one(db_session, ADMIN, site.teams[name])
        settings = replace(one.settings, parent_id=group.id)
        await teams.change(db_session, ADMIN, one.id, settings, version=one.version)
    found = await inputs_of(db_session, site)
    assert {limit.name for limit in found.inputs.limits} == {QA, WEB}
    queue = generate(found.inputs, FIRST)
    assert group.id not in {team.team for team in queue.teams}
    (ops,) = [one for team in queue.teams for one in team.placements if one.issue == 20]
    assert (ops.team, ops.reason.why) == (None, Why.NO_TEAM)
    said = " ".join(found.notes)
    assert "1 issue belongs to EMEA, which is a group of teams" in said
    assert "value of Jira's team field that no team stands for" not in said
