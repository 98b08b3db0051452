"""A Jira made of functions: each test says what it answers."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from sprintreports.jira.client import Auth, Credentials, JiraClient
from sprintreports.jira.client.connecting import client_for
from sprintreports.jira.client.transport import Transport
from sprintreports.jira.payloads import ServerInfo
from sprintreports.kit import http

Handler = Callable[[httpx.Request], httpx.Response | Awaitable[httpx.Response]]
BASE = "https://jira.example"


class Clocked:
    """A sleep that takes no time and remembers how long it would have been."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def sleeps() -> Clocked:
    return Clocked()


@pytest.fixture
def transport_to(sleeps: Clocked) -> Callable[..., Transport]:
    def make(handler: Handler, **options: Any) -> Transport:
        return Transport(
            http.client(transport=httpx.MockTransport(handler)),
            base_url=BASE,
            credentials=Credentials(Auth.BASIC, "mia@example.com", "s3cret-token"),
            sleep=sleeps,
            **options,
        )

    return make


@pytest.fixture
def client_to(transport_to: Callable[..., Transport]) -> Callable[..., JiraClient]:
    def make(handler: Handler, *, cloud: bool = True) -> JiraClient:
        return client_for(
            transport_to(handler), ServerInfo(version="1", deployment_type="Cloud" if cloud else "Server")
        )

    return make


@pytest.fixture
def asked() -> Callable[[httpx.Request], dict[str, Any]]:
    """What a request asks for: its JSON body, or its query."""

    def read(request: httpx.Request) -> dict[str, Any]:
        return json.loads(request.content) if request.content else dict(request.url.params)

    return read
