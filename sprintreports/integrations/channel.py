"""The one interface to outside services: what is sent, what comes back, and which way a failure points.

ChannelError 502
├── TryLater        nothing was done; the same again may succeed
├── AdminNeeded     somebody has to act first: on the connection as a whole, or (`connection` False) on this target alone
├── Refused         the service does not take this content
├── Clash           somebody else's work stands where ours would go
└── OutcomeUnknown  it was sent, nobody said how it ended, and the service cannot be asked

A channel that cannot be asked says `begin` before it sends and `done` after. Who meets a part that has begun and not ended
does not send it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Protocol, TypeVar

from sprintreports.kit.errors import UpstreamFailed

Content_contra = TypeVar("Content_contra", contravariant=True)


class Failure(StrEnum):
    """What helps."""

    LATER = "later"
    ADMIN = "admin"
    CONTENT = "content"
    CLASH = "clash"
    UNKNOWN = "unknown"


class Choice(StrEnum):
    """What somebody may decide where a page is not as we left it."""

    OVERWRITE = "overwrite"  # this once; what is there stays in the page's history
    NEW_PAGE = "new_page"


class ChannelError(UpstreamFailed):
    """The service did not take the message."""

    failure: ClassVar[Failure] = Failure.CONTENT


class TryLater(ChannelError):
    """The service cannot take it now. It is tried again."""

    failure = Failure.LATER

    def __init__(self, message: str = "", *, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait: float | None = wait  # seconds that the service asks for


class AdminNeeded(ChannelError):
    """The service refuses us. An admin has to look at the connection."""

    failure = Failure.ADMIN

    def __init__(self, message: str = "", *, connection: bool = True) -> None:
        super().__init__(message)
        self.connection: bool = connection


class Refused(ChannelError):
    """The service does not take this content."""


class Clash(ChannelError):
    """Somebody else's work stands where this would go. Choose whether to overwrite it once, or to make a new page."""

    failure = Failure.CLASH

    def __init__(self, message: str = "", *, choices: tuple[Choice, ...] = tuple(Choice)) -> None:
        super().__init__(message)
        self.choices: tuple[Choice, ...] = choices


class OutcomeUnknown(ChannelError):
    """It was sent, and no answer came. Look whether it has arrived before you send it again."""

    failure = Failure.UNKNOWN


@dataclass(frozen=True, slots=True)
class File:
    """Something attached. name: unique within the message."""

    name: str
    media: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found out: whom the service takes us for, and what it did to find out."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """It has arrived. url: where it can be seen, empty where nobody tells."""

    sentence: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be done, in a sentence, without doing it. choices: where somebody has to decide first."""

    sentence: str
    choices: tuple[Choice, ...] = ()


class Progress(Protocol):
    """What of a message is done, kept where it survives this process."""

    def value(self, part: str) -> str | None:
        """What `done` noted of a part; None: it is not done."""
        ...

    async def begin(self, part: str) -> None:
        """This part is sent now. Raises OutcomeUnknown where that was said before and no end was."""
        ...

    async def done(self, part: str, value: str = "") -> None:
        """This part has arrived."""
        ...

    async def undone(self, part: str) -> None:
        """This part was certainly not taken."""
        ...


class Channel(Protocol[Content_contra]):
    """A service that takes one kind of content."""

    async def check(self) -> Checked:
        """Ask who we are there. Raises ChannelError."""
        ...

    async def send(self, content: Content_contra, *, key: str, progress: Progress) -> Receipt:
        """Deliver, once for each key. Raises ChannelError."""
        ...


class Noted:
    """Progress in memory; whoever stores it elsewhere extends `_keep`."""

    def __init__(self, parts: Mapping[str, Any] | None = None) -> None:
        self.parts: dict[str, str | None] = dict(parts or {})

    def value(self, part: str) -> str | None:
        return self.parts.get(part)

    async def begin(self, part: str) -> None:
        if part in self.parts:
            raise OutcomeUnknown(
                "An earlier try was cut off after the message had gone out, so it may have arrived. Look there, and send it "
                "again only if it has not."
            )
        self.parts[part] = None
        await self._keep()

    async def done(self, part: str, value: str = "") -> None:
        self.parts[part] = value
        await self._keep()

    async def undone(self, part: str) -> None:
        self.parts.pop(part, None)
        await self._keep()

    async def _keep(self) -> None:
        """Nothing more than memory."""
