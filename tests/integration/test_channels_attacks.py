"""Services that drip, babble, never end or hide behind a page: what the channels themselves make of them."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from sprintreports.integrations import exchange
from sprintreports.integrations.channel import ChannelError, Noted, OutcomeUnknown, TryLater
from sprintreports.integrations.email import Mail
from sprintreports.integrations.exchange import waited, without
from sprintreports.integrations.slack import Post, SlackWebhook
from tests.integration.test_channels_mail import Box, mailbox, serving
from tests.publishing_support import Said, standing

HOOK = "/services/T/B/x"
BLOCKS = [{"type": "section", "text": {"type": "plain_text", "text": "Hello", "emoji": False}}]


async def test_a_password_that_a_service_repeats_is_left_out() -> None:
    assert without("535 no user with hunter2-but-longer", "hunter2-but-longer") == "535 no user with (hidden)"
    assert without("nothing to hide", "") == "nothing to hide"


async def ended(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


@asynccontextmanager
async def dripping(piece: bytes, *, head: bytes) -> AsyncGenerator[str]:
    """Answers begin and never end, a byte at a time."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head)
        try:
            while True:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0.02)
        except (ConnectionError, asyncio.CancelledError):
            await ended(writer)

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Slow: "],
    ids=["body", "head"],
)
async def test_an_answer_that_drips_is_not_waited_for(head: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "WHOLE", 0.5)
    async with asyncio.timeout(20), dripping(b"x", head=head) as url:
        noted, hook = Noted(), SlackWebhook(f"{url}{HOOK}")
        with pytest.raises(OutcomeUnknown, match="no whole answer in time"):
            await hook.send(Post("Hello", BLOCKS), key="k", progress=noted)
        assert noted.parts == {"message": None}
        with pytest.raises(TryLater):
            await hook.check()


async def test_a_mail_server_that_babbles_after_the_message_may_have_taken_it() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 loopback\r\n")
        async for line in reader:
            if line.startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
            elif line == b".\r\n":
                writer.write(b"thank you very much\r\n")
            elif line[:4] in (b"EHLO", b"MAIL", b"RCPT", b"QUIT"):
                writer.write(b"250 ok\r\n")
        await ended(writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        box = mailbox(server.sockets[0].getsockname()[1])
        letter = Mail("Subject", "<p>Hello</p>", "Hello", ("ada@example.org",))
        noted = Noted()
        for _ in range(2):
            with pytest.raises(OutcomeUnknown):
                await box.send(letter, key="k", progress=noted)
        assert noted.parts == {"ada@example.org": None}
    finally:
        server.close()


@pytest.mark.parametrize("title", ["A" * 40, "long " * 60], ids=["word", "words"])
async def test_the_link_that_ends_mails_is_on_the_wire_as_it_is(title: str) -> None:
    """Mail programs read this header letter by letter, not as encoded words."""
    link = "https://reports.example.org/api/v1/mail-opt-outs/" + "Ab0_-" * 60
    raw: list[bytes] = []

    class Raw(Box):
        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
            raw.append(envelope.content)
            return "250 OK"

    async with serving(Raw()) as port:
        letter = Mail(title, "<p>Hello</p>", "Hello", ("ada@example.org",), leaving=lambda _: link)
        await mailbox(port, sender=f"reports@{'sub.' * 12}example.org").send(
            letter, key="k", progress=Noted()
        )
    head = raw[0].partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").decode()
    lines = dict(line.split(": ", 1) for line in head.split("\r\n"))
    assert lines["List-Unsubscribe"].replace(" ", "") == f"<{link}>"
    assert lines["Message-ID"].endswith(f"@{'sub.' * 12}example.org>")
    assert "=?" not in lines["Message-ID"]


@pytest.mark.parametrize(
    "said",
    ["-1", "99999999999999999999", "1e9", "١٢", "Fri, 31 Dec 9999 23:59:59 -2359", "Mon, 01 Jan 0001 00:00:00 +2359",
     "Mon, 01 Jan 99999 00:00:00 GMT", "Mon, 99 Foo 2026", "\x00", "Thu, 01 Jan 1970 00:00:00 GMT", "999999999"],
)  # fmt: skip
def test_no_service_makes_us_wait_for_more_than_a_day(said: str) -> None:
    found = waited({"retry-after": said})
    assert found is None or 0 <= found <= 24 * 3600


async def test_a_page_in_place_of_an_answer_is_no_success() -> None:
    with (
        standing(
            lambda _asked: Said(200, "<html>Please sign in</html>", {"Content-Type": "text/html"})
        ) as place,
        pytest.raises(ChannelError, match="Slack does not take this"),
    ):
        await SlackWebhook(f"{place.url}{HOOK}").send(Post("Hello", BLOCKS), key="k", progress=Noted())
