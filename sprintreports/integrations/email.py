"""E-mail by SMTP, one message to each recipient: nobody sees who else got it, and everybody can end it for themselves."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import ssl
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime, parseaddr
from enum import StrEnum
from typing import Any, cast

from aiosmtplib import SMTP
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPNotSupported,
    SMTPResponseException,
)

from sprintreports.integrations.channel import (
    AdminNeeded,
    ChannelError,
    Checked,
    File,
    OutcomeUnknown,
    Progress,
    Receipt,
    Refused,
    TryLater,
)
from sprintreports.integrations.exchange import told
from sprintreports.kit import http, outgoing
from sprintreports.observability import logs

TIMEOUT = 30.0
DATA_TIMEOUT = 120.0
_REFUSES, _PERMANENT, _NO_CODE = 400, 500, 600
_NO_SUCH_MAILBOX = frozenset({450, 550, 551, 553, 501})
_TOO_LARGE = frozenset({552, 523, 554})

log = logs.get("integrations.email")


class Security(StrEnum):
    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"  # on this very machine alone


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server and the address that we write from. name empty: it asks for no sign-in."""

    host: str
    port: int
    security: Security
    sender: str
    sender_name: str = "Sprint Reports"
    reply_to: str = ""
    name: str = ""
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Mail:
    """What every recipient gets. inline: pictures by the content ids that the HTML names. leaving: the address at which a
    recipient ends these mails (RFC 8058), empty: none."""

    subject: str
    html: str = field(repr=False)
    text: str = field(repr=False)
    recipients: tuple[str, ...]
    inline: Mapping[str, File] = field(default_factory=dict[str, File])
    files: tuple[File, ...] = ()
    leaving: Callable[[str], str] = field(default=lambda _recipient: "", repr=False)


