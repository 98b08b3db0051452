"""Every request that the client can send is one that Atlassian publishes; what is not, is named here."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import FunctionType

import httpx
import msgspec
import pytest

from sprintreports.demo.catalog import Dialect
from sprintreports.demo.testing import running_demo
from sprintreports.jira import sites, sync
from sprintreports.jira.client import Auth, Credentials, connect
from sprintreports.jira.client.cloud import CloudClient
from sprintreports.jira.client.datacenter import DataCenterClient
from sprintreports.jira.webhooks.registry import Registry
from sprintreports.kit import clock, db
from tests.integration.sync_support import SYSTEM, connected, connection
from tests.unit.jira.client.loopback_jira import DRIVEN, loopback_jira
from tests.unit.jira.client.published import Published, Recorded

pytestmark = pytest.mark.conformance

# Nobody publishes these. Jira's own pages use them.
UNDOCUMENTED = {"/rest/greenhopper/1.0/rapid/charts/sprintreport"}
# Asked before it is known which Jira answers. Cloud publishes it in its document of version 2, which is not among ours.
BEFORE_THE_DIALECT = {"/rest/api/2/serverInfo"}
# Still published, but to be turned off some day; where it is, the client takes the address behind the arrow.
DEPRECATED = {"GET /rest/api/3/priority": "/rest/api/3/priority/search"}

Check = Callable[[Recorded], list[str]]


@pytest.fixture(scope="module")
def cloud(shared_data: Path) -> list[Published]:
    return [
        read(shared_data, "jira-cloud-platform-v3.2025-12.json"),
        read(shared_data, "jira-cloud-software-agile.2023-08.json"),
    ]


@pytest.fixture(scope="module")
def data_center(shared_data: Path) -> list[Published]:
    return [read(shared_data, "jira-software-datacenter-10.3.json", prefix="/rest")]


def read(folder: Path, name: str, *, prefix: str = "") -> Published:
    return Published(msgspec.json.decode((folder / "openapi" / name).read_bytes()), prefix=prefix)


def problems(documents: list[Published], requests: Iterable[Recorded], *, cloud: bool) -> set[str]:
    excepted = UNDOCUMENTED | (BEFORE_THE_DIALECT if cloud else set())
    found: set[str] = set()
    for request in requests:
        if request.path not in excepted:
            document = next((one for one in documents if one.find(request)), documents[0])
            found.update(document.problems(request))
    return found


def deprecated(documents: list[Published], requests: Iterable[Recorded]) -> set[str]:
    operations = [document.find(request) for request in requests for document in documents]
    return {operation.name for operation in operations if operation is not None and operation.deprecated}


@pytest.mark.parametrize("kind", [CloudClient, DataCenterClient])
def test_every_method_of_the_clients_is_driven(kind):
    methods = {
        name
        for owner in kind.__mro__
        for name, member in vars(owner).items()
        if isinstance(member, FunctionType) and not name.startswith("_")
    }
    assert methods - {"aclose"} == set(DRIVEN)


async def test_every_method_sends_what_is_published_for_cloud(cloud):
    asked = await driven(cloud=True)
    assert problems(cloud, asked, cloud=True) == set()
    assert deprecated(cloud, asked) == set(DEPRECATED)
    assert {"/rest/api/3/changelog/bulkfetch", "/rest/api/3/search/jql", *UNDOCUMENTED} <= {
        request.path for request in asked
    }


async def test_what_cloud_turns_off_one_day_is_replaced_by_what_is_published(cloud):
    for name, instead in DEPRECATED.items():
        asked = await driven(cloud=True, gone=(name.split()[1],))
        assert instead in {request.path for request in asked}
        assert problems(cloud, asked, cloud=True) == set()


async def test_every_method_sends_what_is_published_for_data_center(data_center):
    asked = await driven(cloud=False)
    assert problems(data_center, asked, cloud=False) == set()
    assert deprecated(data_center, asked) == set()
    assert {"/rest/api/2/search", "/rest/api/2/issue/SHOP-1", *BEFORE_THE_DIALECT} <= {
        request.path for request in asked
    }


async def driven(*, cloud: bool, gone: tuple[str, ...] = ()) -> list[Recorded]:
    with loopback_jira(cloud=cloud, gone=gone) as jira:
        client = await connect(jira.url, Credentials(Auth.BEARER, "", "token"))
        try:
            for drive in DRIVEN.values():
                await drive(client)
        finally:
            await client.aclose()
        return jira.requests


async def test_the_register_of_webhooks_is_asked_as_published(cloud):
    """What apps that came in by OAuth use besides: the only requests that change something in a Jira."""
    asked: list[Recorded] = []
    registry = Registry("https://api.example", Register(asked))
    for _ in range(2):
        await registry.listing()
    await registry.register(url="https://reports.example/hook", jql="project = SHOP")
    await registry.refresh(7)
    await registry.delete([7])
    await registry.failures(after=clock.now())
    await registry.aclose()
    assert problems(cloud, asked, cloud=True) == set()
    assert {request.method for request in asked} == {"GET", "POST", "PUT", "DELETE"}


class Register(httpx.AsyncBaseTransport):
    """Says yes to all, and keeps what it was asked."""

    def __init__(self, requests: list[Recorded]) -> None:
        self._requests = requests

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._requests.append(recorded_of(request))
        return httpx.Response(
            200, json={"values": [], "webhookRegistrationResult": [{"createdWebhookId": 7}]}
        )


def recorded_of(request: httpx.Request) -> Recorded:
    kind = request.headers.get("Content-Type", "")
    return Recorded(request.method, request.url.path, request.url.query.decode(), kind, request.content)


class Wire(httpx.AsyncBaseTransport):
    """The real wire, which keeps what goes over it."""

    def __init__(self, requests: list[Recorded]) -> None:
        self._wire = httpx.AsyncHTTPTransport()
        self._requests = requests

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._requests.append(recorded_of(request))
        return await self._wire.handle_async_request(request)

    async def aclose(self) -> None:
        await self._wire.aclose()


@pytest.mark.parametrize("dialect", list(Dialect))
async def test_whole_syncs_send_what_is_published(pg_url, cloud, data_center, dialect):
    asked: list[Recorded] = []

    async def recorded(site):
        return await connect(site.base_url, sites.credentials_of(site), transport=Wire(asked))

    with running_demo(dialect=dialect, seed=3, scale=0.1) as demo:
        site_id = await connected(connection(demo, dialect=dialect))
        for mode in (sync.Mode.FULL, sync.Mode.INCREMENTAL):
            demo.edit(20, seed=mode.value)
            async with db.transaction() as session:
                run_id, _ = await sync.prepare(session, SYSTEM, site_id, mode=mode)
            outcome = await sync.run(db.transaction, run_id=run_id, now=clock.now, open_client=recorded)
            assert outcome.end == "done"
    documents = cloud if dialect is Dialect.CLOUD else data_center
    assert len(asked) > 20
    assert problems(documents, asked, cloud=dialect is Dialect.CLOUD) == set()


def planted() -> Iterator[tuple[str, Recorded, str]]:
    """Requests that were right once, or that look right."""
    question = msgspec.json.encode({"issueIdsOrKeys": ["1"] * 1001})
    yield "cloud", Recorded("GET", "/rest/api/3/search/jql", "startAt=0"), "startAt is unknown"
    yield "cloud", Recorded("GET", "/rest/api/3/filter/mine"), "not of type integer"
    yield "cloud", Recorded("GET", "/rest/api/3/changelog/bulkfetch"), "not published"
    yield (
        "cloud",
        Recorded("POST", "/rest/api/3/changelog/bulkfetch", "", "application/json", question),
        "too long",
    )
    yield (
        "cloud",
        Recorded("POST", "/rest/api/3/search/jql", "", "application/json", b'{"startAt": 0}'),
        "unexpected",
    )
    yield "data center", Recorded("GET", "/rest/api/2/search/jql", "jql=x"), "not published"
    yield "data center", Recorded("GET", "/rest/agile/1.0/board/x/sprint"), "not of type integer"


@pytest.mark.parametrize(("where", "request_", "problem"), list(planted()))
def test_a_planted_mistake_is_refused(cloud, data_center, where, request_, problem):
    found = problems(cloud if where == "cloud" else data_center, [request_], cloud=where == "cloud")
    assert len(found) == 1, found
    assert problem in found.pop()
