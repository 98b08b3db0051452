"""Each algorithm on a sprint small enough to deal by hand."""

from __future__ import annotations

from threading import Event

import pytest

from benchmarks.queue_instances import instance
from sprintreports.kit.errors import Invalid
from sprintreports.metrics.values import Estimate, Unit
from sprintreports.planning.queue.algorithms import forget, register, registered
from sprintreports.planning.queue.algorithms.priority import by_rank
from sprintreports.planning.queue.deal import Deal
from sprintreports.planning.queue.generate import generate, preview
from sprintreports.planning.queue.options import Algorithm, Options, Pin, Unestimated
from sprintreports.planning.queue.problem import prepare
from sprintreports.planning.queue.results import Why
from tests.unit.planning.queue.samples import DEV, QA, due, hard, issue, keys, limit, sprint

ANN, BOB, CAT = 1, 2, 3


def planned(inputs, **options):
    return generate(inputs, Options(**options))


def rounds(queue) -> list[tuple[int, int]]:
    return [(one.issue, one.round) for one in queue.teams[0].placements if one.round]


def test_round_robin_gives_each_stakeholder_one_issue_a_round():
    inputs = sprint(
        *(issue(n, by=ANN) for n in (1, 2, 3)), issue(4, by=BOB), issue(5, by=CAT), issue(6, by=CAT)
    )
    queue = planned(inputs)
    assert rounds(queue) == [(1, 1), (4, 1), (5, 1), (2, 2), (6, 2), (3, 3)]
    assert queue.teams[0].fairness.wait == 1


def test_round_robin_passes_over_what_does_not_fit_and_what_waits():
    inputs = sprint(
        issue(1, 2, by=ANN, after=[4]), issue(2, 9, by=ANN), issue(3, 1, by=ANN), issue(4, 1, by=BOB), qa=5
    )
    assert keys(planned(inputs)) == [4, 1, 3]
    assert keys(planned(inputs), side="below") == [2]


def test_an_issue_is_dealt_when_another_team_has_freed_it():
    inputs = sprint(
        issue(1, by=ANN, after=[5]),
        issue(2, by=BOB),
        issue(3, by=BOB),
        issue(4, team=DEV),
        issue(5, team=DEV),
    )
    queue = planned(inputs)
    assert keys(queue, DEV) == [5, 4], "a blocker inherits the rank of what it blocks"
    assert keys(queue) == [2, 1, 3], "Ann's turn comes as soon as her issue is free"


def test_those_due_in_the_sprint_are_dealt_before_the_others_and_hard_ones_before_all():
    inputs = sprint(
        issue(1),
        issue(2, timing=due(3)),
        issue(3, timing=due(2)),
        issue(4, timing=hard(4)),
        issue(5, timing=due(60)),
    )
    assert keys(planned(inputs)) == [4, 3, 2, 1, 5]


def test_carry_over_comes_first_if_asked_for():
    inputs = sprint(issue(1), issue(2, carry_over=True))
    assert keys(planned(inputs)) == [1, 2]
    assert keys(planned(inputs, carry_over_first=True)) == [2, 1]


def test_weighted_fair_deals_by_amount_and_weight():
    inputs = sprint(
        *(issue(n, 1, by=ANN) for n in range(10)), *(issue(n, 1, by=BOB) for n in range(10, 20)), qa=12
    )
    halves = planned(inputs, algorithm=Algorithm.WEIGHTED_FAIR)
    assert [sum(1 for one in keys(halves) if one < 10), len(keys(halves))] == [6, 12]
    assert halves.fairness.index == 100
    double = planned(inputs, algorithm=Algorithm.WEIGHTED_FAIR, weights={ANN: 200})
    assert sum(1 for one in keys(double) if one < 10) == 8
    assert double.fairness.index == 100, "twice the weight, twice the share: even"


def test_weighted_fair_lets_a_large_issue_wait_until_it_is_paid_for():
    inputs = sprint(issue(1, 3, by=ANN), *(issue(n, 1, by=BOB) for n in (2, 3, 4, 5)), qa=6)
    assert keys(planned(inputs, algorithm=Algorithm.WEIGHTED_FAIR)) == [2, 3, 1, 4]


def test_priority_is_strict_and_skips_what_does_not_fit():
    inputs = sprint(
        issue(1, 2, priority=2),
        issue(2, 6, priority=1),
        issue(3, 3, priority=0),
        issue(4, 1, priority=3),
        qa=8,
    )
    queue = planned(inputs, algorithm=Algorithm.PRIORITY)
    assert keys(queue) == [3, 1, 4]
    assert keys(queue, side="below") == [2]


def test_optimal_finds_what_the_greedy_misses():
    others = [issue(n, 1, team=DEV) for n in range(4, 20)]
    inputs = sprint(issue(1, 6), issue(2, 5), issue(3, 5), *others, qa=10, dev=20)
    assert keys(planned(inputs, algorithm=Algorithm.PRIORITY)) == [1]
    best = planned(inputs, algorithm=Algorithm.OPTIMAL)
    assert keys(best) == [2, 3]
    assert best.bound is not None
    assert best.bound.proven
    assert best.bound.gap == 0


def test_optimal_takes_a_blocker_along_in_another_team():
    inputs = sprint(
        issue(1, 8, after=[2]),
        issue(2, 9, team=DEV, priority=5),
        issue(3, 8, team=DEV, priority=5),
        qa=8,
        dev=9,
    )
    best = planned(inputs, algorithm=Algorithm.OPTIMAL)
    assert (keys(best), keys(best, DEV)) == ([1], [2])


