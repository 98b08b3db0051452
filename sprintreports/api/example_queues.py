"""What examples of sprint queues show, told by hand as in `example_values.py`."""

from typing import Any

_PIN = {"kind": "pin", "jira_issue_id": 10012, "position": 1}
_CONFLICT = "SHOP-12 is in, and SHOP-9 that it waits for is below the cut-line."
_OPTIONS: dict[str, Any] = {
    "algorithm": "round_robin",
    "include_subtasks": False,
    "unit": None,
    "buffer": 10,
    "carry_over_first": True,
    "unestimated": "median",
    "seed": 0,
    "seconds": 5.0,
    "gap": 0,
    "weights": [{"person_id": 12, "weight": 200}],
    "pins": [{"jira_issue_id": 10012, "position": 1}],
    "exclusions": [10044],
    "teams": [],
    "timings": [],
    "estimates": [],
    "ignored_links": [{"blocker_id": 10009, "blocked_id": 10012}],
    "extra": [],
}
_TEAM = {
    "team_id": 4,
    "team_name": "QA Berlin",
    "unit": "points",
    "capacity": 20.5,
    "load": 19.0,
    "below_load": 8.0,
    "cut_line": 6,
    "below": 3,
    "aside": 1,
    "stakeholders": 4,
    "fairness": {"index": 96.4, "wait": 1},
}
_RESULT = {
    "options": _OPTIONS,
    "teams": [_TEAM],
    "fairness": {"index": 96.4, "wait": 1},
    "bound": None,
    "conflicts": {"error": 1, "warning": 2, "note": 0},
}
_SUMMARY = {
    "algorithm": "round_robin",
    "inside": 6,
    "below": 3,
    "aside": 1,
    "errors": 1,
    "warnings": 2,
    "fairness": 96.4,
    "proven": None,
}
_FINGERPRINT = "9f2c4e1ab37d5608e1f0c2d4b6a89735"
_NOTE = "With Ada away on Friday."
_SOURCES: dict[str, Any] = {"backlog": 20, "rest": False, "blocking": ["Blocks"], "priorities": []}
_VERSION = {
    "queue_id": 7,
    "number": 2,
    "head": 3,
    "note": _NOTE,
    "sources": _SOURCES,
    "fingerprint": _FINGERPRINT,
    "summary": _SUMMARY,
    "created_by": 7,
    "created_at": "2026-03-02T09:00:00Z",
}

BODIES: dict[str, Any] = {
    "EditsIn": {
        "seen": 3,
        "token": "3f2a9c0d1e4b5a67",
        "changes": [_PIN, {"kind": "estimate", "jira_issue_id": 10013, "estimate": {"points": 3}}],
    },
    "NoteIn": {"note": "With Ada away on Friday."},
    "QueueChange": {"state": "active"},
    "QueueIn": {"name": "Plan of Sprint 21", "options": {"algorithm": "weighted_fair", "buffer": 10}},
    "SeenIn": {"seen": 3},
    "UndoIn": {"seen": 3},
    "PinChange": _PIN,
}

VALUES: dict[str, Any] = {
    "EditOut.seen": 2,
    "QueueAlgorithmOut.plugin": False,
    "QueueAlgorithmOut.rules": [
        {
            "rule": "buffer",
            "description": "percent of each capacity that is kept free",
            "usual": 0,
            "least": 0,
            "most": 100,
            "choices": [],
        }
    ],
    "QueueConflictOut.kind": "blocker_below",
    "QueueConflictOut.message": _CONFLICT,
    "QueueFeedOut.name": "Calendar of my phone",
    "QueueIssueOut.assignee": {"id": 13, "name": "Grace Hopper"},
    "QueueIssueOut.stakeholder": {"id": 12, "name": "Ada Lovelace"},
    "QueueIssueOut.reason": "It was the turn of Ada Lovelace in round 2 of QA Berlin.",
    "QueueIssueOut.why": "turn",
    "QueueMoveOut.move": "rose",
    "QueuePlaceOut.reason": "It was in the plan before and still fits.",
    "QueuePreviewOut.fingerprint": _FINGERPRINT,
    "QueuePreviewOut.result": _RESULT,
    "QueuePreviewOut.notes": ["SHOP-12 has no estimate."],
    "QueueProgressIssueOut.waits_for": ["SHOP-9"],
    "QueueProgressOut.version": 2,
    "QueueVersionOut.fingerprint": _FINGERPRINT,
    "QueueVersionOut.note": _NOTE,
    "QueueVersionOut.sources": _SOURCES,
    "QueueVersionOut.summary": _SUMMARY,
    "QueueVersionResultOut.fingerprint": _FINGERPRINT,
    "QueueVersionResultOut.note": _NOTE,
    "QueueVersionResultOut.result": _RESULT,
    "QueueVersionResultOut.sources": _SOURCES,
    "QueueVersionResultOut.summary": _SUMMARY,
    "ReplannedOut.against": 1,
    "ReplannedOut.result": _RESULT,
    "ReplannedOut.version": _VERSION,
    "TeamProgressOut.issues": {"done": 4, "ready": 3, "waiting": 1, "gone": 0},
    "TeamProgressOut.next": ["SHOP-12", "SHOP-14"],
    "TeamProgressOut.slipped": ["SHOP-9"],
}