class Mailbox:
    """Sends through one server."""

    def __init__(
        self,
        server: Server,
        *,
        now: Callable[[], datetime],
        timeout: float = TIMEOUT,
        data_timeout: float = DATA_TIMEOUT,
    ) -> None:
        self._server, self._now, self._timeout, self._data_timeout = server, now, timeout, data_timeout

    async def check(self) -> Checked:
        """Connect, encrypt, sign in, and go. Raises ChannelError."""
        async with self._connected() as smtp:
            async with self._sentences("when asked how it is"):
                await smtp.noop()
            signed_in = f" and lets us in as {self._server.name}" if self._server.name else ""
        how = {
            Security.STARTTLS: "encrypted by STARTTLS",
            Security.TLS: "encrypted by TLS",
            Security.NONE: "not encrypted",
        }[self._server.security]
        return Checked(f"{self._server.host} answers, {how}{signed_in}. No mail was sent to find out.")

    async def send(self, content: Mail, *, key: str, progress: Progress) -> Receipt:
        """A message to each recipient who has not got it. Raises ChannelError for the worst that happened, when all were tried."""
        waiting = [one for one in content.recipients if progress.value(one) is None]
        worst: ChannelError | None = None
        if waiting:
            async with self._connected() as smtp:
                for recipient in waiting:
                    try:
                        await self._one(smtp, content, recipient, key=key, progress=progress)
                    except (Refused, OutcomeUnknown) as error:
                        worst = error if not isinstance(worst, OutcomeUnknown) else worst
                        if not smtp.is_connected:
                            break
        left = [one for one in content.recipients if progress.value(one) is None]
        if worst is not None:
            if isinstance(worst, Refused) and len(left) < len(content.recipients):
                raise Refused(
                    f"{len(content.recipients) - len(left)} of {len(content.recipients)} were sent. {worst.message}"
                )
            raise worst
        if left:
            raise TryLater(f"{self._server.host} broke off. {len(left)} messages are left to be sent.")
        count = len(content.recipients)
        return Receipt(
            f"{count} {'message was' if count == 1 else 'messages were'} handed to {self._server.host}."
        )

    async def _one(self, smtp: SMTP, content: Mail, recipient: str, *, key: str, progress: Progress) -> None:
        message = self._message(content, recipient, key=key)
        await progress.begin(recipient)
        try:
            async with self._sentences("when told who writes", recipient):
                await smtp.mail(
                    self._server.sender,
                    options=["BODY=8BITMIME"] if smtp.supports_extension("8bitmime") else [],
                )
                await smtp.rcpt(recipient)
        except ChannelError:
            await progress.undone(recipient)
            with contextlib.suppress(SMTPException, OSError, TimeoutError):
                await smtp.rset()
            raise
        try:
            async with self._sentences("when given the message", handed_over=True):
                await smtp.data(message, timeout=self._data_timeout)
        except OutcomeUnknown:
            smtp.close()
            raise
        except ChannelError:
            await progress.undone(recipient)
            raise
        await progress.done(recipient)

    def _message(self, content: Mail, recipient: str, *, key: str) -> bytes:
        return self._as_they_are(content, recipient, key=key) + self._written(content, recipient).as_bytes(
            policy=WIRE
        )

    def _as_they_are(self, content: Mail, recipient: str, *, key: str) -> bytes:
        """Headers that Python would not write well: it makes encoded words of one long word, which no mail program looks into, and
        loses blanks between the encoded words of a long subject."""
        lines = [
            f"Message-ID: {message_id(key, recipient, self._server.sender)}",
            f"Subject: {_encoded(content.subject)}",
        ]
        leaving = content.leaving(recipient)
        if leaving and leaving.isascii() and leaving.isprintable() and not set(leaving) & set("<> "):
            lines += [f"List-Unsubscribe: <{leaving}>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"]
        return "".join(f"{line}\r\n" for line in lines).encode("ascii")

    def _written(self, content: Mail, recipient: str) -> EmailMessage:
        server = self._server
        made = EmailMessage(policy=WIRE)
        made["From"] = Address(_in_header(server.sender_name, 100), addr_spec=server.sender)
        made["To"] = Address(addr_spec=recipient)
        if server.reply_to:
            made["Reply-To"] = Address(addr_spec=server.reply_to)
        made["Date"] = format_datetime(self._now())
        made["Auto-Submitted"] = "auto-generated"
        made.set_content(content.text)
        made.add_alternative(content.html, subtype="html")
        page = cast("list[Any]", made.get_payload())[1]
        for cid, file in content.inline.items():
            kind, _, subtype = file.media.partition("/")
            page.add_related(  # pyright: ignore[reportAttributeAccessIssue]
                file.content, kind, subtype, cid=f"<{cid}>", filename=file.name, disposition="inline"
            )
        for file in content.files:
            kind, _, subtype = file.media.partition("/")
            made.add_attachment(file.content, maintype=kind, subtype=subtype, filename=file.name)
        return made

    @asynccontextmanager
    async def _connected(self) -> AsyncGenerator[SMTP]:
        """A connection that is encrypted as it should be and signed in. Raises ChannelError."""
        server = self._server
        encrypted = server.security is not Security.NONE
        try:
            wire = await outgoing.connected(
                "smtp" if encrypted else "smtp-plain", server.host, server.port, patience=self._timeout
            )
        except http.AddressRefused as error:
            raise AdminNeeded(error.message) from None
        except (OSError, TimeoutError) as error:
            why = "no connection in time" if isinstance(error, TimeoutError) else told(str(error), 100)
            raise TryLater(f"{server.host} cannot be reached at port {server.port} ({why}).") from None
        smtp = SMTP(
            hostname=server.host, sock=wire, timeout=self._timeout, tls_context=_context() if encrypted else None,
            use_tls=server.security is Security.TLS, start_tls=server.security is Security.STARTTLS,
        )  # fmt: skip
        try:
            async with self._sentences("when we connected"):
                await smtp.connect()
                if server.name:
                    await smtp.login(server.name, server.secret)
            yield smtp
            with contextlib.suppress(SMTPException, OSError, TimeoutError):
                await asyncio.wait_for(smtp.quit(), 5)
        finally:
            smtp.close()  # and with it the socket, which belongs to its transport from the first moment on

    @asynccontextmanager
    async def _sentences(
        self, when: str, recipient: str = "", *, handed_over: bool = False
    ) -> AsyncGenerator[None]:
        """Turns what SMTP can say into what helps. handed_over: an end without an answer leaves open how it ended."""
        host = self._server.host
        try:
            yield
        except SMTPAuthenticationError as error:
            raise AdminNeeded(
                f"{host} does not accept our name and password ({_said(error)}). Enter them again."
            ) from None
        except SMTPNotSupported as error:
            raise _lacking(host, error) from None
        except SMTPResponseException as error:
            if handed_over and not _REFUSES <= error.code < _NO_CODE:
                raise _unsure(host, when, _said(error)) from None
            raise _by_code(host, error, recipient) from None
        except ssl.SSLError as error:
            raise AdminNeeded(
                f"{host} shows a certificate that is not to be trusted ({told(error.reason or str(error), 100)}). Correct it there, or "
                "name its authority in SPRINTREPORTS_OUTGOING_CA_FILE."
            ) from None
        except (SMTPException, OSError, TimeoutError, EOFError) as error:
            if "not supported by server" in str(error):
                raise _lacking(host, error) from None
            why = told(str(error), 100) or type(error).__name__
            if isinstance(error.__cause__, ssl.SSLError):
                raise AdminNeeded(f"{host} shows a certificate that is not to be trusted ({why}).") from None
            if handed_over:
                raise _unsure(host, when, why) from None
            raise TryLater(f"{host} broke off {when} ({why}).") from None


