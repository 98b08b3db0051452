"""What the routes of files of reports need, and bodies that fit them: rows of test_api_matrix.py."""

from typing import Any

BODIES: dict[str, Any] = {
    "/api/v1/exports": {"spec": {"kind": "trend", "boards": [999_999]}, "format": "pdf"}
}
EXPECTED = {
    "GET /api/v1/exports": "reports:read",
    "POST /api/v1/exports": "reports:read",
    "GET /api/v1/exports/{export_id}": "reports:read",
    "DELETE /api/v1/exports/{export_id}": "reports:read",
    "GET /api/v1/exports/{export_id}/file": "reports:read",
}
