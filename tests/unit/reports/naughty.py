"""Reports in which each of some strings stands wherever Jira or people can put one: sprints, boards, goals, issues, statuses, types,
priorities, teams, people, queues, notes. Made by the product's own builders, as documents of all four kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sprintreports.metrics.scope import EventKind, Outcome, ScopeEvent
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import Amount, Bucket, Estimate, State, Unit
from sprintreports.reports.building.baseline import Kept, baseline_document
from sprintreports.reports.building.comparison import comparison_document
from sprintreports.reports.building.review import review_document
from sprintreports.reports.building.sides import Sides
from sprintreports.reports.building.told import Frame, Told
from sprintreports.reports.building.trend import trend_document
from sprintreports.reports.building.trend_values import Sprints, TrendSprint
from sprintreports.reports.comparing import compare
from sprintreports.reports.document.blocks import Document
from sprintreports.reports.snapshot import QualityLine, QueueLine, Snapshot, SnapshotIssue, SnapshotQueue
from tests.reports_samples import CLOSE, LATER, march
from tests.reports_samples import snapshot as sample
from tests.unit.reports.snapshots import of_issues

_BUCKETS = (Bucket.COMPLETED, Bucket.NOT_COMPLETED, Bucket.REMOVED, Bucket.OUTSIDE, None)
#: Of the same kinds as the big list of naughty strings, which only tests/conformance may read; those of exports are beside the queues'.
MORE = (
    "]]></ac:structured-macro>", '<ac:structured-macro ac:name="html"/>', "&nbsp; &amp; &lt;", "```\n<!channel> <@U1> <https://evil.example|here>",
    "@channel @here @everyone", "[here](https://evil.example)", "{{DATE(2026-01-01,SHORT)}}", "https://evil.example/x", "mailto:a@evil.example",
    "x\r\nBcc: victim@example.org\r\n\r\n<b>body</b>", "=?utf-8?q?=0D=0ABcc:_victim@example.org?=", '<a href="https://evil.example">Backend</a>',
    "$\\href{https://evil.example}{x}$", "<b>bold</b><br>two<sup>3</sup>", "Ä" * 300, "ア" * 400, "a " * 250, "%0d%0aBcc: x", "W" * 500, "%s%n", "' \" ` \\",
)  # fmt: skip

FRAME = Frame(LATER, "Europe/Berlin", "en-GB", link="https://reports.example.com/report?id=5")


#: What people usually call things.
USUAL = (
    "Payments 14",
    "Backend",
    "Frontend",
    "Story",
    "In Progress",
    "Mary Shop",
    "Refunds work",
    "QA",
    "Bug",
    "João Legal",
)


@dataclass(frozen=True, slots=True)
class Naughty:
    """Documents of four kinds about the strings."""

    baseline: Document
    comparison: Document
    trend: Document
    review: Document

    @property
    def all(self) -> tuple[Document, ...]:
        return self.baseline, self.comparison, self.trend, self.review


def documents(strings: Sequence[str], *, nothing: bool = False) -> Naughty:
    """nothing: nobody is assigned, asked or estimates, and there are neither dates nor goals."""
    after = snapshot(strings, nothing=nothing)
    before = snapshot([*strings[1:], strings[0]], nothing=nothing)
    people = dict(enumerate(strings, start=1))
    told = Told(after, Unit.POINTS, people)
    sides = Sides(Told(before, Unit.POINTS, people), told, None, kept(strings[0]))
    return Naughty(
        baseline_document(told, FRAME, kept=kept(strings[0])),
        comparison_document(compare(before, after), sides, FRAME),
        trend_document(_sprints(strings), FRAME),
        review_document(told, FRAME),
    )


def of_each_kind() -> dict[str, Document]:
    """A usual report of each kind, and one of each in which nothing is known."""
    usual, nothing = documents(USUAL), documents(["", " "], nothing=True)
    return {f"{document.kind} {name}": document for name, made in (("usual", usual), ("of nothing", nothing)) for document in made.all}  # fmt: skip


def baseline(strings: Sequence[str], *, issues: int) -> Document:
    """One state alone, with so many issues, which share the names."""
    told = Told(snapshot(strings, issues=issues), Unit.POINTS, dict(enumerate(strings, start=1)))
    return baseline_document(told, FRAME, kept=kept(strings[0]))


def kept(text: str) -> Kept:
    return Kept("ab" * 32, text, "by hand", text, march(3))


def snapshot(strings: Sequence[str], *, nothing: bool = False, issues: int = 0) -> Snapshot:
    """An issue for each string (or so many, which take turns), in every standing."""
    names = [
        (number, strings[(number - 1) % len(strings)]) for number in range(1, (issues or len(strings)) + 1)
    ]
    base = replace(
        sample(LATER),
        sprint_name=strings[0],
        board_name=strings[-1],
        goal="" if nothing else strings[len(strings) // 2],
        disciplines={} if nothing else dict(enumerate(strings, start=1)),
        events=() if nothing else tuple(_event(number, _who(number, strings)) for number, _ in names),
        capacity=() if nothing else tuple(replace(sample().capacity[0], name=text, basis=text) for text in strings),
        quality=tuple(QualityLine("unestimated", text, 1, text) for text in strings),
        queue=None if nothing else SnapshotQueue(3, 2, strings[0], strings[0], None, tuple(_queued(number, text, _who(number, strings)) for number, text in names)),
        notes=tuple(strings),
        planned_end=None if nothing else sample().planned_end,
    )  # fmt: skip
    made = (_issue(number, text, None if nothing else _who(number, strings)) for number, text in names)
    return of_issues(base, tuple(made))


def _who(number: int, strings: Sequence[str]) -> int:
    """The team and the person of an issue, which have the string that it has."""
    return (number - 1) % len(strings) + 1


def _issue(number: int, text: str, who: int | None) -> SnapshotIssue:
    bucket = _BUCKETS[number % len(_BUCKETS)]
    counts = bucket is not None and bucket is not Bucket.OUTSIDE
    estimate = Estimate(None if who is None else 500 * (number % 9), None)
    team = who or 0
    outcome = bucket and Outcome(
        number, bucket, counts and number % 3 > 0, counts and number % 3 == 0, estimate, estimate, None, None, None,
        text, team, team, text, number % 3 == 0,
    )  # fmt: skip
    return SnapshotIssue(
        number, f"PAY-{number}", text, text, text, State.DONE if bucket is Bucket.COMPLETED else State.DOING, text,
        team, who, who, who is not None, text if who else "", outcome, "" if outcome else text,
    )  # fmt: skip


def _event(number: int, team: int) -> ScopeEvent:
    at = march(4) + timedelta(seconds=number)
    return ScopeEvent(at, number, EventKind.ENTERED, "added to the sprint", team, None, Estimate(1000, None))


def _queued(number: int, text: str, team: int) -> QueueLine:
    return QueueLine(number, f"PAY-{number}", team, text, number, number, 1, text, text)


def _sprints(strings: Sequence[str]) -> Sprints:
    """Each string as a sprint, a board and a team."""
    teams = dict(enumerate(strings, start=1))
    amounts = Totals(
        initial=Amount(5000, 0, 1), final=Amount(5000, 0, 1), completed=Amount(3000, 0, 1), issues=1
    )
    closes: Mapping[int, datetime] = dict.fromkeys(teams, CLOSE)
    return Sprints(
        tuple(
            TrendSprint(number % 3 + 1, strings[number % 3 % len(strings)], number, text, march(2), closes[number], {number: amounts})
            for number, text in teams.items()
        ),
        teams, Unit.POINTS, "Europe/Berlin",
    )  # fmt: skip