def _encoded(subject: str) -> str:
    """A subject as it stands on the wire."""
    text = _in_header(subject, 200)
    charset = "us-ascii" if text.isascii() else "utf-8"
    return Header(text, charset, header_name="Subject").encode(linesep="\r\n")


def _in_header(text: str, most: int) -> str:
    """Text for a header. What looks like an encoded word is broken: Python would decode it into line breaks, and so into headers of
    a stranger's, and mail programs would again."""
    return told(text.replace("=?", "= ?"), most)


def message_id(key: str, recipient: str, sender: str) -> str:
    """The same for the same delivery to the same recipient, whatever the try: mail servers and programs know it again."""
    digest = hashlib.sha256(f"{key}\0{recipient.casefold()}".encode()).hexdigest()[:40]
    return f"<{digest}@{sender.rpartition('@')[2] or 'localhost'}>"


def usable(address: str) -> bool:
    """Whether mail can be sent there: one plain address of printable ASCII, without a name or anything after it."""
    if not address.isascii() or not address.isprintable() or " " in address or len(address) > 254:
        return False
    try:
        Address(addr_spec=address)
    except (ValueError, IndexError, MessageError):
        return False
    local, at, domain = address.rpartition("@")
    return bool(local and at and domain) and parseaddr(address)[1] == address


def _unsure(host: str, when: str, why: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"{host} broke off {when} ({why}), so it may have taken it. Ask the recipient, and send it again only if it has not arrived."
    )


def _lacking(host: str, error: Exception) -> AdminNeeded:
    return AdminNeeded(
        f"{host} does not offer what the connection asks for ({told(str(error), 100)}). Choose another kind of security, or leave out "
        "the name and password."
    )


def _by_code(host: str, error: SMTPResponseException, recipient: str) -> ChannelError:
    said = _said(error)
    if error.code in {530, 535, 534, 538}:
        return AdminNeeded(f"{host} wants us to sign in in another way ({said}). Correct the connection.")
    if error.code < _PERMANENT and error.code not in _NO_SUCH_MAILBOX:
        return TryLater(f"{host} cannot take it now ({said}).")
    if error.code == 450:
        return TryLater(f"{host} cannot reach {recipient or 'a mailbox'} now ({said}).")
    if error.code == 552 or (error.code in _TOO_LARGE and "size" in said.casefold()):
        return Refused(f"{host} says that this is too large ({said}). Leave out attachments.")
    if recipient and error.code in _NO_SUCH_MAILBOX:
        return Refused(f"{host} does not take mail for {recipient} ({said}).")
    return Refused(f"{host} does not take this message ({said}).")


def _said(error: SMTPResponseException) -> str:
    return told(f"{error.code} {error.message}", 160)


def _context() -> ssl.SSLContext:
    """Whom we trust is the same as for all that leaves us."""
    return http.authorities()
