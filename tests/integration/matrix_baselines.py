"""What the routes of baselines need, and bodies that fit them: rows of test_api_matrix.py."""

from typing import Any

BODIES: dict[str, Any] = {
    "/api/v1/baselines": {"sprint_id": 999_999},
    "/api/v1/baseline-rules/{board_id}": {"at_start": True},
}
EXPECTED = {
    "GET /api/v1/baselines": "reports:read",
    "POST /api/v1/baselines": "reports:write",
    "GET /api/v1/baselines/{baseline_id}": "reports:read",
    "DELETE /api/v1/baselines/{baseline_id}": "reports:write",
    "GET /api/v1/baselines/{baseline_id}/raw": "reports:read",
    "POST /api/v1/baselines/{baseline_id}/restore": "reports:write",
    "GET /api/v1/baseline-rules": "reports:read",
    "GET /api/v1/baseline-rules/{board_id}": "reports:read",
    "PUT /api/v1/baseline-rules/{board_id}": "reports:write",
    "DELETE /api/v1/baseline-rules/{board_id}": "reports:write",
}
