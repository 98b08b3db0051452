"""deploy/nginx.conf before a real web process, over real TLS: what it lets through, what it refuses, whom it tells of."""

import asyncio
import re
import ssl
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import create_connection
from typing import Any

import httpx
import psycopg
import pytest
from websockets.exceptions import InvalidStatus

from sprintreports import settings as settings_module
from sprintreports.api.middleware import LARGEST_BODY
from sprintreports.identity import sessions, users
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import crypto, db, queue
from sprintreports.kit.embedded import EmbeddedPostgres, free_port
from sprintreports.ui import serve
from tests import programs
from tests.integration.matrix_socket import opened
from tests.integration.matrix_support import _person
from tests.integration.proxy_support import Front, fronted
from tests.integration.test_revoked_sockets import LEAVE, LOAD
from tests.tls_support import authority

ME = "/api/v1/users/me"
PASSWORD = "tall green yak 7"
LIMIT = 12
FORGED = {
    "X-Forwarded-For": "203.0.113.66",
    "X-Real-IP": "203.0.113.66",
    "Forwarded": "for=203.0.113.66;proto=http",
    "X-Forwarded-Proto": "http",
}
# Who asks the web process itself, what they say of where they come from, and what is written down.
CHAINS = {
    "stranger": ("127.0.0.2", "203.0.113.66", "127.0.0.2"),
    "stranger-in-a-row": ("127.0.0.2", "203.0.113.66, 127.0.0.1", "127.0.0.2"),
    "behind-two": ("127.0.0.1", "203.0.113.66, 192.0.2.9, 10.1.2.3", "192.0.2.9"),
    "with-port": ("127.0.0.1", "192.0.2.9:50123", "192.0.2.9"),
    "nonsense": ("127.0.0.1", "'; --, <b>, 10.1.2.3.4, ::::", "127.0.0.1"),
    "too-long": ("127.0.0.1", "9" * 5000, "127.0.0.1"),
}
ONCE = (
    "strict-transport-security", "content-security-policy", "x-content-type-options", "x-frame-options",
    "referrer-policy", "permissions-policy", "cross-origin-opener-policy", "cross-origin-resource-policy",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Site:
    """nginx, the web process behind it and its database."""

    front: Front
    web: str
    database: str
    cookie: str

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database, autocommit=True) as connection:
            return connection.execute(statement.encode()).fetchall()

    def failed_from(self, login: str) -> str:
        """From which address somebody is written down to have failed to sign in."""
        ((address,),) = self.ask(
            "SELECT e.address FROM audit_entry e JOIN user_account u ON e.subject_id = u.id::text "
            f"WHERE e.action = 'session.sign_in' AND e.outcome = 'refused' AND u.email = '{login}@example.org'"
        )
        return address


