"""Some teams alone come out as they do in the whole, or it is said that they cannot be told alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from msgspec import structs

from sprintreports.metrics.values import Amount, Estimate
from sprintreports.planning.queue.generate import dealt, generate
from sprintreports.planning.queue.options import (
    AddCapacity,
    Algorithm,
    Exclude,
    Options,
    PinIssue,
    SetTeam,
    Unestimated,
)
from sprintreports.planning.queue.parts import BY_TEAM, glance, part, spliced
from sprintreports.planning.queue.results import ConflictKind, Queue, TeamQueue
from sprintreports.planning.queue.values import Absence, Inputs, Person, Sprint
from tests.unit.planning.queue import samples
from tests.unit.planning.queue.samples import DEV, QA, issue, limit, sprint

OPS = 3


def without_place(team: TeamQueue) -> TeamQueue:
    return replace(team, placements=tuple(structs.replace(one, place=0) for one in team.placements))


def apart(inputs: Inputs, chance: list[bool]) -> Inputs:
    """The same with most links between teams taken out, so that parts are met often."""
    team_of = {one.issue: one.team for one in inputs.candidates}
    keep = iter([*chance, *([False] * 100)])
    return replace(
        inputs,
        candidates=[
            replace(
                one,
                blockers=tuple(
                    by for by in one.blockers if team_of.get(by.issue, one.team) == one.team or next(keep)
                ),
                parent=one.parent if team_of.get(one.parent, one.team) == one.team else None,
            )
            for one in inputs.candidates
        ],
    )


def about(queue: Queue, teams: set[int | None], issues: set[int]) -> list:
    return [
        one
        for one in queue.conflicts
        if (one.issues and one.issues[0] in issues)
        or (not one.issues and one.team is not None and one.team in teams)
    ]


@settings(max_examples=40, deadline=None)
@given(st.data(), st.sampled_from(sorted(BY_TEAM)))
def test_a_part_is_as_the_whole_has_it(data, algorithm: str):
    inputs = apart(data.draw(samples.inputs(most=14)), data.draw(st.lists(st.booleans(), max_size=3)))
    options = data.draw(samples.options(algorithm=algorithm, count=14))
    kept = data.draw(st.lists(st.integers(0, 13), max_size=4, unique=True))
    asked = data.draw(st.sets(st.sampled_from([1, 2, 3, None]), min_size=1, max_size=2))
    found = part(inputs, options, asked, kept=kept)
    event("whole" if found is None else "part")
    if found is None:
        return
    whole = generate(inputs, options, kept=kept)
    teams = {team.team for team in found.teams}
    assert asked & {team.team for team in whole.teams} <= teams
    assert [without_place(team) for team in found.teams] == [
        without_place(team) for team in whole.teams if team.team in teams
    ]
    issues = {placement.issue for team in found.teams for placement in team.placements}
    assert list(found.conflicts) == about(whole, teams, issues)


@settings(max_examples=30, deadline=None)
@given(st.data(), st.sampled_from(sorted(BY_TEAM)))
def test_a_spliced_queue_has_every_issue_once_and_the_lists_of_the_whole(data, algorithm: str):
    inputs = apart(data.draw(samples.inputs(most=14)), [])
    options = data.draw(samples.options(algorithm=algorithm, count=14))
    before = generate(inputs, options)
    teams = {one.issue: one.team for one in inputs.candidates}
    if not teams:
        return
    number = data.draw(st.sampled_from(sorted(teams)))
    edit = data.draw(
        st.sampled_from(
            [PinIssue(number, 1), Exclude(number), SetTeam(number, OPS), AddCapacity(teams[number], 2000)]
        )
    )
    after = edit.applied(options)
    changed = {teams[number], OPS} if isinstance(edit, SetTeam) else {teams[number]}
    if number in options.teams:
        changed.add(options.teams[number])
    found = part(inputs, after, changed)
    if found is None:
        return
    shown, whole = spliced(before, after, found), generate(inputs, after)
    assert sorted(shown.placements()) == sorted(whole.placements())
    assert sum(len(team.placements) for team in shown.teams) == len(inputs.candidates)
    assert [without_place(team) for team in shown.teams] == [without_place(team) for team in whole.teams]

    def told(queue: Queue) -> list[str]:
        """Which teams have room for an issue without one is told anew by the whole."""
        return sorted(
            str(replace(one, suggestions=()) if one.kind is ConflictKind.NO_TEAM else one)
            for one in queue.conflicts
        )

    assert told(shown) == told(whole)


@settings(max_examples=80, deadline=None)
@given(st.data(), st.sampled_from(sorted(BY_TEAM)))
def test_a_glance_is_as_the_whole_has_it_whatever_ties_the_teams(data, algorithm: str):
    inputs = data.draw(samples.inputs(most=14))
    options = data.draw(samples.options(algorithm=algorithm, count=14))
    kept = data.draw(st.lists(st.integers(0, 13), max_size=4, unique=True))
    asked = data.draw(st.sets(st.sampled_from([1, 2, 3, None]), min_size=1, max_size=3))
    found = glance(dealt(inputs, options, kept=kept), asked)
    whole = generate(replace(inputs), options, kept=kept)  # of inputs never seen before
    assert list(found.teams) == [team for team in whole.teams if team.team in asked]
    issues = {placement.issue for team in found.teams for placement in team.placements}
    assert list(found.conflicts) == about(whole, asked, issues)


def test_a_glance_tells_who_is_too_much_for_a_person_and_who_is_away():
    inputs = replace(
        sprint(
            issue(1, 3, assignee=7), issue(2, 3, assignee=7, after=[3]), issue(3, 2, team=DEV, assignee=7),
            issue(4, 2, team=DEV, assignee=8, after=[1]),
        ),
        people=[
            Person(7, limits={QA: Amount(2000, 0, 0), DEV: Amount(1000, 0, 0)}),
            Person(8, absences=(Absence(samples.MONDAY, samples.FRIDAY),)),
        ],
    )  # fmt: skip
    of_qa, of_dev = (glance(dealt(inputs, Options()), [team]).conflicts for team in (QA, DEV))
    assert [(one.kind, one.issues) for one in of_qa] == [(ConflictKind.ASSIGNEE_OVER, (1, 2))]
    assert [(one.kind, one.issues) for one in of_dev] == [
        (ConflictKind.ASSIGNEE_ABSENT, (4,)),
        (ConflictKind.ASSIGNEE_OVER, (3,)),
    ]


def three(*more, **options) -> Inputs:
    return sprint(
        issue(1, 2), issue(2, 3, team=DEV), issue(3, 1, team=OPS), *more,
        limits=[limit(QA, 5), limit(DEV, 5), limit(OPS, 5)], **options,
    )  # fmt: skip


def test_teams_that_are_tied_come_together():
    inputs = three(issue(4, 1, after=[2]), issue(5, 1, team=OPS, is_subtask=True, parent=99))
    found = part(inputs, Options(), [QA])
    assert found is not None
    assert [team.team for team in found.teams] == [QA, DEV]
    ignoring = replace(Options(), ignored=frozenset({(2, 4)}))
    alone = part(inputs, ignoring, [QA])
    assert alone is not None
    assert part(inputs, ignoring, [QA], most=2) == alone
    assert part(inputs, ignoring, [QA], most=1) is None
    assert [team.team for team in alone.teams] == [QA]


def test_a_subtask_ties_its_team_to_its_parents():
    found = part(three(issue(4, 1, team=DEV, is_subtask=True, parent=1)), Options(), [DEV])
    assert found is not None
    assert [team.team for team in found.teams] == [QA, DEV]


def test_what_cannot_be_told_alone_is_left_to_the_whole():
    assert part(three(), Options(algorithm=Algorithm.OPTIMAL), [QA]) is None
    assert part(three(), Options(), [QA, DEV, OPS]) is None
    unknown = replace(
        three(),
        candidates=[
            replace(one, estimate=Estimate(None, None)) if one.team == QA else one
            for one in three().candidates
        ],
    )
    assert part(unknown, Options(), [QA]) is None
    assert part(unknown, Options(unestimated=Unestimated.ZERO), [QA]) is not None
    assert part(unknown, Options(), [DEV]) is not None


@pytest.mark.parametrize("team", [QA, None])
def test_a_conflict_of_the_whole_sprint_stays_where_it_was(team):
    inputs = replace(three(issue(4, team=None)), sprint=Sprint())
    before = generate(inputs, Options())
    found = part(inputs, Options(), [team])
    assert found is not None
    assert not [one for one in found.conflicts if one.kind is ConflictKind.NO_DATES]
    shown = spliced(before, Options(), found)
    assert len([one for one in shown.conflicts if one.kind is ConflictKind.NO_DATES]) == 1
