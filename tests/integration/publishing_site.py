"""A site with a sprint to report on, an API, and stand-ins of the services that reports are sent to."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import text

from sprintreports.integrations.channel import File
from sprintreports.kit import clock, db
from sprintreports.reports.document.blocks import Document
from sprintreports.reports.publishing.delivering import deliver
from sprintreports.reports.publishing.values import FileFormat
from tests.integration.planning_support import Api
from tests.integration.queue_site import QueueSite
from tests.publishing_support import Chat, Place, Wiki, Workflow, standing


class Drawn:
    """Pictures and files without a browser: made-up bytes."""

    async def pictures(self, document: Document) -> Mapping[str, bytes]:
        return {chart.key: b"\x89PNG" + chart.key.encode() for chart in document.charts}

    async def files(self, document: Document, formats: Sequence[FileFormat]) -> tuple[File, ...]:
        del document
        return tuple(File(f"report.{one}", "application/octet-stream", str(one).encode()) for one in formats)


@dataclass
class Ground:
    """moved: how far the clock is ahead."""

    client: httpx.AsyncClient
    site: QueueSite
    moved: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        return clock.now() + self.moved

    @property
    def spec(self) -> dict[str, Any]:
        return {"kind": "baseline", "of": {"state": "sprint", "sprint_id": self.site.sprints[3]}}

    async def publish(self, api: Api, connection: int, *, status: int = 201, **target: Any) -> dict[str, Any]:
        body = {"connection_id": connection, "target": target, "spec": self.spec}
        return await api("POST", "/deliveries", body, status=status)

    async def deliver(self, delivery: dict[str, Any], api: Api) -> dict[str, Any]:
        """One try, and what it came to."""
        await deliver(db.transaction, delivery["id"], now=self.now, making=Drawn())
        return await api("GET", f"/deliveries/{delivery['id']}")


@contextmanager
def wiki(*, cloud: bool = True) -> Generator[tuple[Wiki, Place, dict[str, Any]]]:
    """A Confluence, and what one enters for it."""
    made = Wiki(cloud=cloud)
    with standing(made) as place:
        settings = {
            "kind": "confluence",
            "base_url": place.url,
            "dialect": "cloud" if cloud else "datacenter",
        }
        settings |= {"account": "me@example.org"} if cloud else {}
        yield made, place, {"name": "Wiki", "settings": settings, "secret": "a-token-of-confluence"}


@contextmanager
def chat() -> Generator[tuple[Chat, Place, dict[str, Any]]]:
    made = Chat()
    with standing(made) as place:
        made.own = place.url
        secret = f"{place.url}/services/T/B/x"
        yield made, place, {"name": "Chat", "settings": {"kind": "slack", "by": "webhook"}, "secret": secret}


@contextmanager
def workflow() -> Generator[tuple[Workflow, Place, dict[str, Any]]]:
    made = Workflow()
    with standing(made) as place:
        body = {
            "name": "Teams",
            "settings": {"kind": "teams"},
            "secret": f"{place.url}/workflows/1?sig=s3cret",
        }
        yield made, place, body


async def scalars(sql: str, **values: object) -> list[Any]:
    async with db.transaction() as session:
        return list((await session.execute(text(sql), values)).scalars())


async def waiting_jobs() -> list[int]:
    """Deliveries for which a job waits."""
    return await scalars(
        "SELECT (args ->> 'delivery_id')::bigint FROM procrastinate_jobs WHERE task_name = 'reports.deliver' AND status = 'todo'"
    )
