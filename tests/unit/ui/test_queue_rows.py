"""Queues as text: the ledger, a version by rounds and pages, progress, two plans, files and links."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads.choices import SprintChoice
from sprintreports.jira.reads.names import IssueName
from sprintreports.kit.errors import Invalid
from sprintreports.metrics.values import SprintState, Unit
from sprintreports.planning.queue.generate import generate
from sprintreports.planning.queue.options import Options, PinIssue, SetTiming
from sprintreports.planning.queue.results import Fairness
from sprintreports.planning.queue_inputs.reading import Sources
from sprintreports.planning.queues.comparing import compared
from sprintreports.planning.queues.exports.lines import Names, Text
from sprintreports.planning.queues.feeds import Feed
from sprintreports.planning.queues.files import Format
from sprintreports.planning.queues.progress import progress_of
from sprintreports.planning.queues.states import QueueState
from sprintreports.planning.queues.store import QueueInfo
from sprintreports.planning.queues.versions import Summary, Version, cut_to
from sprintreports.ui.pages.planner import comparing_rows, exporting_rows, progress_rows, versions_rows
from sprintreports.ui.pages.queues import beginning, rows
from sprintreports.ui.planning import plans
from tests.unit.planning.queue.samples import DEV, HOURS, QA, at, hard, issue, limit, sprint

UTC_ZONE = ZoneInfo("UTC")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SUMMARY = Summary("round_robin", 12, 3, 1, 1, 2, 96.4, None)
INPUTS = sprint(
    issue(1, 2, by=1), issue(2, 2, by=1), issue(3, 2, by=2), issue(4, 2, by=2), issue(5, 9, by=1), issue(6, 1, team=DEV, done=True),
    qa=8,
)  # fmt: skip


def info(**more) -> QueueInfo:
    made = QueueInfo(
        1, 5, 7, "Plan", QueueState.DRAFT, Options(), Sources(), 0, 1, 3, NOON, NOON, None, None, None
    )
    return replace(made, **more)


def version(**more) -> Version:
    return replace(Version(1, 1, 0, "first", Sources(), b"", SUMMARY, 3, NOON), **more)


def test_a_line_of_the_ledger_has_the_figures_of_the_last_version():
    line, bare = rows.lines(
        [info(head=2), info(id=2, versions=0, head=1)], {1: version()}, {3: "Mia"}, UTC_ZONE
    )
    assert (line.state, line.author, line.versions, line.ahead) == (
        "Draft",
        "Mia",
        "1 version",
        "2 edits since version 1",
    )
    assert (line.inside, line.below, line.conflicts, line.fairness) == (
        "12",
        "3",
        "1 error, 2 warnings",
        "96",
    )
    assert (bare.versions, bare.ahead, bare.inside, bare.algorithm) == (
        "none kept",
        "1 edit so far",
        "—",
        "Round-robin",
    )
    done = info(state=QueueState.COMPLETED, head=2)
    (ended,) = rows.lines([done], {1: version(summary=None)}, {}, UTC_ZONE)
    assert (ended.ahead, ended.inside, ended.author) == ("", "—", "—")


def test_what_there_is_is_said_in_a_sentence():
    assert rows.reading([]) == ""
    assert rows.reading([info()]) == "No queue is the plan of this sprint yet, 1 draft."
    active = info(name="A", state=QueueState.ACTIVE)
    assert rows.reading([active, info(), info()]) == "“A” is the plan of this sprint, 2 drafts."


def test_only_sprints_to_come_are_offered():
    sprints = [SprintChoice(number, f"S{number}", state) for number, state in enumerate(SprintState, 1)]
    found = rows.sprint_links(sprints, board_id=7, chosen=2)
    assert [(one.name, one.chosen, one.link) for one in found] == [
        ("S1 · future", False, "/queues?board=7&sprint=1"),
        ("S2 · active", True, "/queues?board=7&sprint=2"),
    ]


def test_the_form_of_a_new_queue_is_read():
    form = {
        "name": " P ",
        "algorithm": "optimal",
        "subtasks": "no",
        "backlog": "",
        "unit": "hours",
        "buffer": "15 %",
        "carry": "on",
    }
    asked = beginning.wanted(form)
    assert (asked.name, asked.subtasks, asked.backlog, asked.rest) == ("P", False, 0, False)
    options = asked.options(replace(Options(), seed=7))
    assert (options.unit, options.buffer, options.carry_over_first, options.seed) == (Unit.HOURS, 15, True, 7)
    assert asked.sources(Sources(blocking=("Needs",))) == Sources(blocking=("Needs",))
    assert beginning.wanted(form | {"subtasks": "board", "unit": ""}).options(options).unit is None
    with pytest.raises(Invalid):
        beginning.wanted({})


def test_words_of_plans():
    assert plans.load_text(2500, Unit.POINTS) == "2.5 pts"
    assert plans.load_text(1000, Unit.POINTS) == "1 pt"
    assert plans.load_text(5400, Unit.HOURS) == "1.5 h"
    assert plans.load_text(4, Unit.COUNT) == "4 issues"
    assert plans.load_text(5_999, Unit.POINTS) == "6 pts"
    assert (plans.share_text(1, 3), plans.share_text(1, 0)) == ("33 %", "—")
    assert (
        plans.fairness_text(None),
        plans.wait_text(Fairness(None, 0)),
        plans.wait_text(Fairness(1.0, 2)),
    ) == ("—", "—", "2 rounds")
    assert plans.algorithm_name("house_rules") == "House rules"
    assert plans.algorithm_words("house_rules").endswith("plugin of this installation.")
    assert plans.conflicts_text(replace_summary(errors=0, warnings=0)) == "none"


def replace_summary(**more) -> Summary:
    return Summary(**{name: getattr(SUMMARY, name) for name in SUMMARY.__struct_fields__} | more)


def test_who_may_plan_may_do_so_for_all_teams_of_the_board():
    def asks(role: Role, **more) -> bool:
        return plans.may_plan(Viewer(1, "V", "v@x.test", role, **more), 7)

    assert asks(Role.MANAGER)
    assert asks(Role.MANAGER, board_ids=frozenset({7}))
    assert not asks(Role.MANAGER, board_ids=frozenset({8}))
    assert not asks(Role.MANAGER, team_ids=frozenset({1}))
    assert not asks(Role.VIEWER)


def shown(options: Options, page: int = 1):
    queue = generate(INPUTS, options)
    team = next(one for one in queue.teams if one.team == QA)
    part, pages = versions_rows.part(queue, team, page)
    names = Names({1: "Olga", 2: "Bela"}, {1: Text("First", "https://j.test/ABC-1", "Bug", "High")})
    return versions_rows.groups(part, names, queue, UTC_ZONE), pages


def test_a_version_is_told_round_by_round():
    found, pages = shown(Options())
    assert pages == 1
    assert [group.title for group in found] == ["Round 1", "Round 2", "Below the cut-line"]
    assert all(len({line.stakeholder for line in group.lines}) == len(group.lines) for group in found[:2])
    first = next(line for group in found for line in group.lines if line.key == "ABC-1")
    assert (first.summary, first.type, first.priority, first.load, first.url) == (
        "First",
        "Bug",
        "High",
        "2 pts",
        "https://j.test/ABC-1",
    )
    assert " – " in first.when
    below = found[-1].lines[0]
    assert (below.key, below.place, below.when) == ("ABC-5", "", "")
    assert "9 points are more than QA can do" in below.why


def test_what_comes_before_the_rounds_and_what_takes_no_part_have_names():
    options = SetTiming(3, hard(1)).applied(PinIssue(4, 1).applied(Options()))
    found, _ = shown(options)
    assert found[0].title == "Before the rounds"
    lines = {line.key: line for line in found[0].lines}
    assert (lines["ABC-3"].scheduling, lines["ABC-3"].tone) == ("Hard scheduled", "bad")
    plain, _ = shown(Options(algorithm="priority", exclusions=frozenset({2})))
    assert [group.title for group in plain] == ["In the plan", "Below the cut-line", "Aside"]


def test_a_long_order_is_cut_into_pages():
    many = sprint(*(issue(number, 1) for number in range(1, 231)), qa=230)
    queue = generate(many, Options(algorithm="priority"))
    team = queue.teams[0]
    sizes = [
        (
            len(versions_rows.part(queue, team, page)[0].teams[0].placements),
            versions_rows.part(queue, team, page)[1],
        )
        for page in (0, 1, 3, 9)
    ]
    assert sizes == [(100, 3), (100, 3), (30, 3), (30, 3)]


def test_teams_of_a_version_have_the_figures_that_people_know():
    queue = generate(INPUTS, Options())
    lines = versions_rows.team_lines(queue, chosen=str(QA))
    qa = next(line for line in lines if line.name == "QA")
    assert (qa.issues, qa.stakeholders, qa.load, qa.capacity, qa.used, qa.below, qa.share, qa.chosen) == (
        "4", "2", "8 pts", "8 pts", "100 %", "1", "100 %", True,
    )  # fmt: skip
    assert versions_rows.reading(queue, lines).startswith(
        "4 issues in, 1 below the cut-line, 2 teams, fairness "
    )


def test_states_say_what_they_mean():
    at_noon = {"activated_at": NOON, "completed_at": NOON, "archived_at": NOON}
    said = [versions_rows.state_text(info(state=state, **at_noon), UTC_ZONE) for state in QueueState]
    assert len(set(said)) == 4
    assert "since Mon 23 Nov 2026, 12:00" in said[1]
    assert versions_rows.ahead_text(info(), 0, any_kept=True) == ""
    assert versions_rows.ahead_text(info(), 2, any_kept=True).startswith("2 edits since the last version are")
    assert versions_rows.ahead_text(info(state=QueueState.COMPLETED), 2, any_kept=False) == ""
    line = versions_rows.version_line(version(summary=replace_summary(proven=True)), {3: "Mia"}, UTC_ZONE)
    assert (line.name, line.proof, line.note) == ("Version 1", "proven best", "first")


def test_progress_is_told_for_each_team():
    inputs = sprint(
        issue(1, 2, assignee=9), issue(2, 2, after=[1]), issue(3, 3), issue(4, 1, team=DEV), limits=[limit(QA, 10), limit(DEV, 4)],
        calendars={QA: HOURS, DEV: HOURS},
    )  # fmt: skip
    queue = generate(inputs, Options(algorithm="priority"))
    now = [replace(one, done=one.issue == 4) for one in inputs.candidates if one.issue != 3] + [
        issue(8),
        issue(9, done=True),
    ]
    progress = progress_of(queue, now, now=at(9))
    names = {1: IssueName("ABC-1", "First", "https://j.test/ABC-1")}
    qa, dev = progress_rows.team_lines(progress, queue, names, {9: "Ada"}, UTC_ZONE)
    assert progress_rows.shown_people(progress) == {9}
    assert [(one.key, one.summary, one.note) for one in qa.next] == [("ABC-1", "First", "Ada")]
    assert [(one.key, one.note) for one in qa.waiting] == [("ABC-2", "for ABC-1")]
    slipped = {one.key: one.note for one in qa.slipped}
    assert slipped["ABC-3"] == "has left the sprint undone"
    assert slipped["ABC-1"].startswith("was to be done by ")
    assert slipped["ABC-2"].endswith(", waits for ABC-1")
    assert (dev.finished, dev.share, dev.idle, dev.done) == (
        True,
        100,
        "All that was planned is done.",
        "1 of 1 issue, 1 pt of 1 pt",
    )
    assert progress_rows.reading(progress) == (
        "1 of 4 planned issues done, 2 late, 1 no longer in the sprint, 1 came fresh and is not in the plan."
    )
    assert progress_rows.shown_issues(progress) == {1, 2, 3, 8, 9}
    assert progress_rows.outside((1, 8), names) == (
        [progress_rows.IssueNote("ABC-1", "https://j.test/ABC-1", "First", "")],
        "and 1 more issue",
    )


def test_two_plans_have_figures_and_words():
    first, second = (
        generate(INPUTS, Options(algorithm="priority")),
        generate(INPUTS, Options(algorithm="optimal", exclusions=frozenset({1}))),
    )
    comparison = compared(first, second)
    figures = {line.name: (line.first, line.second) for line in comparing_rows.figure_lines(first, second)}
    assert figures["Issues in"] == ("4", "3")
    assert figures["Load in"] == ("8 pts", "6 pts")
    assert figures["Algorithm"] == ("Priority", "Optimal, proven best")
    assert figures["Value by rank, of the better one"][0] == "100 %"
    (qa,) = comparing_rows.team_lines(comparison, {}, {})
    assert (qa.name, qa.told) == ("QA", "1 only in the first")
    assert [(kind.title, [line.key for line in kind.lines]) for kind in qa.kinds] == [
        ("Only in the first", ["ABC-1"])
    ]
    assert comparing_rows.reading(comparison) == "3 issues as in the other, 1 only in the first."
    assert comparing_rows.alike(comparison) == "The same in both: Dev."
    same = compared(first, first)
    assert comparing_rows.reading(same) == "Both have the same 4 issues in, in the same order."
    nothing = generate(sprint(), Options())
    assert comparing_rows.reading(compared(nothing, nothing)) == "Neither of them has an issue in."


def test_each_form_of_file_has_a_link_and_each_state_of_a_link_a_word():
    found = exporting_rows.file_links(4, 2)
    assert len(found) == len(Format)
    assert found[0].link == "/api/v1/queues/4/versions/2/export?format=csv"
    assert found[-1].name == "Print"
    feed = Feed(1, 4, 3, "Mia", "Phone", NOON, NOON, None, "active")
    line = exporting_rows.feed_line(feed, UTC_ZONE)
    assert (line.state, line.active, line.used, line.owner) == ("Active", True, "never", "Mia")
    ended = exporting_rows.feed_line(replace(feed, state="ended", last_used_at=NOON), UTC_ZONE)
    assert (ended.active, ended.tone, ended.used) == (False, "warn", "Mon 23 Nov 2026, 12:00")


def test_who_sees_one_team_alone_is_told_no_half_of_what_it_would_take():
    inputs = sprint(
        issue(1, 4, team=DEV),
        issue(2, 3, after=[1]),
        qa=5,
        dev=2,
        limits=[limit(QA, 5), limit(DEV, 2), limit(3, 9)],
    )
    inputs = replace(inputs, candidates=[*inputs.candidates, issue(3, 2, team=DEV), issue(4, 1, after=[3])])
    queue = generate(inputs, Options(algorithm="priority", extra={DEV: 3000}))
    waiting = next(
        one
        for one in queue.placements().values()
        if any(team == DEV for team, _ in one.reason.needs) and one.team == QA
    )
    mine = cut_to(queue, {QA})
    team = mine.teams[0]
    lines = [
        line
        for group in versions_rows.groups(versions_rows.part(mine, team, 1)[0], Names(), mine, UTC_ZONE)
        for line in group.lines
    ]
    told = next(line.why for line in lines if line.key == waiting.key)
    assert told.startswith("It waits for")
    assert "would bring in" not in told
