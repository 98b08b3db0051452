"""How one shows who one is, in the OpenAPI document: what there is, and what each address takes."""

from typing import Any

from fastapi.routing import APIRoute

from sprintreports.api.door import Needs, rule_of
from sprintreports.identity import sessions
from sprintreports.identity.permissions import Permission

Document = dict[str, Any]

_TOKEN_URL = "/api/v1/auth/token"  # noqa: S105  # an address
_SUBJECTS = {
    "sprints": "sprints, boards and their numbers",
    "capacity": "capacity",
    "queues": "queues",
    "reports": "reports",
    "users": "accounts and their roles",
    "settings": "connected Jiras, boards, programs, sign-in and the audit log",
}
_VERBS = {"read": "read", "write": "change"}


def schemes() -> Document:
    """What there is to show who one is."""
    scopes = {permission.value: _meaning(permission) for permission in Permission}
    ends = {"tokenUrl": _TOKEN_URL, "scopes": scopes}
    renewed = ends | {"refreshUrl": _TOKEN_URL}
    return {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token of half an hour, from POST /api/v1/auth/token. API keys are taken here too.",
        },
        "oauth2": {
            "type": "oauth2",
            "description": "The ways to get such a token. A scope narrows what the role allows and never widens it.",
            "flows": {
                "authorizationCode": {"authorizationUrl": "/authorize", **renewed},
                "clientCredentials": ends,
                "password": renewed,
            },
        },
        "api_key": {
            "type": "apiKey",
            "in": "header",
            "name": "X-API-Key",
            "description": "A key that its owner made, with scopes and an end.",
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": sessions.COOKIE_NAME,
            "description": "The cookie of our own pages; over https its name begins with `__Host-`. It writes only from there.",
        },
        "client": {
            "type": "http",
            "scheme": "basic",
            "description": "A registered program's client_id and secret.",
        },
    }


def accepted(route: APIRoute) -> list[dict[str, list[str]]]:
    """The ways in of one address, any of which is enough; none where anyone may call it."""
    rule = rule_of(route)
    if not isinstance(rule, Needs):
        return [{"client": []}, {}] if route.path.startswith("/api/v1/auth/") else []
    if rule.permission is None and not rule.programs:
        return [{"bearer": []}, {"session": []}]
    scopes = [rule.permission.value] if rule.permission else []
    return [{"oauth2": scopes}, {"bearer": []}, {"api_key": []}, {"session": []}]


def permission_of(operation: Document) -> str:
    """The permission that an operation of the document needs; empty: none."""
    return next((found["oauth2"][0] for found in operation.get("security", ()) if found.get("oauth2")), "")


def _meaning(permission: Permission) -> str:
    subject, _, verb = permission.value.partition(":")
    return f"{_VERBS[verb]} {_SUBJECTS[subject]}"
