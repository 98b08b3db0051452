"""The guard over real sockets: 127.0.0.1 stands for what is allowed, 127.0.0.2 and ::1 for a private network."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from sprintreports import settings as settings_module
from sprintreports.jira.client import Auth, Credentials, connect
from sprintreports.jira.errors import JiraNotAllowed
from sprintreports.kit import addresses, http, outgoing
from sprintreports.kit.errors import Unavailable
from sprintreports.kit.http import AddressRefused
from tests.tls_support import authority


@dataclass(slots=True)
class Seen:
    """A small web server, and what it was asked."""

    port: int = 0
    hosts: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    connections: int = 0


@asynccontextmanager
async def server(*, location: str = "", tls: ssl.SSLContext | None = None) -> AsyncIterator[Seen]:
    """Answers all that it is asked, with a redirect where `location` says so."""
    seen = Seen()

    async def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().split("\r\n")
                seen.paths.append(lines[0].split()[1])
                seen.hosts += [line[6:] for line in lines if line.lower().startswith("host: ")]
                status = f"302 Found\r\nLocation: {location}" if location else "200 OK"
                writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\nok".encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass  # the client has gone
        finally:
            writer.close()

    made = await asyncio.start_server(taken, "127.0.0.1", 0, ssl=tls)
    seen.port = made.sockets[0].getsockname()[1]
    try:
        yield seen
    finally:
        made.close()


def naming(*answers: str) -> tuple[Callable, list[str]]:
    """A resolver that gives one answer after the other (the last one again and again), and what it was asked."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1].split()

    return resolve, asked


def asking(
    *answers: str, allowed: str = "", tls: ssl.SSLContext | None = None
) -> tuple[httpx.AsyncClient, list]:
    resolve, asked = naming(*answers or ("",))
    wire = http.transport(allowed=addresses.parse(allowed.split()), resolve=resolve, tls=tls)
    return http.client(transport=wire), asked


@pytest.fixture(autouse=True)
def _production(monkeypatch: pytest.MonkeyPatch):
    """No allow-list at all, as after an installation."""
    monkeypatch.setenv("SPRINTREPORTS_OUTGOING_ALLOWED", "")
    settings_module.reload()
    yield
    monkeypatch.undo()
    settings_module.reload()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "localhost.", "LOCALHOST", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f000001",
        "0.0.0.0",  # noqa: S104  # asked, not bound
        "0177.0.0.1", "127.1", "127.0.0.1.", "[::]", "169.254.169.254", "[64:ff9b::7f00:1]", "１２７.0.0.1", "10.0.0.1", "[fd00::1]",
        "100.64.0.1", "224.0.0.1",
    ],
)  # fmt: skip
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_no_spelling_of_this_machine_or_network_is_asked(scheme: str, host: str):
    async with server() as seen:
        client = http.client()
        async with client:
            with pytest.raises((AddressRefused, httpx.InvalidURL)):
                await client.get(f"{scheme}://{host}:{seen.port}/")
        assert seen.connections == 0


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "fe80::1%1"]
)
async def test_a_name_is_no_way_around(address: str):
    async with server() as seen:
        client, asked = asking(address)
        async with client:
            with pytest.raises(AddressRefused) as refused:
                await client.get(f"https://innocent.test:{seen.port}/")
        assert (asked, seen.connections) == (["innocent.test"], 0)
    shown = "10.0.0.1" if address.startswith("::ffff") else address
    for words in (f"innocent.test:{seen.port}", shown, "Jira sites", "SPRINTREPORTS_OUTGOING_ALLOWED"):
        assert words in refused.value.message
    assert shown not in refused.value.public
    assert "innocent.test" in refused.value.public


async def test_what_is_allowed_is_asked_by_its_name_and_connections_are_used_again():
    async with server() as seen:
        client, asked = asking("127.0.0.1", allowed="127.0.0.1")
        async with client:
            for path in ("/one", "/two", "/three"):
                assert (await client.get(f"http://jira.test:{seen.port}{path}")).text == "ok"
    assert seen.hosts == [f"jira.test:{seen.port}"] * 3
    assert (seen.paths, seen.connections, asked) == (["/one", "/two", "/three"], 1, ["jira.test"])


async def test_the_connection_goes_to_the_address_that_was_judged():
    # A name whose second answer is another one: whoever asks twice would judge the first and connect to the second.
    async with server() as seen:
        client, asked = asking("127.0.0.1", "127.0.0.2", allowed="127.0.0.1")
        async with client:
            assert (await client.get(f"http://rebinding.test:{seen.port}/")).text == "ok"
            assert len(asked) == 1
            # Another connection is another question, and another judgement.
            await client.get(f"http://rebinding.test:{seen.port}/", headers={"Connection": "close"})
            with pytest.raises(AddressRefused, match=r"127\.0\.0\.2"):
                await client.get(f"http://rebinding.test:{seen.port}/")
        assert len(asked) == 2
        assert seen.connections == 1


async def test_of_several_addresses_only_those_that_may_be_are_tried():
    async with server() as seen:
        client, _ = asking("127.0.0.2 10.0.0.1 127.0.0.1", allowed="127.0.0.1")
        async with client:
            assert (await client.get(f"http://several.test:{seen.port}/")).text == "ok"


async def test_an_address_that_does_not_answer_gives_way_to_the_next():
    async with server() as seen:
        client, _ = asking("::1 127.0.0.1", allowed="127.0.0.1 ::1")
        async with client:
            assert (await client.get(f"http://twice.test:{seen.port}/")).text == "ok"


