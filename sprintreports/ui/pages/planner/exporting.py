"""A version as a file, and private links by which calendar programs follow the plan."""

from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.planning.queues import feeds, store, versions
from sprintreports.planning.queues.states import QueueState
from sprintreports.ui import telling
from sprintreports.ui.components.basics import by_status, chip, empty, loading, notice, server_link, skeleton
from sprintreports.ui.components.secrets import labelled, secret_form
from sprintreports.ui.components.tables import action_head
from sprintreports.ui.frame_state import Option
from sprintreports.ui.links import identifier
from sprintreports.ui.pages.planner.exporting_rows import DAYS, FeedLine, FileLink, feed_line, file_links
from sprintreports.ui.planning.parts import complaint, field, scrolling
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import EMPTY, READY, PageState

_SHOWN = 100
_HEADS = ("Name", "Made by", "Good until", "Last used", "State")


class ExportPanel(PageState, rx.State):
    """The files of a version of the queue that the address names, and the links to its calendar."""

    complaint: str = ""
    numbers: list[Option] = []
    number: str = ""
    files: list[FileLink] = []
    active: bool = False
    feeds_at: str = ""
    links: list[FeedLine] = []

    @rx.event
    @loads(Permission.QUEUES_READ)
    async def load(self) -> None:
        here = visit()
        self._put(complaint="")
        info = await store.one(here.session, here.viewer, self._queue())
        found = await versions.listing(here.session, here.viewer, info.id)
        if not found:
            self._settle(EMPTY)
            return
        numbers = [str(one.number) for one in found[:_SHOWN]]
        number = self.number if self.number in numbers else numbers[0]
        self._put(
            numbers=[Option(one, f"Version {one}") for one in numbers],
            number=number,
            files=file_links(info.id, int(number)),
            active=info.state is QueueState.ACTIVE,
            feeds_at=f"/api/v1/queues/{info.id}/feeds",
        )
        await self._list()
        self._settle(READY)

    @rx.event
    @acts(Permission.QUEUES_READ)
    async def pick_version(self, number: str) -> None:
        here = visit()
        self.complaint = ""
        stored = await versions.read(here.session, here.viewer, self._queue(), number=identifier(number) or 0)
        self._put(number=number, files=file_links(stored.version.queue_id, stored.version.number))

    @rx.event
    @acts(Permission.QUEUES_READ)
    async def made(self) -> None:
        """A new link is there. The form stays: it shows the address, once."""
        await self._list()

    @rx.event
    @acts(Permission.QUEUES_READ)
    async def revoke(self, link: str) -> Any:
        here = visit()
        self.complaint = ""
        await feeds.revoke(here.session, here.viewer, self._queue(), identifier(link) or 0, now=here.now)
        await self._list()
        return telling.good("Revoked. Calendars that used it get nothing any more.")

    def _queue(self) -> int:
        return identifier(self._parameters().get("queue")) or 0

    async def _list(self) -> None:
        here = visit()
        found = await feeds.listing(here.session, here.viewer, self._queue(), per_page=_SHOWN, now=here.now)
        self._put(links=[feed_line(one, here.zone) for one in found.items])


def panel() -> rx.Component:
    return by_status(
        ExportPanel,
        ready=rx.el.div(complaint(ExportPanel.complaint), _files(), _calendar(), class_name="stack"),
        blank=empty(
            "Nothing to export yet",
            rx.el.p(
                "A file holds a version as it was kept. Keep a first version of this queue, then look here again."
            ),
            icon="download",
        ),
        waiting=loading(skeleton(height="200px")),
    )


def _files() -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.div(
                rx.el.h2("Files"),
                rx.el.p(
                    "You get what you may see of the version; that you took it is noted in the audit log.",
                    class_name="reading",
                ),
                class_name="grow",
            ),
            class_name="panel-head",
        ),
        rx.el.div(
            field(
                "Version",
                "export-version",
                rx.el.select(
                    rx.foreach(ExportPanel.numbers, lambda one: rx.el.option(one.label, value=one.value)),
                    id="export-version",
                    value=ExportPanel.number,
                    on_change=ExportPanel.pick_version,
                ),
            ),
            rx.el.ul(rx.foreach(ExportPanel.files, _file), class_name="stack tight files"),
            class_name="panel-body stack",
        ),
        class_name="panel",
        id="files",
    )


def _file(one: Any) -> rx.Component:
    return rx.el.li(
        server_link(one.name, href=one.link, class_name="button"),
        rx.el.span(one.told, class_name="fine"),
        class_name="row",
    )


def _calendar() -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.div(
                rx.el.h2("Private calendar links"),
                rx.el.p(
                    "A calendar program that subscribes to such a link shows what is at exact times and the deadlines of the plan, "
                    "as its maker may see them, and follows every change. Whoever has the link sees them too.",
                    class_name="reading",
                ),
                class_name="grow",
            ),
            class_name="panel-head",
        ),
        rx.cond(ExportPanel.links.length() > 0, _links()),
        rx.el.div(
            rx.cond(
                ExportPanel.active,
                _new_link(),
                notice("Only the present plan of a sprint can be subscribed to, and this queue is none."),
            ),
            class_name="panel-body",
        ),
        class_name="panel",
        id="calendar-links",
    )


def _links() -> rx.Component:
    return scrolling(
        rx.el.table(
            rx.el.caption("Private calendar links of this queue", class_name="hidden-text"),
            rx.el.thead(rx.el.tr(*[rx.el.th(text, scope="col") for text in _HEADS], action_head())),
            rx.el.tbody(rx.foreach(ExportPanel.links, _link)),
        ),
        label="Private calendar links of this queue",
    )


def _link(line: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.th(line.name, scope="row"),
        rx.el.td(line.owner),
        rx.el.td(line.until),
        rx.el.td(line.used),
        rx.el.td(chip(line.state, line.tone)),
        rx.el.td(
            rx.cond(
                line.active,
                rx.el.button(
                    "Revoke",
                    type="button",
                    class_name="button small",
                    on_click=ExportPanel.revoke(line.id),
                    custom_attrs={"aria-label": "Revoke " + line.name},
                ),
            )
        ),
        key=line.id,
    )


def _new_link() -> rx.Component:
    return secret_form(
        labelled(
            "Where will you use it?",
            "feed-name",
            rx.el.input(
                id="feed-name",
                name="name",
                type="text",
                required=True,
                max_length=100,
                placeholder="such as: calendar of my phone",
            ),
        ),
        labelled(
            "Good for",
            "feed-days",
            rx.el.select(
                *[rx.el.option(text, value=value) for value, text in DAYS],
                id="feed-days",
                name="days",
                default_value="90",
                custom_attrs={"data-as": "number"},
            ),
        ),
        to=ExportPanel.feeds_at,
        label="Make a link",
        shown="url",
        sentence="Copy this link into your calendar program now. It is not shown again.",
        on_done=ExportPanel.made,
    )
