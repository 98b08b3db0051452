"""Confluence Cloud (REST v2; attachments by v1) and Data Center (REST v1): one page, found again, updated, never silently overwritten.

Our pages bear a mark that is not to be seen: of the report, and of the delivery that wrote them. An update's message in the
page's history names the delivery too. So after a request whose answer got lost, a look says whether it was carried out.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from dataclasses import dataclass, field, replace
from enum import StrEnum

from sprintreports.integrations.channel import (
    Checked,
    Choice,
    Clash,
    File,
    Preview,
    Progress,
    Receipt,
    Refused,
)
from sprintreports.integrations.confluence_dialects import Cloud, DataCenter, Draft, Found
from sprintreports.integrations.exchange import Wire

LONGEST_TITLE = 255
_MOST_TITLES = 20
_ANCHOR = re.compile(r"sprint-reports-([0-9a-f]{32})-[0-9a-f]{16}")


class Dialect(StrEnum):
    CLOUD = "cloud"
    DATA_CENTER = "datacenter"


@dataclass(frozen=True, slots=True)
class Account:
    """How to get in. name empty: the secret is a personal access token (Data Center)."""

    base_url: str
    dialect: Dialect
    name: str
    secret: str = field(repr=False)

    @property
    def header(self) -> str:
        if not self.name:
            return f"Bearer {self.secret}"
        return "Basic " + b64encode(f"{self.name}:{self.secret}".encode()).decode()


@dataclass(frozen=True, slots=True)
class Known:
    """A page as we left it: its last version of ours and who we were then."""

    page_id: str
    version: int
    author: str


@dataclass(frozen=True, slots=True)
class Page:
    """What is to be on the page. storage: the body, without our mark. subject: 32 hex digits, the same for the same report.

    parent: the id of the page that it goes under, empty: the top of the space. known: the page as we left it.
    """

    space: str
    parent: str
    title: str
    storage: str = field(repr=False)
    subject: str
    files: tuple[File, ...] = ()
    known: Known | None = None
    choice: Choice | None = None


@dataclass(frozen=True, slots=True)
class Published(Receipt):
    """A receipt with what has to be known for the next time."""

    known: Known | None = None


class Confluence:
    """A Confluence that we have an account of."""

    def __init__(self, account: Account) -> None:
        self._account = account

    async def check(self) -> Checked:
        """Who we are there. Raises ChannelError."""
        async with self._wire() as wire:
            name = await self._speaking(wire).myself()
        return Checked(f"Confluence lets us in as {name}.")

    async def preview(self, page: Page, *, key: str) -> Preview:
        """What `send` would do, found out by reading alone. Raises ChannelError, but for a Clash, which is told."""
        async with self._wire() as wire:
            try:
                found, draft = await self._place(self._speaking(wire), page, key)
            except Clash as clash:
                return Preview(clash.message, clash.choices)
        if found is None:
            return Preview(f"A new page “{draft.title}” would be made in the space {page.space}.")
        return Preview(f"The page “{found.title}” would get version {found.version + 1}: {found.url}")

    async def send(self, content: Page, *, key: str, progress: Progress) -> Published:
        """The page, then its files. Raises ChannelError; what was begun is finished by the next try with the same key."""
        async with self._wire() as wire:
            api = self._speaking(wire)
            found, draft = await self._place(api, content, key, ours=progress.value("page"))
            if found is None:
                found, said = await api.create(draft), "made"
            elif _of_this(found, key):
                said = "published"  # by a try before this one
            else:
                found = await api.update(found, draft)
                said = f"updated to version {found.version}"
            await progress.done("page", found.id)
            count = await self._attach(api, found, content.files)
        files = f", with {count} new or changed attachments" if count else ""
        sentence = f"The page “{found.title}” was {said}{files}."
        return Published(sentence, found.url, Known(found.id, found.version, found.author))

    async def _place(
        self, api: Cloud | DataCenter, page: Page, key: str, *, ours: str | None = None
    ) -> tuple[Found | None, Draft]:
        """The page to update (None: one is to be made) and what it gets. ours: the page that this delivery has made or updated."""
        draft = _draft(page, key)
        if ours:
            return await _existing(api, ours), draft
        if page.known is not None and page.choice is not Choice.NEW_PAGE:
            found = await _existing(api, page.known.page_id)
            _unchanged(page, page.known, found, key)
            return found, draft
        await api.look_at(page.space, page.parent)
        if page.choice is Choice.NEW_PAGE:
            return await self._new(api, draft, key)
        found = await api.titled(page.space, page.title)
        if found is not None and page.choice is not Choice.OVERWRITE:
            _made_by_us(page, found, key)
        return found, draft

    async def _new(self, api: Cloud | DataCenter, draft: Draft, key: str) -> tuple[Found | None, Draft]:
        """A title that is free, or that an earlier try of this delivery has taken."""
        for number in range(1, _MOST_TITLES):
            ending = "" if number == 1 else f" ({number})"
            wanted = replace(draft, title=draft.title[: LONGEST_TITLE - len(ending)] + ending)
            found = await api.titled(draft.space, wanted.title)
            if found is None or _of_this(found, key):
                return found, wanted
        raise Refused(
            f"There are {_MOST_TITLES - 1} pages called “{draft.title}” in the space {draft.space} already. Give this report "
            "another title."
        )

    async def _attach(self, api: Cloud | DataCenter, page: Found, files: tuple[File, ...]) -> int:
        """Put up what is not there as it is; how many that were."""
        there = await api.attached(page.id) if files else {}
        count = 0
        for file in files:
            comment = f"Sprint Reports sha256:{hashlib.sha256(file.content).hexdigest()}"
            known = there.get(file.name)
            if known is not None and known.comment == comment:
                continue
            await api.attach(page.id, file, comment=comment, known=known)
            count += 1
        return count

    def _wire(self) -> Wire:
        headers = {"Authorization": self._account.header, "Accept": "application/json"}
        return Wire("Confluence", headers=headers, asked=True)

    def _speaking(self, wire: Wire) -> Cloud | DataCenter:
        kind = Cloud if self._account.dialect is Dialect.CLOUD else DataCenter
        return kind(wire, self._account.base_url.rstrip("/"))


def message_of(key: str) -> str:
    """What stands beside a version of ours in the page's history."""
    return f"Sprint Reports {key}"


