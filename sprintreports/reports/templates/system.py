"""Layouts that come with the product, as data."""

from __future__ import annotations

from dataclasses import dataclass

from sprintreports.reports.document.blocks import DocumentKind
from sprintreports.reports.templates.layout import Layout, OwnText, Part


@dataclass(frozen=True, slots=True)
class SystemLayout:
    """key: by which it is asked for. description: what it is good for, in a sentence."""

    key: str
    kind: DocumentKind
    name: str
    description: str
    layout: Layout


_SUMMARY = OwnText(
    "In short",
    "{{ sprint.name }} on {{ board.name }}, state of {{ facts.moment }}: {{ facts.completed }} completed of {{ facts.scope }} in scope, "
    "{{ facts.committed }} committed at the start (say/do {{ facts.say_do }}).",
)

LAYOUTS: tuple[SystemLayout, ...] = (
    SystemLayout(
        "baseline-executive",
        DocumentKind.BASELINE,
        "Executive summary",
        "The figures and the burndown on a page or two, for those who read nothing else.",
        Layout(
            (_SUMMARY, Part("overview", hidden=("unestimated_in_scope", "outside", "excluded")), Part("burndown"), Part("teams"), Part("quality"))
        ),
    ),
    SystemLayout(
        "baseline-team",
        DocumentKind.BASELINE,
        "Team report",
        "What each team has, can do and is to do next, with the queue.",
        Layout(
            (
                Part("overview"), Part("burndown"), Part("teams"), Part("capacity"), Part("queue"), Part("statuses"),
                Part("scope_changes"), Part("not_counted"),
            )
        ),
    ),
    SystemLayout(
        "baseline-stakeholders",
        DocumentKind.BASELINE,
        "Stakeholders",
        "Who asked for what, and how far it is: the issues of each stakeholder.",
        Layout((_SUMMARY, Part("stakeholders"), Part("priorities"), Part("not_counted"))),
    ),
    SystemLayout(
        "comparison-executive",
        DocumentKind.COMPARISON,
        "Executive summary",
        "What moved the numbers, in figures and sentences.",
        Layout((Part("overview"), Part("teams"), Part("stakeholders"))),
    ),
    SystemLayout(
        "comparison-issues",
        DocumentKind.COMPARISON,
        "Issue by issue",
        "Every added, removed and changed issue, without the charts.",
        Layout((Part("overview", hidden=("totals",)), Part("carried"), Part("added"), Part("removed"), Part("changed"))),
    ),
    SystemLayout(
        "trend-executive",
        DocumentKind.TREND,
        "Executive summary",
        "The figures over all sprints, and who changed most.",
        Layout((Part("overview"), Part("velocity"), Part("boards"), Part("ranking"))),
    ),
    SystemLayout(
        "review-executive",
        DocumentKind.REVIEW,
        "Executive summary",
        "What was promised, what was delivered, what was forecast and what is left.",
        Layout((_SUMMARY, Part("overview"), Part("burndown"), Part("delivery"), Part("forecast"), Part("carry_over"))),
    ),
)  # fmt: skip
