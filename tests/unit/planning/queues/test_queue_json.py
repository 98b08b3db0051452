"""Options, changes and whole queues as JSON and back: nothing is lost, and equal values are equal bytes."""

from __future__ import annotations

import json
import random
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sprintreports.kit.errors import Invalid
from sprintreports.metrics.values import Estimate, Unit
from sprintreports.planning.queue.generate import generate
from sprintreports.planning.queue.options import (
    AddCapacity,
    Algorithm,
    Exclude,
    IgnoreLink,
    Include,
    Options,
    Pin,
    PinIssue,
    ResetTiming,
    SetEstimate,
    SetTeam,
    SetTiming,
    Unestimated,
    Unpin,
)
from sprintreports.planning.queue.results import Conflict, ConflictKind, InJira, Severity
from sprintreports.planning.queue.values import Scheduling, Timing
from sprintreports.planning.queues.changes import Rule, SetRule, SetWeight
from sprintreports.planning.queues.encoding import (
    change_json,
    change_of,
    edit_of,
    options_json,
    options_of,
)
from sprintreports.planning.queues.fingerprints import fingerprint
from sprintreports.planning.queues.stored_results import (
    FORMAT,
    Unreadable,
    as_json,
    from_json,
    named,
    packed,
    unpacked,
)
from tests.unit.planning.queue import samples

STORED = Path(__file__).parent / "stored"
ZONES = [
    UTC,
    ZoneInfo("Europe/Berlin"),
    ZoneInfo("America/St_Johns"),
    timezone(timedelta(hours=5, minutes=45)),
]
IDS = st.integers(0, 2**53)
TEAMS = st.none() | st.integers(0, 2**31)
ESTIMATES = st.builds(Estimate, st.none() | st.integers(-5, 10**12), st.none() | st.integers(0, 10**12))


@st.composite
def timings(draw) -> Timing:
    kind = draw(st.sampled_from(Scheduling))
    zone = draw(st.sampled_from(ZONES))
    start = draw(st.datetimes(datetime(2000, 1, 2), datetime(2100, 1, 1))).replace(tzinfo=UTC)  # noqa: DTZ001
    end = start + timedelta(microseconds=draw(st.integers(1, 10**13)))
    start, end = start.astimezone(zone), end.astimezone(draw(st.sampled_from(ZONES)))
    if kind is Scheduling.HARD:
        return Timing(kind, start, end)
    return Timing(kind, draw(st.sampled_from([None, start])), end if kind is Scheduling.SOFT else None)


OPTIONS = st.builds(
    Options,
    algorithm=st.sampled_from([*Algorithm, "a plugin's"]),
    include_subtasks=st.booleans(),
    weights=st.dictionaries(st.none() | IDS, st.integers(1, 10_000), max_size=4),
    unit=st.none() | st.sampled_from(Unit),
    buffer=st.integers(0, 100),
    carry_over_first=st.booleans(),
    unestimated=st.sampled_from(Unestimated),
    pins=st.dictionaries(IDS, st.builds(Pin, st.none() | st.integers(1, 10**6)), max_size=4),
    exclusions=st.frozensets(IDS, max_size=4),
    teams=st.dictionaries(IDS, TEAMS, max_size=4),
    timings=st.dictionaries(IDS, timings(), max_size=3),
    estimates=st.dictionaries(IDS, ESTIMATES, max_size=3),
    ignored=st.frozensets(st.tuples(IDS, IDS), max_size=4),
    extra=st.dictionaries(TEAMS, st.integers(-(10**12), 10**12), max_size=4),
    seed=st.integers(0, 2**40),
    seconds=st.floats(0.001, 600),
    gap=st.integers(0, 1_000_000),
)
CHANGES = st.one_of(
    st.builds(PinIssue, IDS, st.none() | st.integers(1, 99)),
    st.builds(Unpin, IDS),
    st.builds(Exclude, IDS),
    st.builds(Include, IDS),
    st.builds(SetTeam, IDS, TEAMS),
    st.builds(SetTiming, IDS, timings()),
    st.builds(ResetTiming, IDS),
    st.builds(SetEstimate, IDS, ESTIMATES),
    st.builds(IgnoreLink, IDS, IDS),
    st.builds(AddCapacity, TEAMS, st.integers(-(10**12), 10**12)),
    st.builds(SetWeight, st.none() | IDS, st.none() | st.integers(1, 10_000)),
    st.builds(
        SetRule, st.sampled_from(Rule), st.none() | st.booleans() | st.integers(-9, 9) | st.floats(0, 9) | st.text(max_size=9)
    ),
)  # fmt: skip


