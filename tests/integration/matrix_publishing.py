"""What the routes of connections and deliveries need, and bodies that fit them: rows of test_api_matrix.py."""

from typing import Any

_SENT = {
    "connection_id": 999_999,
    "target": {"space": "TEAM"},
    "spec": {"kind": "trend", "boards": [999_999]},
}
BODIES: dict[str, Any] = {
    "/api/v1/connections": {
        "name": "Chat",
        "settings": {"kind": "slack", "by": "webhook"},
        "secret": "https://hooks.slack.com/x",
    },
    "/api/v1/connections/{connection_id}": {"name": "Chat"},
    "/api/v1/deliveries": _SENT,
    "/api/v1/delivery-previews": _SENT,
    "/api/v1/deliveries/{report_delivery_id}/retries": {},
}
EXPECTED = {
    "GET /api/v1/connections": "reports:read",
    "POST /api/v1/connections": "settings:write",
    "GET /api/v1/connections/{connection_id}": "reports:read",
    "PATCH /api/v1/connections/{connection_id}": "settings:write",
    "DELETE /api/v1/connections/{connection_id}": "settings:write",
    "POST /api/v1/connections/{connection_id}/tests": "settings:write",
    "GET /api/v1/deliveries": "reports:read",
    "POST /api/v1/deliveries": "reports:read",
    "GET /api/v1/deliveries/{report_delivery_id}": "reports:read",
    "POST /api/v1/deliveries/{report_delivery_id}/retries": "reports:read",
    "POST /api/v1/delivery-previews": "reports:read",
}
