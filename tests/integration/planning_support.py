"""A running API over the small site of `planning_site`, and people who ask it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from sprintreports.identity import grants, tokens, users
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Grant, Viewer
from sprintreports.kit import clock, db, http
from tests.applications import rest_app

HERE = "http://reports.test"
SYSTEM = Viewer.system()


@dataclass(frozen=True, slots=True)
class Api:
    """The API as one person asks it: answers with a status that is expected."""

    client: httpx.AsyncClient
    headers: dict[str, str]

    async def answer(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = self.headers | options.pop("headers", {})
        return await self.client.request(method, f"/api/v1{path}", headers=headers, **options)

    async def __call__(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        """The `data` of an answer, or the error of a refusal."""
        answer = await self.answer(method, path, json=body)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text[:600]}"
        if not answer.content:
            return None
        told = answer.json()
        return told["data"] if answer.is_success else told["error"]

    async def refused(self, method: str, path: str, body: Any = None, *, status: int = 422) -> set[str]:
        """The fields that a refusal names."""
        error = await self(method, path, body, status=status)
        assert len(error["message"]) > 15, error
        return {detail["field"] for detail in error["details"]}


@asynccontextmanager
async def asking() -> AsyncIterator[httpx.AsyncClient]:
    async with http.client(base_url=HERE, transport=httpx.ASGITransport(rest_app())) as client:
        yield client


async def person(client: httpx.AsyncClient, role: Role, *, teams: list[int] | None = None) -> Api:
    """Somebody with a role, everywhere or for some of Jira's team values."""
    async with db.transaction() as session:
        email = f"{role}{'' if teams is None else '-limited'}@example.org"
        given = role if teams is None else None
        made = await users.create(session, SYSTEM, email=email, password=None, role=given, name=email)
        if teams is not None:
            grant = Grant(role, team_ids=frozenset(teams))
            await grants.give(session, SYSTEM, user_id=made.id, everywhere=None, limited=[grant])
        pair = await tokens.issue(session, user_id=made.id, user_agent="", address="", now=clock.now())
    return Api(client, {"Authorization": f"Bearer {pair.access_token}"})