def as_stored(plain: object) -> object:
    """As it comes back from a JSON column."""
    return json.loads(msgspec.json.encode(plain))


@settings(max_examples=40, deadline=None)
@given(OPTIONS)
def test_options_come_back_as_they_were(options: Options):
    assert options_of(as_stored(options_json(options))) == options


@settings(max_examples=40, deadline=None)
@given(OPTIONS, st.randoms(use_true_random=False))
def test_equal_options_are_written_alike(options: Options, chance: random.Random):
    def mixed(mapping):
        pairs = list(mapping.items())
        chance.shuffle(pairs)
        return dict(pairs)

    elsewhere = {
        issue: Timing(
            one.kind,
            one.start and one.start.astimezone(chance.choice(ZONES)),
            one.end and one.end.astimezone(chance.choice(ZONES)),
        )
        for issue, one in mixed(options.timings).items()
    }
    same = replace(
        options,
        weights=mixed(options.weights),
        pins=mixed(options.pins),
        teams=mixed(options.teams),
        timings=elsewhere,
        estimates=mixed(options.estimates),
        extra=mixed(options.extra),
    )
    assert same == options
    assert msgspec.json.encode(options_json(same)) == msgspec.json.encode(options_json(options))


@settings(max_examples=40, deadline=None)
@given(CHANGES)
def test_changes_come_back_as_they_were(change):
    back = change_of(as_stored(change_json(change)))
    assert back == change
    assert type(back) is type(change)
    if isinstance(change, SetRule):
        assert isinstance(back, SetRule)
        assert type(back.value) is type(change.value)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({}, "kind"),
        ("pin", "kind"),
        ({"kind": "melt", "issue": 1}, "pin, unpin"),
        ({"kind": "pin"}, "issue"),
        ({"kind": "pin", "issue": "1"}, "issue"),
        ({"kind": "timing", "issue": 1, "timing": {"kind": "hard"}}, "the times"),
        ({"kind": "timing", "issue": 1, "timing": {"kind": "soft", "end": "2026-01-01T00:00:00"}}, "time zone"),
        ({"kind": "rule", "rule": "colour", "value": 1}, "colour"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_change_is_told(written: object, said: str):
    with pytest.raises(Invalid, match=said):
        change_of(written)


def test_a_rule_is_no_edit_of_an_issue():
    assert edit_of({"kind": "exclude", "issue": 4}) == Exclude(4)
    with pytest.raises(Invalid, match="exclude"):
        edit_of({"kind": "rule", "rule": "buffer", "value": 1})


@settings(max_examples=40, deadline=None)
@given(st.data(), st.sampled_from(Algorithm))
def test_queues_come_back_as_they_were(data, algorithm: Algorithm):
    inputs = data.draw(samples.inputs())
    options = data.draw(samples.options(algorithm=algorithm))
    queue = generate(inputs, replace(options, seconds=0.5))
    assert from_json(as_json(queue)) == queue
    assert unpacked(packed(queue), format_=FORMAT) == queue
    assert as_json(from_json(as_json(queue))) == as_json(queue)


def test_huge_values_and_odd_zones_come_back():
    berlin = ZoneInfo("Europe/Berlin")
    at = samples.at(1).astimezone(berlin)
    timing = Timing(Scheduling.HARD, at, at + timedelta(hours=1))
    queue = generate(
        samples.sprint(samples.issue(1, timing=timing), samples.issue(2)),
        Options(algorithm=Algorithm.OPTIMAL, seconds=0.5),
    )
    assert queue.bound is not None
    large = replace(queue, value=10**40, bound=replace(queue.bound, value=10**40, bound=10**41))
    assert from_json(as_json(large)) == large
    assert b"+01:00" not in as_json(queue)


def test_what_was_stored_once_is_read_for_good():
    """The file was written by format 1. It is never written anew: who must change this test needs another format."""
    queue = from_json((STORED / "format_1.json").read_bytes(), format_=1)
    assert [team.name for team in queue.teams] == ["QA", "Dev", "No team"]
    assert queue.bound is not None
    assert queue.options.pins == {2: Pin(1)}
    assert queue.options.weights == {None: 50, 1: 200}
    assert queue.options.timings[3].kind is Scheduling.HARD
    assert {one.kind for one in queue.conflicts} >= {
        ConflictKind.UNESTIMATED,
        ConflictKind.CYCLE,
        ConflictKind.TOO_LARGE,
    }
    assert all(one.suggestions for one in queue.conflicts if one.kind is ConflictKind.CYCLE)
    assert queue.in_jira == {}, "nobody had asked Jira then"
    first, now = (json.loads(body) for body in ((STORED / "format_1.json").read_bytes(), as_json(queue)))
    assert {**now, "format": 1} == {**first, "in_jira": []}


def test_what_the_second_format_added_is_read_for_good():
    """As above: the file was written by format 2, and is never written anew."""
    queue = from_json((STORED / "format_2.json").read_bytes(), format_=2)
    window = datetime(2026, 11, 25, 10, tzinfo=UTC)
    assert queue.in_jira == {
        1: InJira(
            Timing(Scheduling.HARD, window, window + timedelta(hours=2)), "Scheduling = Maintenance window"
        ),
        2: InJira(
            Timing(Scheduling.SOFT, None, datetime(2026, 12, 1, 17, tzinfo=UTC)), "Due date = 2026-12-01"
        ),
        3: InJira(Timing(), "Scheduling = Fixed"),
    }
    assert queue.timing_of(2).kind is Scheduling.FLEXIBLE, "by hand"
    assert ConflictKind.NO_TIMES in {one.kind for one in queue.conflicts}
    assert as_json(queue) == (STORED / "format_2.json").read_bytes().strip()


DAMAGED = {
    "empty": b"",
    "not compressed": b"{}",
    "cut off JSON": zlib.compress(b"{"),
    "another JSON": zlib.compress(b"{}"),
    "cut off": packed(generate(samples.sprint(), Options()))[:-3],
}


@pytest.mark.parametrize("body", DAMAGED.values(), ids=DAMAGED)
def test_what_is_damaged_is_told(body: bytes):
    with pytest.raises(Unreadable):
        unpacked(body, format_=FORMAT)


def test_a_format_of_tomorrow_is_told():
    with pytest.raises(Unreadable, match="newer release"):
        from_json(b"{}", format_=FORMAT + 1)


@settings(max_examples=40, deadline=None)
@given(samples.inputs(), st.randoms(use_true_random=False))
def test_the_order_of_the_inputs_is_no_part_of_their_fingerprint(inputs, chance: random.Random):
    mixed = list(inputs.candidates)
    chance.shuffle(mixed)
    assert fingerprint(replace(inputs, candidates=mixed)) == fingerprint(inputs)
    assert fingerprint(replace(inputs, names={1: "Ada"})) == fingerprint(inputs)


def test_whatever_a_plan_rests_on_changes_the_fingerprint():
    inputs = samples.sprint(samples.issue(1), samples.issue(2, after=[1]))
    first, second = inputs.candidates
    others = [
        replace(inputs, candidates=[first]),
        replace(inputs, candidates=[first, replace(second, estimate=Estimate(2000, None))]),
        replace(inputs, candidates=[first, replace(second, blockers=())]),
        replace(inputs, candidates=[first, replace(second, done=True)]),
        replace(inputs, limits=[samples.limit(samples.QA, 11), samples.limit(samples.DEV, 10)]),
        replace(inputs, sprint=replace(inputs.sprint, end=samples.at(3))),
        replace(inputs, calendars={samples.QA: samples.HOURS}),
    ]
    found = {fingerprint(one) for one in (inputs, *others)}
    assert len(found) == len(others) + 1


def test_people_are_named_when_a_queue_is_read():
    queue = generate(samples.sprint(samples.issue(1)), Options())
    over = Conflict(
        ConflictKind.ASSIGNEE_OVER, Severity.WARNING, "Person 12 has 5 points in the plan.", (1,), 1, 12
    )
    other = replace(over, person=1, words="Person 12 is somebody else's number.")
    stored = from_json(as_json(replace(queue, conflicts=(over, other))))
    said = [one.words for one in named(stored, {12: "Ada Person 1 Lovelace"}).conflicts]
    assert said == ["Ada Person 1 Lovelace has 5 points in the plan.", "Person 12 is somebody else's number."]
    assert named(stored, {}) == stored
