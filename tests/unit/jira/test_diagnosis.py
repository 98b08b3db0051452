"""What a test of a connection says, for each thing that can be wrong: against a Jira on loopback that has it wrong."""

import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sprintreports.jira.client import Auth, Credentials, pace
from sprintreports.jira.diagnosis import Diagnosis, probe
from tests.unit.jira.client.loopback_jira import Instead, loopback_jira

TOKEN = Credentials(Auth.BASIC, "ada@example.org", "token")
ACCESS_TOKEN = Credentials(Auth.BEARER, "", "token")
BOARDS = "/rest/agile/1.0/board"
INFO = "/rest/api/2/serverInfo"
MYSELF = "/rest/api/3/myself"
ADA = {"accountId": "a", "displayName": "Ada", "timeZone": "Europe/Berlin"}
LOGIN = "<!DOCTYPE html><html><title>Log in</title></html>"


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(pace, "BACK_OFF_START", 0.0)


async def diagnosed(*, cloud=True, credentials=TOKEN, path="", known_zone=None, **options) -> Diagnosis:
    with loopback_jira(cloud=cloud, **options) as jira:
        return await probe(jira.url + path, credentials, known_zone=known_zone)


@pytest.mark.parametrize("cloud", [True, False])
async def test_all_is_well(cloud):
    found = await diagnosed(cloud=cloud)
    assert found.ok
    assert [check.name for check in found.checks] == ["address", "sign_in", "boards", "issues", "history"]
    assert all(check.ok and not check.warning for check in found.checks)
    assert found.summary == "Signed in as Ada. It sees 1 board, 1 of them with sprints." or not cloud


# What is wrong; the step that fails; words of what is said about it.
WRONG = {
    "another web server": ({"instead": {INFO: Instead(200, LOGIN)}}, "address", "web page instead of data"),
    "nothing of Jira": ({"instead": {INFO: Instead(404, {})}}, "address", "not as a Jira does"),
    "a sign-in page before it": (
        {"instead": {INFO: Instead(302, headers={"Location": "https://sso.example/login?to=x"})}},
        "address",
        "single sign-on in front of Jira lets API tokens through",
    ),
    "it has moved": (
        {"instead": {INFO: Instead(301, headers={"Location": "https://jira.example.org/rest"})}},
        "address",
        "redirects to https://jira.example.org/rest",
    ),
    "a proxy that wants a sign-in": ({"instead": {INFO: Instead(407)}}, "address", "A proxy between this server"),
    "it is down": ({"instead": {INFO: Instead(503, {})}}, "address", "failed with status 503"),
    "a limit": (
        {"instead": {MYSELF: Instead(429, {}, {"Retry-After": "900"})}},
        "sign_in",
        "asks us to pause",
    ),
    "a wrong token": ({"instead": {MYSELF: Instead(401, {})}}, "sign_in", "does not accept this account"),
    "a locked account": (
        {"instead": {MYSELF: Instead(401, {}, {"X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE; login-url=x"})}},
        "sign_in",
        "solve a CAPTCHA",
    ),
    "no Jira Software": ({"instead": {BOARDS: Instead(404, {})}}, "boards", "Jira Software is not installed"),
    "no access to Jira Software": ({"instead": {BOARDS: Instead(403, {})}}, "boards", "may not use Jira Software"),
    "no board": ({"instead": {BOARDS: Instead(200, {"values": [], "isLast": True})}}, "boards", "sees no board"),
    "a board that cannot be read": (
        {"instead": {f"{BOARDS}/1/configuration": Instead(403, {})}},
        "issues",
        "is listed, but cannot be read",
    ),
    "no history": (
        {"instead": {"/rest/api/3/changelog/bulkfetch": Instead(403, {})}},
        "history",
        "their history cannot be read",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("options", "step", "words"), WRONG.values(), ids=WRONG)
async def test_what_is_wrong_is_said_with_what_to_do(options, step, words):
    found = await diagnosed(**options)
    assert not found.ok
    assert (found.checks[-1].name, found.checks[-1].ok) == (step, False)
    assert words in found.summary
    assert found.summary.endswith(".")
    assert all(check.ok for check in found.checks[:-1])


async def test_a_kind_of_token_that_this_jira_does_not_take():
    cloud = await diagnosed(credentials=ACCESS_TOKEN, instead={MYSELF: Instead(401, {})})
    assert "takes no personal access token" in cloud.summary
    server = await diagnosed(cloud=False, instead={"/rest/api/2/myself": Instead(401, {})})
    assert "takes no API token of Atlassian" in server.summary


@pytest.mark.parametrize("info", [None, Instead(401, {})])
async def test_a_jira_below_a_context_path_is_found(info):
    instead = {INFO: info} if info else {}
    with loopback_jira(cloud=False, below="/jira", instead=instead) as jira:
        # What is asked without the context path is answered by another web server.
        found = await probe(jira.url, ACCESS_TOKEN)
    assert f"A Jira does answer at {jira.url}/jira: enter that address." in found.summary
    assert not found.ok


async def test_where_nothing_answers():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    found = await probe(f"http://127.0.0.1:{port}", TOKEN)
    assert "cannot be reached: nothing answers there" in found.summary


async def test_a_certificate_that_is_not_trusted(tmp_path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path / "both.pem"))
    with loopback_jira(cloud=True, tls=context) as jira:
        found = await probe(jira.url, TOKEN)
    assert "cannot be reached: its certificate is not trusted by this server" in found.summary


def self_signed(path: Path) -> Path:
    """A certificate that nobody vouches for, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, begin, begin + timedelta(days=36_500))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(certificate + private)
    return path


@pytest.mark.parametrize(
    ("ahead", "words"),
    [(0.0, None), (30.0, None), (300.0, "5 minutes ahead of"), (-7200.0, "120 minutes behind")],
)
async def test_clocks_that_differ(ahead, words):
    found = await diagnosed(ahead=ahead)
    clock = [check for check in found.checks if check.name == "clock"]
    assert found.ok
    assert bool(clock) == (words is not None)
    if words:
        assert clock[0].warning
        assert words in clock[0].message
        assert words in found.summary


async def test_a_time_zone_that_changed_since_it_was_connected():
    instead = {MYSELF: Instead(200, ADA)}
    found = await diagnosed(known_zone="UTC", instead=instead)
    sign_in = next(check for check in found.checks if check.name == "sign_in")
    assert (found.ok, sign_in.warning) == (True, True)
    assert "time zone is Europe/Berlin. It was UTC before" in sign_in.message
    same = await diagnosed(known_zone="Europe/Berlin", instead=instead)
    assert not any(check.warning for check in same.checks)


async def test_boards_without_issues_are_worth_a_look():
    found = await diagnosed(instead={"/rest/api/3/search/approximate-count": Instead(200, {"count": 0})})
    last = found.checks[-1]
    assert (found.ok, last.name, last.warning) == (True, "issues", True)
    assert "finds no issue that this account may see" in last.message


async def test_an_issue_that_the_index_still_knows_is_worth_a_look():
    found = await diagnosed(
        instead={"/rest/api/3/issue/bulkfetch": Instead(200, {"issues": [], "issueErrors": []})}
    )
    assert found.ok
    assert "search index may be behind" in found.checks[-1].message
