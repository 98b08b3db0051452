"""What examples of baselines show, told by hand as in `example_values.py`."""

from typing import Any

_SHA256 = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"

BODIES: dict[str, Any] = {
    "BaselineIn": {"sprint_id": 21, "moment": "2026-03-02T09:00:00Z", "note": "As the sprint began."},
    "BaselineRuleIn": {"at_start": True, "at_close": True, "every_days": 5, "keep_days": 180},
}

VALUES: dict[str, Any] = {
    "BaselineFiguresOut.commitment": {"points": 34.0, "hours": None, "count": 12},
    "BaselineFiguresOut.completed": {"points": 21.0, "hours": None, "count": 8},
    "BaselineFiguresOut.issues": 13,
    "BaselineFiguresOut.scope": {"points": 36.0, "hours": None, "count": 13},
    "BaselineFiguresOut.unit": "points",
    "BaselineOut.deleted_at": None,
    "BaselineOut.note": "As the sprint began.",
    "BaselineOut.reason": "manual",
    "BaselineOut.schema_version": 2,
    "BaselineOut.sha256": _SHA256,
    "BaselineOut.size": 64684,
    "BaselineOut.state": "active",
    "BaselineOut.used": False,
    "BaselineRuleOut.every_days": 5,
    "BaselineRuleOut.keep_days": 180,
}
