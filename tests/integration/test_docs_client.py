"""docs/examples/client.py against a running API: both credentials, pages, tags, waiting, and what is refused."""

import asyncio
import importlib.util
from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import pytest_asyncio

from sprintreports.identity.clients import keys
from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, db
from tests.integration.clients_support import person, service
from tests.integration.jira_site import fill, make_site, rows
from tests.integration.test_reads import sample
from tests.integration.webhook_support import served

FILE = Path(__file__).parents[2] / "docs" / "examples" / "client.py"


@pytest.fixture(scope="module")
def client() -> ModuleType:
    found = importlib.util.spec_from_file_location("client", FILE)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest_asyncio.fixture
async def base(pg_url: str) -> AsyncIterator[str]:
    async with db.transaction() as session:
        site = await make_site(session)
        await fill(session, site, sample())
    async with served() as address:
        yield address


async def _key(*scopes: Permission, per_minute: int | None = None) -> str:
    user_id = await person(Role.ADMIN)
    viewer = Viewer(user_id, "", "admin@example.org", Role.ADMIN)
    async with db.transaction() as session:
        made = await keys.create(
            session, viewer, name="Script", scopes=frozenset(scopes), per_minute=per_minute, now=clock.now()
        )
    return made.secret


async def test_a_service_reads_all_pages_and_what_has_changed(base: str, client: ModuleType) -> None:
    registered = await service()
    auth = client.ClientCredentials(base, registered.client.client_id, registered.secret, "sprints:read")

    def read() -> tuple[list[Any], ...]:
        with client.SprintReports(base, auth) as reports:
            paged = [sprint["id"] for sprint in reports.sprints(per_page=1, sort="name")]
            boards = list(reports.boards())
            again = list(reports.boards())
            return paged, boards, again, [reports.velocity(boards[0]["id"])["unit"]]

    paged, boards, again, unit = await asyncio.to_thread(read)
    assert len(paged) == len(set(paged)) == 4
    assert boards == again
    assert unit == [boards[0]["unit"]]


async def test_a_wrong_secret_and_a_lack_of_rights_are_refusals(base: str, client: ModuleType) -> None:
    registered = await service()
    wrong = client.ClientCredentials(base, registered.client.client_id, "srs_not-it")
    right = client.ClientCredentials(base, registered.client.client_id, registered.secret)

    def refused(auth: Any, path: str) -> Any:
        with client.SprintReports(base, auth) as reports, pytest.raises(client.Refused) as found:
            reports.get(path)
        return found.value

    told = await asyncio.to_thread(refused, wrong, "/boards/1")
    assert (told.status, told.code) == (401, "invalid_client")
    told = await asyncio.to_thread(refused, right, "/sites/1")
    assert (told.status, told.code) == (403, "FORBIDDEN")
    assert told.request_id.startswith("req_")
    assert "settings:read" in told.message


async def test_a_changed_board_is_not_written_over(base: str, client: ModuleType) -> None:
    key = await _key(Permission.SPRINTS_READ, Permission.SETTINGS_WRITE)

    def change() -> tuple[Any, ...]:
        with (
            client.SprintReports(base, client.ApiKey(key)) as first,
            client.SprintReports(base, client.ApiKey(key)) as second,
        ):
            board = next(first.boards())["id"]
            seen = [reports.get(f"/boards/{board}")["zone"] for reports in (first, second)]
            changed = first.change_board(board, zone="Europe/Berlin")["zone"]
            with pytest.raises(client.Refused) as found:
                second.change_board(board, zone="Asia/Tokyo")
            return seen, changed, second.get(f"/boards/{board}")["zone"], found.value.code

    seen, changed, now, code = await asyncio.to_thread(change)
    assert seen[0] == seen[1] != "Europe/Berlin"
    assert (changed, now, code) == ("Europe/Berlin", "Europe/Berlin", "PRECONDITION_FAILED")


async def test_it_waits_as_long_as_it_is_told_and_goes_on(base: str, client: ModuleType) -> None:
    key, loop = await _key(Permission.SPRINTS_READ, per_minute=1), asyncio.get_running_loop()
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        asyncio.run_coroutine_threadsafe(_without_limit(), loop).result(30)

    def read() -> list[int]:
        with client.SprintReports(base, client.ApiKey(key), sleep=wait) as reports:
            return [len(list(reports.boards())) for _ in range(2)]

    assert await asyncio.to_thread(read) == [1, 1]
    assert len(waited) == 1
    assert 0 < waited[0] <= 60


async def test_a_post_that_is_sent_again_is_done_once(
    base: str, client: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, lost = await _key(Permission.USERS_WRITE), list[str]()
    body = {"email": "guest@example.org", "role": "viewer"}

    def create() -> Any:
        with client.SprintReports(base, client.ApiKey(key), sleep=lambda _seconds: None) as reports:
            send = client.httpx.HTTPTransport.handle_request

            def losing(transport: Any, request: Any) -> Any:
                answer = send(transport, request)
                if not lost:
                    lost.append(request.headers["Idempotency-Key"])
                    answer.close()
                    raise client.httpx.ReadError("lost on the way")
                return answer

            monkeypatch.setattr(client.httpx.HTTPTransport, "handle_request", losing)
            return reports.create("/invitations", body)

    made = await asyncio.to_thread(create)
    assert len(lost) == 1
    assert made["user"]["email"] == "guest@example.org"
    async with db.transaction() as session:
        ((count,),) = await rows(session, "SELECT count(*) FROM audit_entry WHERE action = 'user.invited'")
    assert count == 1


async def _without_limit() -> None:
    async with db.transaction() as session:
        await rows(session, "UPDATE api_key SET per_minute = NULL RETURNING id")
