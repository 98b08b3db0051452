"""What nobody should send and somebody will: a clear message or a listed conflict, never a crash or a hang."""

from __future__ import annotations

from datetime import datetime

import pytest

from sprintreports.kit.errors import Invalid
from sprintreports.planning.queue.generate import generate
from sprintreports.planning.queue.options import Algorithm, Options, Pin
from sprintreports.planning.queue.results import ConflictKind
from sprintreports.planning.queue.values import Scheduling, Sprint, Timing
from tests.unit.planning.queue.samples import QA, at, issue, keys, limit, sprint

everywhere = pytest.mark.parametrize("algorithm", list(Algorithm))


def kinds(queue) -> list[ConflictKind]:
    return [conflict.kind for conflict in queue.conflicts]


@everywhere
def test_nothing_at_all(algorithm):
    queue = generate(sprint(), Options(algorithm=algorithm))
    assert queue.fairness.index is None
    assert queue.placements() == {}


@everywhere
def test_ten_thousand_issues_of_one_team_and_five_hundred_stakeholders(algorithm):
    inputs = sprint(*(issue(n, 1 + n % 3, by=n % 500) for n in range(10_000)), limits=[limit(QA, 4_000)])
    queue = generate(inputs, Options(algorithm=algorithm, gap=1_000))
    assert len(queue.placements()) == 10_000
    assert queue.teams[0].load <= 4_000_000
    assert queue.teams[0].stakeholders == 500


@everywhere
def test_a_chain_and_a_ring_of_thousands_of_issues(algorithm):
    chain = [issue(n, 0.5, after=[n - 1] if n else []) for n in range(3_000)]
    ring = [issue(n, 1, after=[3_000 + (n + 1) % 3_000]) for n in range(3_000, 6_000)]
    queue = generate(sprint(*chain, *ring), Options(algorithm=algorithm))
    assert keys(queue) == list(range(20))
    (found,) = [one for one in queue.conflicts if one.kind is ConflictKind.CYCLE]
    assert len(found.issues) == 3_000


@everywhere
def test_names_and_numbers_with_anything_in_them(algorithm):
    odd = "\u202e<script>alert(1)</script>\x00' OR 1=1; --\N{PILE OF POO}"
    inputs = sprint(
        issue(-5, 10**12, rank=odd),
        issue(10**18, 0, by=-7, rank=odd),
        issue(3, -(10**15)),
        limits=[limit(QA, 3, odd)],
    )
    queue = generate(inputs, Options(algorithm=algorithm))
    assert len(queue.placements()) == 3
    assert {ConflictKind.TOO_LARGE, ConflictKind.UNUSABLE_ESTIMATE} <= set(kinds(queue))


@everywhere
def test_teams_without_capacity_or_limit_and_issues_without_a_team(algorithm):
    inputs = sprint(issue(1), issue(2, team=77), issue(3, team=None), issue(4, 0), qa=0)
    queue = generate(inputs, Options(algorithm=algorithm))
    assert all(one.side == "below" for one in queue.placements().values())
    assert sorted(kinds(queue)) == sorted(
        [ConflictKind.NO_CAPACITY, ConflictKind.NO_CAPACITY, ConflictKind.NO_TEAM]
    )


@everywhere
def test_a_sprint_without_dates_or_that_ends_before_it_starts(algorithm):
    for dates in (Sprint(), Sprint(at(0), None), Sprint(at(3), at(1))):
        queue = generate(sprint(issue(1), sprint=dates), Options(algorithm=algorithm))
        assert keys(queue) == [1]
        assert queue.placements()[1].start is None
        assert kinds(queue) == [ConflictKind.NO_DATES]


def test_the_same_issue_or_limit_twice():
    with pytest.raises(Invalid, match="each candidate once"):
        generate(sprint(issue(1), issue(1)), Options())
    with pytest.raises(Invalid, match="two limits"):
        generate(sprint(limits=[limit(QA, 1), limit(QA, 2)]), Options())


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda: Options(buffer=101), "from 0 to 100"),
        (lambda: Options(weights={1: 0}), "Exclude the issues"),
        (lambda: Options(seconds=0), "600 seconds"),
        (lambda: Options(gap=-1), "millionths"),
        (lambda: Pin(0), "counts from 1"),
        (lambda: Timing(Scheduling.HARD, at(1)), "starts and ends"),
        (lambda: Timing(Scheduling.SOFT), "needs its date"),
        (lambda: Timing(Scheduling.HARD, at(2), at(1)), "Swap the times"),
        (lambda: Timing(Scheduling.SOFT, None, datetime(2026, 1, 1)), "no time zone"),  # noqa: DTZ001
    ],
)
def test_options_that_make_no_sense_are_refused_with_a_sentence(wrong, sentence):
    with pytest.raises(Invalid, match=sentence):
        wrong()