async def test_a_redirect_is_not_followed_and_where_it_is_its_target_is_judged():
    async with server() as secret:
        async with server(location=f"http://127.0.0.1:{secret.port}/secret") as seen:
            client, _ = asking("127.0.0.1", allowed=f"jira.test:{seen.port}")
            async with client:
                assert (await client.get(f"http://jira.test:{seen.port}/")).status_code == 302
                with pytest.raises(AddressRefused, match=f"127.0.0.1:{secret.port}"):
                    await client.get(f"http://jira.test:{seen.port}/", follow_redirects=True)
        assert secret.connections == 0


@pytest.mark.parametrize(
    "address", ["http://user@jira.test/", "http://user:pass@127.0.0.1/", "http://:x@jira.test/"]
)
async def test_addresses_with_credentials_are_refused_and_not_repeated(address: str):
    client, asked = asking("127.0.0.1", allowed="jira.test 127.0.0.1")
    async with client:
        with pytest.raises(AddressRefused, match="holds a name or a password") as refused:
            await client.get(address)
    assert asked == []
    assert "pass@" not in refused.value.message


@pytest.mark.parametrize("port", [22, 25, 6379, 5432])
async def test_other_services_are_not_spoken_to(port: int):
    client, _ = asking("127.0.0.1", allowed="127.0.0.0/8 jira.test")
    async with client:
        with pytest.raises(AddressRefused, match=f"port {port} belongs"):
            await client.get(f"http://jira.test:{port}/")


async def test_names_that_nobody_knows_are_a_failed_connection():
    async def unknown(host: str, port: int) -> list[str]:
        raise OSError(-2, "Name or service not known")

    async def empty(host: str, port: int) -> list[str]:
        return []

    async def never(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    for resolve, error in (
        (unknown, httpx.ConnectError),
        (empty, httpx.ConnectError),
        (never, httpx.ConnectTimeout),
    ):
        async with http.client(transport=http.transport(resolve=resolve), timeout=0.2) as client:
            with pytest.raises(error):
                await client.get("https://nowhere.test/")


async def test_tls_checks_the_name_and_not_the_address(tmp_path: Path):
    ours, other = authority(tmp_path / "ours"), authority(tmp_path / "other")
    async with server(tls=ours.context("jira.test")) as seen:
        client, _ = asking("127.0.0.1", allowed="127.0.0.1", tls=ours.trusted())
        async with client:
            assert (await client.get(f"https://jira.test:{seen.port}/")).text == "ok"
            with pytest.raises(httpx.ConnectError, match="certificate"):
                await client.get(f"https://other.test:{seen.port}/")
        client, _ = asking("127.0.0.1", allowed="127.0.0.1", tls=other.trusted())
        async with client:
            with pytest.raises(httpx.ConnectError, match="certificate"):
                await client.get(f"https://jira.test:{seen.port}/")
    assert seen.hosts == [f"jira.test:{seen.port}"]


async def test_an_authority_of_ones_own_is_trusted_besides_the_public_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    ours = authority(tmp_path / "ours")
    public = http.authorities().cert_store_stats()["x509_ca"]
    async with server(tls=ours.context("jira.test")) as seen:
        client, _ = asking("127.0.0.1", allowed="127.0.0.1")
        async with client:
            with pytest.raises(httpx.ConnectError, match="certificate"):
                await client.get(f"https://jira.test:{seen.port}/")
        monkeypatch.setenv("SPRINTREPORTS_OUTGOING_CA_FILE", str(ours.file))
        settings_module.reload()
        client, _ = asking("127.0.0.1", allowed="127.0.0.1")
        async with client:
            assert (await client.get(f"https://jira.test:{seen.port}/")).text == "ok"
            with pytest.raises(httpx.ConnectError, match="certificate"):
                await client.get(f"https://other.test:{seen.port}/")
    assert http.authorities().cert_store_stats()["x509_ca"] == public + 1 > 50


@pytest.mark.parametrize("content", [None, "no certificate", ""])
def test_authorities_that_cannot_be_read_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
):
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("SPRINTREPORTS_OUTGOING_CA_FILE", str(file))
    settings_module.reload()
    with pytest.raises(Unavailable, match=rf"names {file}, which cannot be read"):
        http.authorities()


async def test_the_environment_allows_for_the_whole_process(monkeypatch: pytest.MonkeyPatch):
    async with server() as seen:
        monkeypatch.setenv("SPRINTREPORTS_OUTGOING_ALLOWED", f"10.0.0.0/8, 127.0.0.1:{seen.port}")
        settings_module.reload()
        async with http.client() as client:
            assert (await client.get(f"http://127.0.0.1:{seen.port}/")).text == "ok"
            with pytest.raises(AddressRefused):
                await client.get(f"http://127.0.0.1:{seen.port + 1}/")
    monkeypatch.setenv("SPRINTREPORTS_OUTGOING_ALLOWED", "10.0.0.1/8")
    settings_module.reload()
    with pytest.raises(Unavailable, match=r"OUTGOING_ALLOWED cannot be read.*10\.0\.0\.0/8"):
        outgoing.from_environment()


async def test_a_jira_says_so_at_once_and_as_a_jira_does():
    async with server() as seen:
        with pytest.raises(JiraNotAllowed, match="Jira sites"):
            await connect(f"http://127.0.0.1:{seen.port}", Credentials(Auth.BEARER, "", "x"))
        assert seen.connections == 0


async def test_our_own_processes_need_no_permission():
    async with server() as seen:
        assert await http.answers(f"http://127.0.0.1:{seen.port}/health/ready")
