"""What the tests of webhooks share: a synced site that takes them, a REST server on loopback, letters to send."""

import asyncio
import hashlib
import hmac
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
import psycopg
from granian.constants import Interfaces
from granian.server.embed import Server
from sqlalchemy import text
from starlette.types import ASGIApp

from sprintreports.demo.testing import RunningDemo
from sprintreports.jira import webhooks
from sprintreports.jira.webhooks import Setup
from sprintreports.jobs import worker
from sprintreports.kit import clock, db, http, queue
from tests.applications import rest_app
from tests.integration.sync_support import SYSTEM, rows

HERE = "http://reports.test"
PATIENCE = 60.0


def sign(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def letter(event: str = "jira:issue_updated", **subject: Any) -> bytes:
    return msgspec.json.encode({"timestamp": 1_780_000_000_000, "webhookEvent": event, **subject})


async def hooked(site_id: int) -> Setup:
    async with db.transaction() as session:
        return await webhooks.renew(session, SYSTEM, site_id, now=clock.now())


@asynccontextmanager
async def rest() -> AsyncIterator[httpx.AsyncClient]:
    """The REST application without a socket."""
    async with http.client(base_url=HERE, transport=httpx.ASGITransport(rest_app())) as client:
        yield client


async def send(
    client: httpx.AsyncClient, path: str, body: bytes, *, headers: Mapping[str, str] | None = None
) -> httpx.Response:
    return await client.post(
        path, content=body, headers={"Content-Type": "application/json", **(headers or {})}
    )


async def drain() -> None:
    """Do the jobs that are there, in this process, and then those that waited for their site."""
    for _ in range(3):
        await worker.run(wait=False)
        queue.app.cache_clear()
        async with db.transaction() as session:
            if not await session.scalar(
                text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")
            ):
                return


@asynccontextmanager
async def served(app: ASGIApp | None = None) -> AsyncIterator[str]:
    """The REST application (or another one) on a port of loopback, for senders in other processes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server(
        app or rest_app(),
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGI,
        websockets=False,
        log_enabled=False,
    )
    serving = asyncio.create_task(server.serve())
    base = f"http://127.0.0.1:{port}"
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            break
    try:
        yield base
    finally:
        server.stop()
        await serving
        await asyncio.sleep(0.2)


async def all_delivered(jira: RunningDemo) -> dict[str, int]:
    """Wait until the stand-in has brought everything; its tally."""
    async with asyncio.timeout(PATIENCE):
        while True:
            tally = await asyncio.to_thread(jira.deliveries)
            if not tally["pending"]:
                return tally
            await asyncio.sleep(0.05)


def unasked_site(url: str) -> int:
    """A site that was never synced, of a Jira that nobody asks for anything."""
    with psycopg.connect(url) as database:
        row = database.execute(
            "INSERT INTO site (name, base_url, dialect, auth, account, status, status_message) "
            "VALUES ('Test', 'http://127.0.0.1:1', 'cloud', 'basic', 'a@b.test', 'ok', '') RETURNING id"
        ).fetchone()
    assert row is not None
    return row[0]


def stored(url: str) -> list[tuple[str, str, str]]:
    return rows(url, "SELECT event, outcome, identifier FROM webhook_delivery ORDER BY id")
