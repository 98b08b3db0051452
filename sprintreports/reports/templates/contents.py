"""What is in each section of each kind of report, by the keys that a template hides: figures, sentences, charts and tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from sprintreports.reports.document.blocks import DocumentKind
from sprintreports.reports.templates.applying import NAMES, SENTENCES
from sprintreports.reports.templates.parts import REPORT


class Shape(StrEnum):
    FIGURE = "figure"
    SENTENCES = "sentences"
    CHART = "chart"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Content:
    """Something that a template can leave out of a section. group: of figures, the key by which all of them are left out at once."""

    key: str
    label: str
    shape: Shape
    group: str = ""


def _figures(group: str, **labels: str) -> tuple[Content, ...]:
    return tuple(Content(key, label, Shape.FIGURE, group) for key, label in labels.items())


def _chart(key: str, label: str) -> tuple[Content, ...]:
    return (Content(key, label, Shape.CHART),)


def _table(key: str, label: str) -> tuple[Content, ...]:
    return (Content(key, label, Shape.TABLE),)


_SENTENCES = (Content(SENTENCES, "Sentences", Shape.SENTENCES),)
_SPRINT = _figures(
    "sprint", state="State", start="Start", end="Planned end, or close", moment="State of", goal="Goal"
)
_TOTALS = _figures(
    "totals",
    committed="Committed",
    added="Added",
    removed="Removed",
    reestimated="Re-estimated",
    scope="In scope",
    issues="Issues in scope",
    completed="Completed",
    not_completed="Not completed",
    say_do="Say/do",
    churn="Churn",
    unestimated_in_scope="In scope without estimate",
    outside="Issues completed outside the sprint",
    excluded="Issues left out",
)
_TYPES = _chart("types_chart", "Issue types")
_STATUSES = _chart("statuses_chart", "Statuses")
_PRIORITIES = _chart("priorities_chart", "Priorities")
_STAKEHOLDERS = (
    *_chart("stakeholders_chart", "Stakeholders"),
    *_table("stakeholders", "Issues by stakeholder"),
)
_BURNDOWN = _chart("burndown", "Burndown")
_SCOPE_CHANGES = _table("scope_changes", "Scope changes")
_NOT_COUNTED = _table("not_counted", "Issues outside the scope")
_QUALITY = _table("quality", "Data quality")

_Sections = Mapping[str, tuple[Content, ...]]
_BASELINE: _Sections = {
    "overview": (*_SPRINT, *_TOTALS, *_SENTENCES),
    "points": _figures(
        "points",
        total="Sum in scope",
        average="Average of an estimated issue",
        estimated="Issues with an estimate",
        unestimated="Issues without an estimate",
    ),
    "burndown": _BURNDOWN,
    "types": _TYPES,
    "statuses": _STATUSES,
    "priorities": _PRIORITIES,
    "summaries": _table("types_by_status", "Types by status"),
    "stakeholders": _STAKEHOLDERS,
    "teams": (*_chart("teams_chart", "Teams"), *_table("teams", "From commitment to completion")),
    "capacity": _table("capacity", "Capacity"),
    "scope_changes": _SCOPE_CHANGES,
    "not_counted": _NOT_COUNTED,
    "queue": (
        *_figures(
            "queue",
            queue_name="Queue",
            queue_version="Version",
            queue_algorithm="Algorithm",
            fairness="Fairness",
            queued="Issues in the queue",
        ),
        *_table("queue_lines", "Queue by team"),
    ),
    "quality": _QUALITY,
}
_COMPARISON: _Sections = {
    "overview": (
        *_figures(
            "changes",
            scope_change="Scope change",
            scope_change_share="Scope change in percent",
            issues_change="Change in issues",
            added_amount="Added",
            removed_amount="Removed",
            reestimated_amount="Re-estimated",
            added_issues="Issues added",
            removed_issues="Issues removed",
            changed_issues="Issues changed",
            carried_issues="Issues carried over",
        ),
        *_TOTALS,
        *_SENTENCES,
        *_table("totals_table", "Before and after"),
    ),
    "types": _TYPES,
    "statuses": _STATUSES,
    "teams": _chart("teams_chart", "Teams"),
    "priorities": _PRIORITIES,
    "stakeholders": _chart("stakeholders_chart", "Stakeholders"),
    "carried": _table("carried", "Carried over"),
    "added": _table("added", "Added issues"),
    "removed": _table("removed", "Removed issues"),
    "changed": _table("changed", "Changed issues"),
}
_TREND: _Sections = {
    "overview": (
        *_figures(
            "kpis",
            sprints="Sprints",
            velocity_mean="Mean completed in a sprint",
            velocity_median="Median",
            velocity_spread="Spread",
            completed="Completed in all",
            committed="Committed in all",
            say_do="Say/do",
            churn="Churn",
            carried_share="Carry-over",
            carried="Carried over in all",
        ),
        *_SENTENCES,
    ),
    "velocity": _chart("velocity", "Velocity"),
    "boards": _chart("boards_chart", "Boards side by side"),
    "teams": _chart("teams_chart", "Teams side by side"),
    "ranking": _table("ranking", "Largest changes"),
    "sprints": _table("sprints", "Sprints"),
}
_REVIEW: _Sections = {
    "overview": (*_SPRINT, *_TOTALS, *_SENTENCES),
    "burndown": _BURNDOWN,
    "delivery": _chart("delivery_chart", "Committed and completed by team"),
    "forecast": (
        *_figures(
            "forecast_figures",
            forecast_chance="Chance to finish, first told",
            forecast_sure="At least, first told with 85 %",
            forecast_completed="Completed by the planned end",
            forecast_hits="Earlier forecasts with 85 % that came true",
        ),
        *_SENTENCES,
        *_chart("forecast_chart", "Forecast against what happened"),
        *_table("hit_rate", "How earlier forecasts came out"),
    ),
    "scope_changes": _SCOPE_CHANGES,
    "carry_over": _table("carry_over", "Carry-over"),
    "completed": _table("completed", "Completed issues"),
    "types": _TYPES,
    "stakeholders": _STAKEHOLDERS,
    "not_counted": _NOT_COUNTED,
    "quality": _QUALITY,
}
CONTENTS: Mapping[DocumentKind, _Sections] = MappingProxyType(
    {
        DocumentKind.BASELINE: _BASELINE,
        DocumentKind.COMPARISON: _COMPARISON,
        DocumentKind.TREND: _TREND,
        DocumentKind.REVIEW: _REVIEW,
    }
)
_NAMES = {
    "report.title": "Title of the report",
    "report.subtitle": "Line beneath the title",
    "report.made_at": "When the report was put together",
    "report.moment": "When its latest state was",
    "report.link": "Where it is in Sprint Reports",
    "sprint.name": "Name of the sprint",
    "sprint.goal": "Goal of the sprint",
    "board.name": "Name of the board",
    "before.name": "Name of the sprint before",
}


@dataclass(frozen=True, slots=True)
class Placeholder:
    """Something that text can hold. name: such as "facts.completed"; section: of a figure, where it stands."""

    name: str
    label: str
    section: str = ""

    @property
    def text(self) -> str:
        return "{{ " + self.name + " }}"


def placeholders(kind: DocumentKind) -> tuple[Placeholder, ...]:
    """All that the text of this kind of report can hold: what it is about first, then its figures in the builders' order."""
    names = [f"{group}.{name}" for group, entries in NAMES[kind].items() for name in entries]
    names += [f"report.{name}" for name in REPORT]
    figures = {
        content.key: Placeholder(f"facts.{content.key}", content.label, section)
        for section, contents in CONTENTS[kind].items()
        for content in contents
        if content.shape is Shape.FIGURE
    }
    return (*(Placeholder(name, _NAMES[name]) for name in names), *figures.values())


def shown_of(contents: Iterable[Content], hidden: Collection[str]) -> frozenset[str]:
    """The keys of what is shown where a template hides `hidden`."""
    return frozenset(one.key for one in contents if not {one.key, one.group or one.key} & set(hidden))


def hidden_by(contents: Iterable[Content], shown: Collection[str]) -> tuple[str, ...]:
    """What a template hides so that this is shown: a group of which nothing is left by its own key, so that figures that come
    later are hidden with it."""
    every = tuple(contents)
    empty = {one.group for one in every if one.group} - {
        one.group for one in every if one.group and one.key in shown
    }
    keys = (one.group if one.group in empty else one.key for one in every if one.key not in shown)
    return tuple(dict.fromkeys(keys))
