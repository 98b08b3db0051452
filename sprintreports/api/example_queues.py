"""What examples of sprint queues show, told by hand as in `example_values.py`."""

from typing import Any

_PIN = {"kind": "pin", "jira_issue_id": 10012, "position": 1}
_CONFLICT = "SHOP-12 is in, and SHOP-9 that it waits for is below the cut-line."

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
    "QueueIssueOut.reason": "It was the turn of Ada Lovelace in round 2 of QA Berlin.",
    "QueueIssueOut.why": "turn",
    "QueueMoveOut.move": "rose",
    "QueuePlaceOut.reason": "It was in the plan before and still fits.",
    "QueuePreviewOut.fingerprint": "9f2c4e1ab37d5608e1f0c2d4b6a89735",
    "QueuePreviewOut.notes": ["SHOP-12 has no estimate."],
    "QueueProgressIssueOut.waits_for": ["SHOP-9"],
    "QueueResultOut.conflicts": {"error": 1, "warning": 2, "note": 0},
    "QueueVersionOut.fingerprint": "9f2c4e1ab37d5608e1f0c2d4b6a89735",
    "QueueVersionResultOut.fingerprint": "9f2c4e1ab37d5608e1f0c2d4b6a89735",
    "SourcesIO.backlog": 20,
    "SourcesIO.priorities": ["Highest", "High", "Medium", "Low"],
    "TeamProgressOut.issues": {"done": 4, "ready": 3, "waiting": 1, "gone": 0},
    "TeamProgressOut.next": ["SHOP-12", "SHOP-14"],
    "TeamProgressOut.slipped": ["SHOP-9"],
}
