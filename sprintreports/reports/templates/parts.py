"""What a template can name: the sections of each kind of report and the figures that its text can hold."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sprintreports.reports.document.blocks import DocumentKind

_TOTALS = (
    "committed", "added", "removed", "reestimated", "scope", "issues", "completed", "not_completed", "say_do", "churn",
    "unestimated_in_scope", "outside", "excluded",
)  # fmt: skip
_SPRINT = ("state", "start", "end", "moment", "goal")

#: Sections by key, in the builders' order, with what they are called.
SECTIONS: Mapping[DocumentKind, Mapping[str, str]] = MappingProxyType(
    {
        DocumentKind.BASELINE: {
            "overview": "Overview",
            "points": "Points overview",
            "burndown": "Burndown",
            "types": "Issue types",
            "statuses": "Statuses",
            "priorities": "Priorities",
            "summaries": "Types by status",
            "stakeholders": "Stakeholders",
            "teams": "Teams",
            "capacity": "Capacity",
            "scope_changes": "Scope changes",
            "not_counted": "Issues outside the scope",
            "queue": "Sprint queue",
            "quality": "Data quality",
        },
        DocumentKind.COMPARISON: {
            "overview": "What changed",
            "types": "Issue types",
            "statuses": "Statuses",
            "teams": "Teams",
            "priorities": "Priorities",
            "stakeholders": "Stakeholders",
            "carried": "Carried over",
            "added": "Added issues",
            "removed": "Removed issues",
            "changed": "Changed issues",
        },
        DocumentKind.TREND: {
            "overview": "Overview",
            "velocity": "Velocity",
            "boards": "Boards",
            "teams": "Teams",
            "ranking": "Largest changes",
            "sprints": "Sprints",
        },
        DocumentKind.REVIEW: {
            "overview": "Commitment and delivery",
            "burndown": "Burndown",
            "delivery": "Delivery by team",
            "forecast": "What was forecast",
            "scope_changes": "Scope changes",
            "carry_over": "Carry-over",
            "completed": "Completed issues",
            "types": "Issue types",
            "stakeholders": "Stakeholders",
            "not_counted": "Issues outside the scope",
            "quality": "Data quality",
        },
    }
)

#: Figures by key. One that a report lacks (nothing is committed before the start) reads as a dash.
FACTS: Mapping[DocumentKind, tuple[str, ...]] = MappingProxyType(
    {
        DocumentKind.BASELINE: (
            *_SPRINT, *_TOTALS, "total", "average", "estimated", "unestimated", "queue_name", "queue_version",
            "queue_algorithm", "fairness", "queued",
        ),
        DocumentKind.COMPARISON: (
            *_TOTALS, "scope_change", "scope_change_share", "issues_change", "added_amount", "removed_amount",
            "reestimated_amount", "added_issues", "removed_issues", "changed_issues", "carried_issues",
        ),
        DocumentKind.TREND: (
            "sprints", "velocity_mean", "velocity_median", "velocity_spread", "completed", "committed", "say_do", "churn",
            "carried_share", "carried",
        ),
        DocumentKind.REVIEW: (
            *_SPRINT, *_TOTALS, "forecast_chance", "forecast_sure", "forecast_completed", "forecast_hits",
        ),
    }
)  # fmt: skip
REPORT = ("title", "subtitle", "made_at", "moment", "link")
