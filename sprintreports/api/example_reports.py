"""What examples of the library of reports show, told by hand as in `example_values.py`."""

from typing import Any

_SPEC: dict[str, Any] = {
    "kind": "comparison",
    "before": {"state": "baseline", "baseline_id": 12},
    "after": {"state": "sprint", "sprint_id": 21, "board_id": 3, "moment": None},
    "unit": None,
}
_LAYOUT: dict[str, Any] = {
    "title": "{{ sprint.name }} for the client",
    "pieces": [
        {"part": "text", "title": "In short", "text": "{{ sprint.name }} was frozen at its start."},
        {"part": "section", "key": "overview", "title": "", "hidden": []},
    ],
}
_TEMPLATE = {"system": "comparison-executive", "template_id": None, "version": None}
_COLUMNS = [
    {"key": "team", "label": "Team", "kind": "text", "unit": None},
    {"key": "completed", "label": "Completed", "kind": "number", "unit": "points"},
]
_TABLE: dict[str, Any] = {
    "key": "teams",
    "title": "Teams",
    "columns": _COLUMNS,
    "rows": [{"cells": ["Backend", 21.0], "mark": "", "children": []}],
    "child_columns": [],
    "reading": "Backend completed 21 points.",
    "empty": "No team has issues in this sprint.",
}
_FACT = {
    "key": "completed",
    "label": "Completed",
    "value": 21.0,
    "kind": "number",
    "unit": "points",
    "change": 3.0,
    "good": True,
    "detail": "5 issues",
}

BODIES: dict[str, Any] = {
    "DocumentIn": {"spec": _SPEC, "layout": _LAYOUT},
    "LibraryReportIn": {
        "name": "Sprint 21 against its start",
        "spec": _SPEC,
        "tags": ["review"],
        "shared": True,
    },
    "LibraryReportChange": {"tags": ["review", "q2"], "shared": True},
    "ReportTemplateIn": {"name": "For the client", "kind": "comparison", "layout": _LAYOUT},
    "ReportTemplateChange": {"shared": True},
    "TemplateVersionIn": {"layout": _LAYOUT, "note": "With the text for the review."},
    "ShareIn": {"name": "The client", "days": 30},
    "LayoutIO": _LAYOUT,
    "ComparisonAbout": _SPEC,
    "BaselineAbout": {"kind": "baseline", "of": _SPEC["before"], "unit": None},
}

VALUES: dict[str, Any] = {
    "DocumentOut.schema": 1,
    "DocumentOut.kind": "comparison",
    "DocumentOut.title": "Sprint 21, start against now",
    "DocumentOut.subtitle": "Payments · 2 to 13 March 2026",
    "DocumentOut.zone": "Europe/Berlin",
    "DocumentOut.locale": "en-GB",
    "DocumentOut.sections": [
        {
            "key": "overview",
            "title": "Overview",
            "blocks": [{"block": "facts", "key": "figures", "facts": [_FACT]}, {"block": "table", **_TABLE}],
        }
    ],
    "DocumentOut.basis": ["Board Payments, counted in story points."],
    "DocumentOut.calendar": [],
    "DocumentOut.link": "https://reports.example.org/report?id=7",
    "LibraryReportOut.name": "Sprint 21 against its start",
    "LibraryReportOut.kind": "comparison",
    "LibraryReportOut.tags": ["review"],
    "LibraryReportOut.spec": _SPEC,
    "LibraryReportOut.board_ids": [3],
    "LibraryReportOut.boards": ["Payments"],
    "LibraryReportOut.template": _TEMPLATE,
    "LibraryReportOut.owner": "Ada Lovelace",
    "ReportTagOut.tag": "review",
    "ReportTemplateOut.name": "For the client",
    "ReportTemplateOut.kind": "comparison",
    "ReportTemplateOut.owner": "Ada Lovelace",
    "ReportTemplateOut.versions": 2,
    "TemplateVersionOut.number": 2,
    "TemplateVersionOut.note": "With the text for the review.",
    "TemplateVersionOut.layout": _LAYOUT,
    "SystemTemplateOut.layout": {"title": "", "pieces": []},
    "ShareOut.owner": "Ada Lovelace",
    "NewShareOut.owner": "Ada Lovelace",
    "ShareOut.state": "active",
    "NewShareOut.state": "active",
    "locale": "en-GB",
}