@pytest.fixture(scope="module")
def site(
    postgres: EmbeddedPostgres, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("proxy")
    with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE behind_nginx TEMPLATE {template}")
    database, port, http, https = postgres.url_of("behind_nginx"), free_port(), free_port(), free_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPRINTREPORTS_DATABASE_URL", database)
        patch.setenv("SPRINTREPORTS_PUBLIC_URL", f"https://localhost:{https}")
        settings_module.reload()
        crypto.forget_key()
        queue.app.cache_clear()
        with ThreadPoolExecutor(1) as apart:  # pytest-asyncio keeps a loop in this one
            cookie = apart.submit(lambda: asyncio.run(_people())).result()
        with fronted(web=port, http=http, https=https) as front, _web(folder, port) as web:
            yield Site(front, web, database, cookie)
    settings_module.reload()
    queue.app.cache_clear()


async def _people() -> str:
    try:
        async with db.transaction() as session:
            await users.create(
                session, Viewer.system(), email="ada@example.org", password=PASSWORD, role=Role.MANAGER
            )
            for name in ("forger", *CHAINS):
                await users.create(
                    session, Viewer.system(), email=f"{name}@example.org", password=None, role=Role.VIEWER
                )
        return (await _person("tab", Role.MANAGER)).cookie
    finally:
        await db.dispose()


@contextmanager
def _web(folder: Path, port: int) -> Iterator[str]:
    """The web process as it is deployed, with a page and a script that take no time to build."""
    built = folder / "build" / "client"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("<!doctype html><title>A page</title><script>1</script>")
    (built / "assets" / "app.js").write_text("1;" * 2000)
    variables = serve.variables(
        folder,
        SPRINTREPORTS_DATA_DIR=str(folder),
        SPRINTREPORTS_LOG_LEVEL="WARNING",
        SPRINTREPORTS_TRUSTED_PROXIES="127.0.0.1, 10.0.0.0/8",
        SPRINTREPORTS_ANONYMOUS_REQUESTS_PER_MINUTE=str(LIMIT),
    )
    log, address = folder / "web.log", f"http://127.0.0.1:{port}"
    command = serve.command(host="127.0.0.1", port=port)
    with programs.running(command, log=log, environment=variables) as process:
        programs.wait_for(f"{address}/health/ready", process, log)
        yield address


def _sign_in(client: httpx.Client, login: str, password: str = "wrong", **headers: str) -> httpx.Response:
    return client.post("/session/sign-in", data={"login": login, "password": password}, headers=headers)


# Who gets an answer at all


def test_pages_go_on_to_https_and_programs_learn_that_they_should(site: Site) -> None:
    plain = f"http://localhost:{site.front.http}"
    page = httpx.get(f"{plain}/velocity?last=5")
    assert (page.status_code, page.headers["location"]) == (301, f"{site.front.url}/velocity?last=5")
    for path in (ME, "/api", "/health/ready", "/metrics", "/.well-known/jwks.json"):
        answer = httpx.get(plain + path, headers={"Authorization": "Bearer x"})
        assert answer.status_code == 403, path
        error = answer.json()["error"]
        assert (error["code"], error["details"]) == ("FORBIDDEN", [])
        assert "https://" in error["message"]
    assert httpx.get(f"{plain}/api-clients").status_code == 301, "a page that begins like the API"
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(plain, headers={"Host": "elsewhere.example"})


def _shake_hands(front: Front, *, name: str = "localhost", tls: ssl.SSLContext | None = None) -> str | None:
    with (
        create_connection(("127.0.0.1", front.https), timeout=10) as wire,
        (tls or front.trusts.trusted()).wrap_socket(wire, server_hostname=name) as secured,
    ):
        return secured.version()


def _only(version: ssl.TLSVersion, front: Front, ciphers: str = "DEFAULT") -> ssl.SSLContext:
    made = front.trusts.trusted()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old versions are what is tried
        made.minimum_version = made.maximum_version = version
    made.set_ciphers(ciphers)
    return made


def test_only_modern_tls_with_the_right_certificate(site: Site, tmp_path: Path) -> None:
    front = site.front
    assert _shake_hands(front) == "TLSv1.3"
    assert _shake_hands(front, tls=_only(ssl.TLSVersion.TLSv1_2, front)) == "TLSv1.2"
    for version in (ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1):
        with pytest.raises(ssl.SSLError, match="ALERT_PROTOCOL_VERSION"):  # said by the server
            _shake_hands(front, tls=_only(version, front, "ALL:@SECLEVEL=0"))
    for weak in ("ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384"):
        with pytest.raises(ssl.SSLError, match="ALERT_HANDSHAKE_FAILURE"):
            _shake_hands(front, tls=_only(ssl.TLSVersion.TLSv1_2, front, weak))
    with pytest.raises(ssl.SSLCertVerificationError):
        _shake_hands(front, tls=authority(tmp_path / "another").trusted())
    with pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"):
        _shake_hands(front, name="elsewhere.example")


# What comes through


def test_each_protection_is_said_once(site: Site) -> None:
    with site.front.browser() as client:
        answers = [client.get(path) for path in ("/", "/assets/app.js", ME, "/session/nothing")]
    assert [answer.status_code for answer in answers] == [200, 200, 401, 404]
    for answer in answers:
        said = {name: answer.headers.get_list(name) for name in ONCE}
        assert {name: len(values) for name, values in said.items()} == dict.fromkeys(ONCE, 1), answer.url
        assert "max-age=63072000" in said["strict-transport-security"][0]
        assert answer.headers["server"] == "nginx", "without its version"
    page, script, refused, _ = answers
    assert "sha256-" in page.headers["content-security-policy"]
    assert "immutable" in script.headers["cache-control"]
    assert "content-encoding" not in refused.headers, "what holds secrets is not compressed"
    assert re.fullmatch(r"[0-9a-f]{32}", refused.headers["x-request-id"])
    assert refused.json()["error"]["request_id"] == refused.headers["x-request-id"]


def test_a_request_is_as_large_as_sprint_reports_takes(site: Site) -> None:
    with site.front.browser(source="127.0.0.8") as client:
        at_most = client.post("/api/v1/auth/token", content=b"x" * LARGEST_BODY)
        assert at_most.status_code not in {413, 502}
        beyond = client.post("/api/v1/auth/token", content=b"x" * (LARGEST_BODY + 1))
    assert (beyond.status_code, beyond.json()["error"]["code"]) == (413, "TOO_LARGE")


def test_a_socket_is_opened_and_answered(site: Site) -> None:
    heard: dict[str, str] = {}
    for cookie in (site.cookie, ""):
        with opened(site.front.url, cookie=cookie, tls=site.front.trusts.trusted()) as tab:
            tab.fire(LOAD)
            heard[cookie] = tab.settle()
    assert '"status_rx_state_":"empty"' in heard[site.cookie]
    assert LEAVE not in heard[site.cookie]
    assert LEAVE in heard[""], "the cookie counts"


def test_a_foreign_page_opens_no_socket_through_it(site: Site) -> None:
    for foreign in ("https://evil.example", site.web, f"http://localhost:{site.front.http}"):
        with (
            pytest.raises(InvalidStatus) as refused,
            opened(site.front.url, cookie=site.cookie, origin=foreign, tls=site.front.trusts.trusted()),
        ):
            pytest.fail(f"{foreign} got a socket")
        assert refused.value.response.status_code in {400, 403}


def test_a_session_begins_with_a_cookie_for_https_alone(site: Site) -> None:
    with site.front.browser(source="127.0.0.4") as client:
        answer = _sign_in(client, "ada@example.org", PASSWORD, **FORGED)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        (cookie,) = [one for one in answer.headers.get_list("set-cookie") if sessions.COOKIE_NAME in one]
        assert cookie.startswith("__Host-")
        assert {"Secure", "HttpOnly", "SameSite=lax"} <= set(cookie.split("; "))
        assert client.get(ME).json()["data"]["email"] == "ada@example.org"
    assert ("127.0.0.4",) in site.ask("SELECT address FROM user_session")
    with site.front.browser() as foreign:
        said = _sign_in(foreign, "ada@example.org", PASSWORD, Origin="https://evil.example")
    assert said.headers["location"] == "/sign-in?problem=foreign"


# Where requests come from


def test_the_true_address_is_written_down_and_a_forged_one_is_not(site: Site) -> None:
    with site.front.browser(source="127.0.0.5") as client:
        _sign_in(client, "forger@example.org", **FORGED)
    assert site.failed_from("forger") == "127.0.0.5"


def test_requests_are_counted_by_the_true_address(site: Site) -> None:
    with site.front.browser(source="127.0.0.6") as client:
        statuses = [
            client.get(ME, headers={"X-Forwarded-For": f"198.51.100.{one}"}).status_code
            for one in range(LIMIT + 1)
        ]
    assert statuses == [401] * LIMIT + [429]
    with site.front.browser(source="127.0.0.7") as client:
        assert client.get(ME).status_code == 401, "somebody else is not held up"


@pytest.mark.parametrize("login", CHAINS)
def test_a_header_is_believed_of_named_proxies_and_of_nobody_else(site: Site, login: str) -> None:
    peer, hops, expected = CHAINS[login]
    wire = httpx.HTTPTransport(local_address=peer)
    with httpx.Client(base_url=site.web, transport=wire, headers={"Origin": site.front.url}) as direct:
        answer = _sign_in(direct, f"{login}@example.org", **{"X-Forwarded-For": hops})
    assert answer.status_code == 303
    assert site.failed_from(login) == expected


# What is left behind


def test_while_sprint_reports_rests_it_says_so_and_no_log_keeps_a_secret() -> None:
    with fronted(web=free_port()) as front:
        with front.browser() as client:
            asked = client.get(
                "/session/sso/company/callback?code=very-secret",
                headers={"Referer": f"{front.url}/?x=very-secret"},
            )
            client.post("/api/v1/webhooks/jira/7/very-secret", content=b"{}")
            client.get("/api/v1/queue-feeds/very-secret.ics")
            client.get("/api/v1/mail-opt-outs/very-secret")
            client.get("/shared/srl_very-secret")
        httpx.get(f"http://localhost:{front.http}/?code=very-secret")
        told = front.logged()
    assert asked.status_code == 503
    assert "Try again in a minute" in asked.text
    assert asked.headers["retry-after"] == "30"
    assert '"path":"/session/sso/company/callback","status":503' in told
    assert '"path":"/api/v1/webhooks/jira/7/[redacted]"' in told
    assert '"path":"/api/v1/queue-feeds/[redacted]"' in told
    assert '"path":"/api/v1/mail-opt-outs/[redacted]"' in told
    assert '"path":"/shared/[redacted]"' in told
    assert '"from":"127.0.0.1"' in told
    assert "very-secret" not in told
