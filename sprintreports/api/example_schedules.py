"""What examples of schedules show, told by hand as in `example_values.py`."""

from typing import Any

_TRIGGER: dict[str, Any] = {"on": "clock", "cron": "0 9 * * 1-5"}
_CONTENT: dict[str, Any] = {"kind": "sprint", "report": "review", "which": "closed"}
_RECIPIENTS: list[dict[str, Any]] = [
    {
        "connection_id": 4,
        "target": {"space": "TEAM", "parent": "98765", "channel": "", "to": [], "files": ["pdf"]},
    }
]

BODIES: dict[str, Any] = {
    "ScheduleIn": {
        "name": "Review at each close",
        "trigger": {"on": "sprint_closed"},
        "zone": "Europe/Berlin",
        "content": _CONTENT,
        "board_id": 7,
        "baseline": True,
        "recipients": _RECIPIENTS,
    },
    "SchedulePatch": {"paused": True},
}

VALUES: dict[str, Any] = {
    "ScheduleOut.trigger": _TRIGGER,
    "ScheduleOut.content": _CONTENT,
    "ScheduleOut.recipients": _RECIPIENTS,
    "ScheduleOut.paused_at": None,
    "ScheduleOut.last_state": "done",
    "ScheduleRunOut.state": "done",
    "ScheduleRunOut.missed": 0,
    "ScheduleRunOut.delivery_ids": [31],
}
