"""What the routes of sprint queues need, and bodies that fit them: rows of test_api_matrix.py."""

from typing import Any

BODIES: dict[str, Any] = {
    "/api/v1/sprints/{sprint_id}/queues": {"name": "Plan"},
    "/api/v1/queues/{queue_id}": {"name": "Plan"},
    "/api/v1/queues/{queue_id}/edits": {"seen": 0, "changes": [{"kind": "pin", "jira_issue_id": 1}]},
    "/api/v1/queues/{queue_id}/undo": {"seen": 0},
    "/api/v1/queues/{queue_id}/redo": {"seen": 0},
}
EXPECTED = {
    "GET /api/v1/sprints/{sprint_id}/queues": "queues:read",
    "POST /api/v1/sprints/{sprint_id}/queues": "queues:write",
    "GET /api/v1/queues/{queue_id}": "queues:read",
    "PATCH /api/v1/queues/{queue_id}": "queues:write",
    "DELETE /api/v1/queues/{queue_id}": "queues:write",
    "POST /api/v1/queues/{queue_id}/restore": "queues:write",
    "GET /api/v1/queues/{queue_id}/draft": "queues:read",
    "GET /api/v1/queues/{queue_id}/edits": "queues:read",
    "POST /api/v1/queues/{queue_id}/edits": "queues:write",
    "POST /api/v1/queues/{queue_id}/undo": "queues:write",
    "POST /api/v1/queues/{queue_id}/redo": "queues:write",
    "GET /api/v1/queues/{queue_id}/versions": "queues:read",
    "POST /api/v1/queues/{queue_id}/versions": "queues:write",
    "POST /api/v1/queues/{queue_id}/replan": "queues:write",
    "GET /api/v1/queues/{queue_id}/versions/{number}": "queues:read",
    "GET /api/v1/queues/{queue_id}/versions/{number}/issues": "queues:read",
    "GET /api/v1/queues/{queue_id}/versions/{number}/conflicts": "queues:read",
    "GET /api/v1/queues/{queue_id}/versions/{number}/changes": "queues:read",
    "GET /api/v1/queues/{queue_id}/versions/{number}/export": "queues:read",
    "GET /api/v1/queues/{queue_id}/preview": "queues:read",
    "GET /api/v1/queues/{queue_id}/preview/issues": "queues:read",
    "GET /api/v1/queues/{queue_id}/preview/conflicts": "queues:read",
    "GET /api/v1/queues/{queue_id}/progress": "queues:read",
    "GET /api/v1/queues/{queue_id}/progress/issues": "queues:read",
    "GET /api/v1/queue-algorithms": "queues:read",
}
