"""Mail through real SMTP servers on loopback, read back by Python's own parser; and servers that misbehave."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from sprintreports import settings as settings_module
from sprintreports.integrations.channel import (
    AdminNeeded,
    File,
    Noted,
    OutcomeUnknown,
    Refused,
    TryLater,
)
from sprintreports.integrations.email import Mail, Mailbox, Security, Server, message_id, usable
from sprintreports.kit import http
from tests.tls_support import authority

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
MAIL = Mail(
    "Baseline – Sprint 1\r\nBcc: victim@example.org", '<p>Grüße <img src="cid:c1"></p>', "Grüße", ("ada@example.org", "bo@example.org"),
    {"c1": File("c1.png", "image/png", PNG)}, (File("report.pdf", "application/pdf", b"%PDF-1.7"),),
    lambda recipient: f"https://reports.example.org/leave/{recipient}",
)  # fmt: skip


@dataclass
class Box:
    """What the server took; refused: recipients that it has no mailbox for; after: what it answers to the message."""

    taken: list[tuple[str, list[str], EmailMessage]] = field(default_factory=list)
    refused: frozenset[str] = frozenset()
    after: str = "250 OK"

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address in self.refused:
            return "550 5.1.1 No such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.after.startswith("250"):
            message = message_from_bytes(envelope.content, policy=WIRE)
            self.taken.append((envelope.mail_from, envelope.rcpt_tos, message))
        return self.after


@asynccontextmanager
async def serving(box: Box, **options: Any) -> AsyncGenerator[int]:
    made = partial(SMTP, box, hostname="loopback", **options)
    listening = await asyncio.get_running_loop().create_server(made, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()


def server(port: int, **more: Any) -> Server:
    return replace(Server("127.0.0.1", port, Security.NONE, "reports@example.org"), **more)


def mailbox(port: int, **more: Any) -> Mailbox:
    return Mailbox(server(port, **more), now=lambda: NOW, timeout=5, data_timeout=1)


async def test_each_recipient_gets_a_mail_of_their_own_with_its_parts() -> None:
    box = Box()
    async with serving(box) as port:
        assert "No mail was sent" in (await mailbox(port).check()).sentence
        receipt = await mailbox(port).send(MAIL, key="k", progress=Noted())
    assert receipt.sentence == "2 messages were handed to 127.0.0.1."
    assert [to for _, to, _ in box.taken] == [["ada@example.org"], ["bo@example.org"]]
    sender, _, message = box.taken[0]
    assert sender == "reports@example.org"
    assert message["Subject"] == "Baseline – Sprint 1 Bcc: victim@example.org"
    assert message["Bcc"] is None
    assert message["To"] == "ada@example.org"
    assert message["From"] == "Sprint Reports <reports@example.org>"
    assert message["Date"].datetime == NOW
    assert message["List-Unsubscribe"] == "<https://reports.example.org/leave/ada@example.org>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    plain, page = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert page is not None
    assert plain.get_content().strip() == "Grüße"
    assert "Grüße" in page.get_content()
    pictures = {
        part["Content-ID"]: part.get_content()
        for part in message.walk()
        if part.get_content_type() == "image/png"
    }
    assert pictures == {"<c1>": PNG}
    (attached,) = message.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("report.pdf", b"%PDF-1.7")


async def test_an_encoded_word_in_a_title_makes_no_header() -> None:
    box, word = Box(), "=?utf-8?q?=0D=0ABcc:_victim@example.org?="
    async with serving(box) as port:
        mail = replace(MAIL, subject=f"Review of {word}", recipients=("ada@example.org",))
        await mailbox(port, sender_name=word).send(mail, key="k", progress=Noted())
    ((_, _, message),) = box.taken
    assert message["Bcc"] is None
    assert message["Subject"] == f"Review of {word.replace('=?', '= ?')}"
    assert message["From"].addresses[0].display_name == word.replace("=?", "= ?")


async def test_a_long_subject_of_any_script_keeps_every_letter_and_blank() -> None:
    box, words = Box(), " ".join(f"спринт{number} 👩\u200d👧 Überprüfung" for number in range(6))
    async with serving(box) as port:
        mail = replace(MAIL, subject=words, recipients=("ada@example.org",))
        await mailbox(port).send(mail, key="k", progress=Noted())
    ((_, _, message),) = box.taken
    assert message["Subject"] == words


async def test_the_same_delivery_has_the_same_message_id_and_is_not_sent_twice() -> None:
    box, noted = Box(), Noted()
    async with serving(box) as port:
        await mailbox(port).send(MAIL, key="k", progress=noted)
        await mailbox(port).send(MAIL, key="k", progress=noted)
        await mailbox(port).send(replace(MAIL, recipients=("ada@example.org",)), key="k", progress=Noted())
        await mailbox(port).send(
            replace(MAIL, recipients=("ada@example.org",)), key="other", progress=Noted()
        )
    ids = [message["Message-ID"] for _, _, message in box.taken]
    assert len(ids) == 4
    assert ids[0] == ids[2] == message_id("k", "ada@example.org", "reports@example.org")
    assert len(set(ids)) == 3


async def test_one_recipient_that_is_refused_keeps_nobody_else_from_theirs() -> None:
    box, noted = Box(refused=frozenset({"ada@example.org"})), Noted()
    async with serving(box) as port:
        with pytest.raises(Refused, match=r"1 of 2 were sent.*does not take mail for ada@example.org \(550"):
            await mailbox(port).send(MAIL, key="k", progress=noted)
        box.refused = frozenset()
        await mailbox(port).send(MAIL, key="k", progress=noted)
    assert [to for _, to, _ in box.taken] == [["bo@example.org"], ["ada@example.org"]]


@pytest.mark.parametrize(
    ("after", "kind", "match"),
    [
        ("552 5.3.4 Message size exceeds limit", Refused, "too large"),
        ("554 5.7.1 Spam", Refused, "does not take this message"),
        ("451 4.3.0 Try again later", TryLater, "cannot take it now"),
    ],
)
async def test_what_a_server_says_of_the_message(after: str, kind: type[Exception], match: str) -> None:
    box, noted = Box(after=after), Noted()
    async with serving(box) as port:
        with pytest.raises(kind, match=match):
            await mailbox(port).send(MAIL, key="k", progress=noted)
    assert noted.parts == {}


async def test_encryption_and_a_sign_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = authority(tmp_path / "ca")
    known = LoginPassword(b"reports", b"right")

    def check(_server: Any, _session: Any, _envelope: Any, _how: str, given: Any) -> AuthResult:
        return AuthResult(success=given == known, handled=given == known)

    box = Box()
    options = {
        "authenticator": check,
        "auth_required": True,
        "auth_require_tls": True,
        "require_starttls": True,
        "auth_exclude_mechanism": ["LOGIN"],
    }
    async with serving(box, tls_context=ours.context("localhost"), **options) as port:
        signed = {"host": "localhost", "security": Security.STARTTLS, "name": "reports", "secret": "right"}
        with pytest.raises(AdminNeeded, match="certificate that is not to be trusted"):
            await mailbox(port, **signed).check()
        monkeypatch.setenv("SPRINTREPORTS_OUTGOING_CA_FILE", str(ours.file))
        settings_module.reload()
        try:
            assert (
                "encrypted by STARTTLS and lets us in as reports"
                in (await mailbox(port, **signed).check()).sentence
            )
            await mailbox(port, **signed).send(MAIL, key="k", progress=Noted())
            with pytest.raises(AdminNeeded, match="does not accept our name and password") as error:
                await mailbox(port, **(signed | {"secret": "wrong"})).check()
            assert "wrong" not in error.value.message
        finally:
            monkeypatch.undo()
            settings_module.reload()
            http.authorities.__globals__["_trusting"].cache_clear()
    assert len(box.taken) == 2


async def test_a_server_without_starttls_gets_no_password() -> None:
    async with serving(Box()) as port:
        with pytest.raises(AdminNeeded, match="does not offer what the connection asks for"):
            await mailbox(port, security=Security.STARTTLS, name="reports", secret="right").check()


async def test_mail_without_encryption_goes_to_this_machine_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPRINTREPORTS_OUTGOING_ALLOWED", "127.0.0.1, 10.1.2.3, 8.8.8.8")
    settings_module.reload()
    try:
        for host in ("10.1.2.3", "8.8.8.8"):
            with pytest.raises(AdminNeeded, match="mail without encryption can be read"):
                await mailbox(2525, host=host).check()
    finally:
        monkeypatch.undo()
        settings_module.reload()


@pytest.mark.parametrize("host", ["10.1.2.3", "169.254.169.254"])
async def test_a_mail_server_passes_the_guard(host: str) -> None:
    with pytest.raises(AdminNeeded, match=f"does not connect to {host}"):
        await mailbox(587, host=host, security=Security.STARTTLS).check()


Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def behaving(behaviour: Behaviour) -> AsyncGenerator[int]:
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await behaviour(reader, writer)
        except (asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        for task in tasks:
            task.cancel()
        listening.close()
        await asyncio.gather(*tasks, return_exceptions=True)


async def polite(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, until: bytes) -> None:
    """Says yes to all commands, up to one."""
    writer.write(b"220 loopback\r\n")
    while not (line := await reader.readline()).upper().startswith(until):
        writer.write(b"250 OK\r\n" if line else b"")
        if not line:
            return


async def test_a_server_that_hangs_is_given_up_and_tried_again() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(-1)

    async with behaving(silent) as port:
        noted = Noted()
        box = Mailbox(server(port), now=lambda: NOW, timeout=0.3)
        with pytest.raises(TryLater, match="broke off when we connected"):
            await box.send(MAIL, key="k", progress=noted)
    assert noted.parts == {}


async def test_a_server_that_drops_before_the_message_is_tried_again() -> None:
    async def dropping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await polite(reader, writer, until=b"RCPT")

    async with behaving(dropping) as port:
        noted = Noted()
        with pytest.raises(TryLater):
            await mailbox(port).send(MAIL, key="k", progress=noted)
    assert noted.parts == {}


@pytest.mark.parametrize("hangs", [True, False], ids=["hangs", "drops"])
async def test_a_server_that_is_gone_in_the_middle_of_the_message_leaves_it_open(hangs: bool) -> None:
    async def dropping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await polite(reader, writer, until=b"DATA")
        writer.write(b"354 Go on\r\n")
        await reader.readline()
        if hangs:
            await reader.read(-1)

    async with behaving(dropping) as port:
        noted = Noted()
        with pytest.raises(OutcomeUnknown, match="may have taken it"):
            await mailbox(port).send(MAIL, key="k", progress=noted)
        assert noted.parts == {"ada@example.org": None}  # nobody else was written to
    box = Box()
    async with serving(box) as port:
        with pytest.raises(OutcomeUnknown, match="cut off"):
            await mailbox(port).send(MAIL, key="k", progress=noted)
    assert [to for _, to, _ in box.taken] == [["bo@example.org"]]  # and Ada gets none unasked


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("ada@example.org", True), ("a.b+c@sub.example.org", True), ("ada", False), ("ada@", False), ("@example.org", False),
        ("ada@example.org\r\nRCPT TO:<x@y.z>", False), ("ada@example.org, bo@example.org", False), ("Ada <ada@example.org>", False),
        ("ada@exämple.org", False), ("a" * 250 + "@example.org", False), ("", False),
    ],
)  # fmt: skip
def test_what_is_an_address(address: str, good: bool) -> None:
    assert usable(address) is good
