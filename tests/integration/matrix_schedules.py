"""What the routes of schedules need, and bodies that fit them: rows of test_api_matrix.py."""

from typing import Any

BODIES: dict[str, Any] = {
    "/api/v1/schedules": {
        "name": "Nightly",
        "trigger": {"on": "clock", "cron": "0 3 * * *"},
        "content": {"kind": "report", "report_id": 999_999},
        "recipients": [{"connection_id": 999_999, "target": {"space": "TEAM"}}],
    },
    "/api/v1/schedules/{schedule_id}": {"paused": True},
}
EXPECTED = {
    "GET /api/v1/schedules": "reports:read",
    "POST /api/v1/schedules": "reports:read",
    "GET /api/v1/schedules/{schedule_id}": "reports:read",
    "PATCH /api/v1/schedules/{schedule_id}": "reports:read",
    "DELETE /api/v1/schedules/{schedule_id}": "reports:read",
    "GET /api/v1/schedules/{schedule_id}/runs": "reports:read",
    "POST /api/v1/schedules/{schedule_id}/runs": "reports:read",
}
