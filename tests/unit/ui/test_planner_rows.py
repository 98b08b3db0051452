"""What the planner's board is told: each issue once with its reason, figures, conflicts with what settles them, what was sent."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sprintreports.kit.errors import Invalid
from sprintreports.metrics.values import Amount, Estimate, Unit
from sprintreports.planning.queue.generate import generate
from sprintreports.planning.queue.options import Exclude, Options, Pin, PinIssue, SetTiming
from sprintreports.planning.queue.results import Queue, Side
from sprintreports.planning.queue.values import Candidate, Inputs, Scheduling, Sprint, TeamLimit, Timing
from sprintreports.planning.queues.changes import Rule, SetRule
from sprintreports.planning.queues.encoding import change_of
from sprintreports.planning.queues.exports.lines import Names, Text
from sprintreports.ui.pages.planner import rows
from sprintreports.ui.pages.planner.bench import Bench
from sprintreports.ui.pages.planner.rows import Sight
from sprintreports.ui.pages.planner.sent import read_sent

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 3, 2, 8, tzinfo=UTC)
NAMES = Names({1: "Olga", 2: "Bela"}, {1: Text("First", "https://jira.test/browse/APP-1")})


def candidate(number: int, points: int | None = 2, team: int | None = 1) -> Candidate:
    return Candidate(
        number, f"APP-{number}", team, Estimate(None if points is None else points * 1000, None), stakeholder=1 + number % 2
    )  # fmt: skip


def sight(options: Options | None = None, candidates: tuple[Candidate, ...] = ()) -> Sight:
    limits = [
        TeamLimit(None if team == 0 else team, name, Unit.POINTS, Amount(capacity * 1000, 0, 0))
        for team, name, capacity in ((2, "Empty", 3), (1, "QA", 5))
    ]
    inputs = Inputs(
        candidates or tuple(candidate(n) for n in (1, 2, 3)), limits, Sprint(START, START + timedelta(14))
    )
    queue: Queue = generate(inputs, options or Options())
    return Sight(Bench(None, b"", NAMES, queue, 0, queue.options), queue, BERLIN)


def test_columns_say_what_is_used_and_empty_teams_come_last():
    first, last = rows.columns(sight())
    assert (first["id"], first["name"], first["in"], first["out"], first["used"]) == ("1", "QA", 2, 1, 80)
    assert (first["load"], first["capacity"], first["told"]) == (4000, 5000, "4 points of 5 points")
    assert (last["name"], last["in"], last["used"]) == ("Empty", 0, 0)


def test_cards_have_words_for_everything_and_stop_where_asked():
    seen = sight(Options(exclusions=frozenset({2}), pins={1: Pin()}))
    team = next(team for team in seen.queue.teams if team.team == 1)
    whole = rows.cards(seen, team, 100)
    by_key = {card["key"]: card for card in whole["cards"]}
    assert (whole["of"], sorted(by_key)) == (3, ["APP-1", "APP-2", "APP-3"])
    first = by_key["APP-1"]
    assert (first["summary"], first["url"], first["amount"]) == (
        "First",
        "https://jira.test/browse/APP-1",
        "2 points",
    )
    assert (first["who"], first["pinned"], first["side"], first["why"]) == (
        "Bela",
        True,
        "in",
        "It is pinned.",
    )
    assert (by_key["APP-2"]["excluded"], by_key["APP-2"]["side"], by_key["APP-2"]["why"]) == (
        True, "aside", "It was excluded by hand.",
    )  # fmt: skip
    few = rows.cards(seen, team, 1)
    assert (few["of"], len(few["cards"])) == (3, 1)


def test_times_are_the_viewers_own():
    timing = Timing(Scheduling.HARD, START + timedelta(days=1), START + timedelta(days=1, hours=2))
    seen = sight(Options(timings={1: timing}))
    (card,) = (one for one in rows.cards(seen, seen.queue.teams[0], 9)["cards"] if one["key"] == "APP-1")
    assert (card["kind"], card["from"], card["to"]) == ("hard", "2026-03-03T09:00", "2026-03-03T11:00")
    assert card["timed"] == "exact times"


def test_conflicts_carry_changes_that_can_be_sent_back():
    seen = sight(candidates=(candidate(1), candidate(2, None), candidate(3, 50)))
    told = rows.conflicts(seen)
    assert {one["level"] for one in told} >= {"Error", "Warning"}
    changes = [change_of(way["change"]) for one in told for way in one["ways"]]
    assert Exclude(3) in changes
    marked = {one["key"]: one["mark"] for one in rows.cards(seen, seen.queue.teams[0], 9)["cards"]}
    assert (marked["APP-1"], marked["APP-2"], marked["APP-3"]) == ("", "warn", "bad")
    assert rows.columns(seen)[0]["conflicts"] == sum(one["tone"] != "info" for one in told)


def test_totals_agree_with_the_columns():
    seen = sight()
    totals = rows.totals(seen)
    assert (totals["in"], totals["out"], totals["teams"], totals["quality"]) == (2, 1, 2, "")
    assert totals["fair"] == f"{seen.queue.fairness.index:.0f}"
    assert totals["in"] == sum(one.side is Side.IN for one in seen.queue.placements().values())


def test_the_optimiser_says_how_good_its_plan_is():
    seen = sight(Options(algorithm="optimal"))
    assert rows.totals(seen)["quality"] == "Proven to be the best there is."
    seen.bench.final = False
    assert rows.totals(seen)["quality"] == "A quick preview; the best plan is being worked out."
    seen.bench.trouble = "It took too long."
    assert rows.totals(seen)["quality"] == "It took too long."


def test_weights_name_everybody_with_something_to_do():
    told = rows.weights(sight(Options(weights={1: 250})))
    assert [(one["name"], one["issues"], one["weight"]) for one in told] == [
        ("Bela", 2, 100),
        ("Olga", 1, 250),
    ]


def test_what_is_sent_is_read_with_the_makers_zone():
    message = """{"op": "edit", "token": "a", "seen": 3, "changes": [
        {"kind": "pin", "issue": 7, "position": 2}, {"kind": "rule", "rule": "buffer", "value": 10},
        {"kind": "timing", "issue": 7, "timing": {"kind": "soft", "end": "2026-03-03T09:00"}}]}"""
    sent = read_sent(message, BERLIN)
    assert (sent.op, sent.token, sent.seen) == ("edit", "a", 3)
    assert sent.changes[:2] == (PinIssue(7, 2), SetRule(Rule.BUFFER, 10))
    assert sent.changes[2] == SetTiming(
        7, Timing(Scheduling.SOFT, None, datetime(2026, 3, 3, 9, tzinfo=BERLIN))
    )


@pytest.mark.parametrize(
    "message",
    [
        "", "{}", "[]", '{"op": "drop", "token": "a", "seen": 0}', '{"op": "edit", "token": "a", "seen": 0, "changes": [1]}',
        '{"op": "edit", "token": "a", "seen": 0, "changes": [{"kind": "pin"}]}',
        '{"op": "edit", "token": "a", "seen": 0, "changes": [{"kind": "timing", "issue": 1, "timing": {"kind": "soft", "end": 5}}]}',
        "[" * 100_001,
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told(message: str):
    with pytest.raises(Invalid):
        read_sent(message, BERLIN)


def test_what_a_page_has_is_not_sent_again():
    first = sight()
    team = next(team for team in first.queue.teams if team.team == 1)
    first_order = [one.issue for one in team.placements]
    known, whole = rows.differing(rows.cards(first, team, 60), None)
    assert whole is not None
    assert (whole["order"], [card["id"] for card in whole["cards"]], whole["of"]) == (
        first_order,
        first_order,
        3,
    )
    assert rows.differing(rows.cards(first, team, 60), known) == (known, None)
    pinned = sight(Options(pins={3: Pin(1)}))
    after = next(team for team in pinned.queue.teams if team.team == 1)
    _, told = rows.differing(rows.cards(pinned, after, 60), known)
    assert told is not None
    assert told["order"] == [one.issue for one in after.placements]
    assert 3 in {card["id"] for card in told["cards"]}
    _, fewer = rows.differing(rows.cards(first, team, 2), known)
    assert fewer == {"order": first_order[:2], "cards": [], "of": 3}


def test_conflicts_are_told_apart_by_what_they_say():
    said = [{"words": "One."}, {"words": "Two."}]
    known, whole = rows.differing_conflicts(said, None)
    assert whole is not None
    assert [whole["fresh"][name] for name in whole["order"]] == said
    assert rows.differing_conflicts(said, known) == (known, None)
    _, told = rows.differing_conflicts([{"words": "Two."}, {"words": "New."}], known)
    assert told is not None
    assert (told["order"][0], list(told["fresh"].values())) == (whole["order"][1], [{"words": "New."}])
    assert rows.differing_conflicts([], None) == ((), {"order": [], "fresh": {}})


def test_of_the_teams_figures_those_are_told_that_differ():
    web, qa = {"id": "1", "load": 3}, {"id": "2", "load": 5}
    known, whole = rows.differing_columns([web, qa], None)
    assert whole == {"order": ["1", "2"], "fresh": [web, qa]}
    assert rows.differing_columns([dict(web), dict(qa)], known) == (known, None)
    fuller = {**qa, "load": 8}
    then, told = rows.differing_columns([fuller, web], known)
    assert told == {"order": ["2", "1"], "fresh": [fuller]}
    assert rows.differing_columns([web], then)[1] == {"order": ["1"], "fresh": []}
    assert rows.differing_columns([], None) == ((), {"order": [], "fresh": []}), (
        "nothing is told of as nothing"
    )


def test_a_list_that_is_still_to_follow_is_marked():
    seen = sight()
    assert rows.told(seen) == []
    seen.bench.final, seen.bench.told = False, frozenset({None, 1})
    assert rows.told(seen) == ["0", "1"], "the board knows no team as 0"
    qa, empty = (next(team for team in seen.queue.teams if team.team == number) for number in (1, 2))
    had, _ = rows.differing(rows.cards(seen, qa, 2), None)
    none, _ = rows.differing(rows.cards(seen, empty, 2), None)
    assert not rows.still_to_follow(seen, qa, 2, had), "it is told already"
    assert rows.still_to_follow(seen, empty, 2, none)
    assert not rows.still_to_follow(seen, empty, 2, None)
    seen.bench.told = frozenset({2})
    assert rows.still_to_follow(seen, qa, 2, had)
    assert not rows.still_to_follow(seen, qa, 3, had), "more of it is in sight now"