def anchor(subject: str, key: str) -> str:
    """What stands on our pages, not to be seen: Confluence's own anchor macro, with the report's mark and the delivery's."""
    return (
        '<ac:structured-macro ac:name="anchor"><ac:parameter ac:name="">'
        f"sprint-reports-{subject}-{_digest(key)}</ac:parameter></ac:structured-macro>"
    )


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def _of_this(found: Found, key: str) -> bool:
    """Whether the last version of a page is what this very delivery wrote."""
    mine = f"-{_digest(key)}" in found.body and _ANCHOR.search(found.body) is not None
    return found.message == message_of(key) or (mine and found.version == 1)


def _unchanged(page: Page, known: Known, found: Found, key: str) -> None:
    """Raises Clash where the last version is somebody else's."""
    if _of_this(found, key) or page.choice is Choice.OVERWRITE:
        return
    if (found.version, found.author) != (known.version, known.author):
        raise Clash(
            f"Somebody else changed the page “{found.title}” since we published it (version {found.version}, ours was "
            f"{known.version}). Overwrite it once (its history keeps their changes), or make a new page."
        )


def _made_by_us(page: Page, found: Found, key: str) -> None:
    """Raises Clash unless the page bears our mark and its last version is ours."""
    marked = any(subject == page.subject for subject in _ANCHOR.findall(found.body))
    ours = found.version == 1 or found.message.startswith("Sprint Reports ")
    if _of_this(found, key) or (marked and ours):
        return
    raise Clash(
        f"There is a page “{page.title}” in the space {page.space} already, and its last version is not ours. Overwrite it once "
        "(its history keeps what is there), or make a new page under another title."
    )


async def _existing(api: Cloud | DataCenter, page_id: str) -> Found:
    found = await api.by_id(page_id)
    if found is None:
        raise Clash(
            "The page of this report is gone from Confluence, or we may no longer see it. Make a new page, or restore the old "
            "one and send the report again.",
            choices=(Choice.NEW_PAGE,),
        )
    return found


def _draft(page: Page, key: str) -> Draft:
    body = f"{anchor(page.subject, key)}{page.storage}"
    return Draft(page.space, page.parent, page.title, body, message_of(key))
