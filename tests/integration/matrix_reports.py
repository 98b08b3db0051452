"""What the routes of the library of reports need, and bodies that fit them: rows of test_api_matrix.py."""

from typing import Any

_TREND = {"kind": "trend", "boards": [999_999]}
BODIES: dict[str, Any] = {
    "/api/v1/reports": {"name": "Mine", "spec": _TREND},
    "/api/v1/reports/{report_id}": {"name": "Other"},
    "/api/v1/reports/{report_id}/shares": {"name": "The client"},
    "/api/v1/report-documents": {"spec": _TREND},
    "/api/v1/report-templates": {"name": "Mine", "kind": "trend", "layout": {}},
    "/api/v1/report-templates/{template_id}": {"name": "Other"},
    "/api/v1/report-templates/{template_id}/versions": {"layout": {}},
}
# Whoever reads reports has personal ones and templates of their own; what is for all takes `reports:write`, which the rows ask for.
EXPECTED = {
    "GET /api/v1/reports": "reports:read",
    "POST /api/v1/reports": "reports:read",
    "GET /api/v1/reports/{report_id}": "reports:read",
    "PATCH /api/v1/reports/{report_id}": "reports:read",
    "DELETE /api/v1/reports/{report_id}": "reports:read",
    "GET /api/v1/reports/{report_id}/document": "reports:read",
    "GET /api/v1/reports/{report_id}/shares": "reports:read",
    "POST /api/v1/reports/{report_id}/shares": "reports:write",
    "DELETE /api/v1/reports/{report_id}/shares/{share_id}": "reports:read",
    "GET /api/v1/report-tags": "reports:read",
    "POST /api/v1/report-documents": "reports:read",
    "GET /api/v1/report-templates": "reports:read",
    "POST /api/v1/report-templates": "reports:read",
    "GET /api/v1/report-templates/{template_id}": "reports:read",
    "PATCH /api/v1/report-templates/{template_id}": "reports:read",
    "DELETE /api/v1/report-templates/{template_id}": "reports:read",
    "GET /api/v1/report-templates/{template_id}/versions": "reports:read",
    "POST /api/v1/report-templates/{template_id}/versions": "reports:read",
    "GET /api/v1/system-report-templates": "reports:read",
}