def test_a_large_optimum_is_within_the_gap_asked_for_and_its_preview_below_it():
    inputs = instance(1_500, seed=3, teams=15)
    options = Options(algorithm=Algorithm.OPTIMAL, gap=1_000)
    best, first = generate(inputs, options), preview(inputs, options)
    assert best.bound is not None
    assert best.bound.gap <= 0.001
    assert first.options == options
    assert first.value < best.value <= best.bound.bound


def test_cancelled_before_it_begins_optimal_still_answers():
    stop = Event()
    stop.set()
    inputs = instance(300, seed=3, teams=6)
    queue = generate(inputs, Options(algorithm=Algorithm.OPTIMAL), cancelled=stop)
    assert queue.bound is not None
    assert queue.bound.stopped
    assert not queue.bound.proven
    assert queue.value == preview(inputs, Options()).value
    assert len(queue.placements()) == 300


def test_pins_are_in_and_at_their_position():
    inputs = sprint(*(issue(n, by=n % 3) for n in range(1, 9)), qa=5)
    assert keys(planned(inputs, pins={8: Pin(), 7: Pin(3)})) == [8, 1, 7, 2, 3]


def test_a_pinned_position_gives_way_to_a_blocker():
    inputs = sprint(issue(1, after=[3]), issue(2), issue(3))
    assert keys(planned(inputs, pins={1: Pin(1)})) == [3, 1, 2]


def test_sub_tasks_count_with_their_parent_or_the_parent_by_them():
    inputs = sprint(
        issue(1, 5),
        issue(2, 1, is_subtask=True, parent=1),
        issue(3, 2, is_subtask=True, parent=1),
        issue(4, 1, after=[1]),
    )
    assert keys(planned(inputs)) == [1, 4]
    assert keys(planned(inputs, include_subtasks=True)) == [2, 3, 4]
    assert keys(planned(inputs, include_subtasks=True), side="aside") == [1]


def test_a_sub_task_stands_for_its_parent_where_something_waits_for_it():
    inputs = sprint(issue(1, 5, priority=3), issue(2, 1, is_subtask=True, parent=1), issue(4, 1, after=[2]))
    assert keys(planned(inputs)) == [1, 4]


def test_buffer_extra_and_unit():
    inputs = sprint(*(issue(n) for n in range(10)), qa=8)
    assert len(keys(planned(inputs, buffer=50))) == 4
    assert len(keys(planned(inputs, extra={QA: 1000}))) == 9
    assert len(keys(planned(inputs, unit=Unit.COUNT))) == 5, "the team's capacity in issues"


def test_overrides_of_team_estimate_and_class():
    inputs = sprint(issue(1), issue(2))
    queue = planned(inputs, teams={2: DEV}, estimates={1: Estimate(4000, None)}, timings={1: hard(2)})
    assert (keys(queue), keys(queue, DEV)) == ([1], [2])
    assert queue.teams[0].load == 4000
    assert queue.teams[0].placements[0].reason.why is Why.HARD


@pytest.mark.parametrize(("rule", "load"), [("median", 2000), ("zero", 0)])
def test_what_an_unestimated_issue_weighs(rule, load):
    inputs = sprint(issue(1, 2), issue(2, 2), issue(3, 5), issue(4, None), issue(5, -3))
    queue = planned(inputs, unestimated=Unestimated(rule))
    assert [queue.placements()[n].load for n in (4, 5)] == [load, load]


def test_unestimated_issues_can_be_left_out():
    inputs = sprint(issue(1, 2), issue(2, None))
    assert keys(planned(inputs, unestimated=Unestimated.LEFT_OUT), side="below") == [2]


def test_the_seed_settles_what_is_equal_otherwise():
    inputs = sprint(*(issue(n, rank="", by=n) for n in range(40)), limits=[limit(QA, 40)])
    orders = {tuple(keys(planned(inputs, seed=seed))) for seed in range(3)}
    assert len(orders) == 3


def test_a_plugin_brings_an_algorithm_and_cannot_break_the_rules():
    def greedy(table: Deal, _cancelled: Event) -> None:
        with pytest.raises(ValueError, match="cannot be next"):
            table.take(table.problem.numbers[2], Why.RANK)
        by_rank(table, why=Why.RANK)

    register("mine", greedy)
    try:
        assert "mine" in registered()
        assert keys(planned(sprint(issue(1), issue(2, after=[1])), algorithm="mine")) == [1, 2]
        with pytest.raises(Invalid, match="another name"):
            register("mine", greedy)
    finally:
        forget("mine")
    with pytest.raises(Invalid, match="no algorithm named mine"):
        planned(sprint(), algorithm="mine")
    with pytest.raises(Invalid, match="stays"):
        forget("priority")


def test_what_a_plugin_leaves_undecided_is_taken_by_rank():
    register("idle", lambda _table, _cancelled: None)
    try:
        assert keys(planned(sprint(issue(1), issue(2, after=[1]), issue(3, 9)), algorithm="idle")) == [1, 2]
    finally:
        forget("idle")


def test_optimal_without_time_still_answers_and_says_how_good_it_is():
    inputs = instance(1_000, seed=4, teams=4)
    queue = generate(inputs, Options(algorithm=Algorithm.OPTIMAL, seconds=0.001))
    assert queue.bound is not None
    assert queue.bound.value == queue.value <= queue.bound.bound
    assert 0 <= queue.bound.gap < 0.2
    assert queue.value >= preview(inputs, Options()).value


def test_the_table_refuses_what_does_not_fit():
    table = Deal(prepare(sprint(issue(1, 6), issue(2, 6)), Options()))
    table.take(0, Why.RANK)
    with pytest.raises(ValueError, match="no room"):
        table.take(1, Why.RANK)
