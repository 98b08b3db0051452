"""One company for all tests of the demo, and a way to ask its two faces."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from sprintreports.demo.catalog import DEMO_EMAIL, DEMO_TOKEN, Dialect
from sprintreports.demo.company import Company, found
from sprintreports.demo.server import create_app

# Saturday, 22 November 2025, 16:00 UTC.
NOW = 1_763_827_200_000


class Asker:
    """Plain calls to an ASGI application, without a server."""

    def __init__(self, app: ASGIApp, loop: asyncio.AbstractEventLoop, **options: Any) -> None:
        self._loop = loop
        transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 40000))
        self.client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", **options)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self._loop.run_until_complete(self.client.get(path, **options))

    def post(self, path: str, json: Any = None, **options: Any) -> httpx.Response:
        return self._loop.run_until_complete(self.client.post(path, json=json, **options))


@pytest.fixture(scope="session")
def company() -> Company:
    return found(seed=1, scale=1, now=NOW)


@pytest.fixture
def asker() -> Iterator[Callable[..., Asker]]:
    loop = asyncio.new_event_loop()
    yield lambda app, **options: Asker(app, loop, **options)
    loop.close()


@pytest.fixture
def cloud(company: Company, asker: Callable[..., Asker]) -> Asker:
    return asker(create_app(company, dialect=Dialect.CLOUD), auth=(DEMO_EMAIL, DEMO_TOKEN))


@pytest.fixture
def datacenter(company: Company, asker: Callable[..., Asker]) -> Asker:
    return asker(
        create_app(company, dialect=Dialect.DATACENTER), headers={"Authorization": f"Bearer {DEMO_TOKEN}"}
    )
