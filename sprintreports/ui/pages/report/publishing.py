"""The report sent somewhere: a connection, where to, what would be done, and what became of it."""

from functools import partial
from typing import Any

import msgspec
import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.kit import clock
from sprintreports.kit.errors import Invalid
from sprintreports.reports.publishing import connections, deliveries, previewing
from sprintreports.reports.publishing.deliveries import Wanted
from sprintreports.reports.publishing.previewing import DryRun
from sprintreports.reports.publishing.values import Connection, Service, Source, Target
from sprintreports.ui.components.basics import chip, link, outside
from sprintreports.ui.components.live import every
from sprintreports.ui.frame_state import Frame, Option
from sprintreports.ui.links import identifier
from sprintreports.ui.pages.connections.rows import BOT, KINDS, kind_of
from sprintreports.ui.pages.report.exporting import ReportFiles
from sprintreports.ui.pages.report.publishing_rows import Plan, Sent, plan, sent, target_of
from sprintreports.ui.pages.report.state import ReportPage
from sprintreports.ui.planning.parts import complaint, field, side_panel
from sprintreports.ui.reporting import sending
from sprintreports.ui.session import Meanwhile, acts, visit

_MOST_CONNECTIONS = 200


class ReportSending(rx.State):
    """The panel. What was previewed is what is sent: `_target` is kept, not the form."""

    is_open: bool = False
    of: str = ""
    connections: list[Option] = []
    connection: str = ""
    kind: str = ""
    of_bot: bool = False
    channel: str = ""
    own: str = ""
    plan: Plan = Plan()
    planned: bool = False
    looking: bool = False
    was: Sent = Sent()
    was_sent: bool = False
    complaint: str = ""
    _target: str = ""
    _delivery: int = 0

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def show(self) -> None:
        here = visit()
        self.reset()
        found = await connections.listing(here.session, here.viewer, per_page=_MOST_CONNECTIONS)
        self.connections = [Option(str(one.id), f"{one.name} ({KINDS[kind_of(one)]})") for one in found.items]
        self.own = here.viewer.email
        if found.items:
            self._take(found.items[0])
        self.of = (await self.get_state(ReportPage)).at
        self.is_open = True

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def close(self) -> None:
        self.reset()

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def pick(self, connection: str) -> None:
        here = visit()
        self._begin_again()
        self._take(await connections.one(here.session, here.viewer, identifier(connection) or 0))

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def change(self) -> None:
        """Back to the form."""
        self._begin_again()

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def wait(self) -> None:
        """Said before `look`, which takes seconds: the report is made, its pictures are drawn, the service is asked."""
        self.complaint, self.looking = "", True

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def look(self, form: dict[str, Any]) -> Meanwhile:
        """A dry run: the service is asked what is there, and nothing is written."""
        here = visit()
        self.looking = False  # the page hears of it when this is done, whatever came of it
        self._begin_again()
        if not self.kind:
            raise Invalid("Choose a connection first.")
        target = target_of(form, Service(self.kind))
        ready = await previewing.prepared(here.session, here.viewer, await self._wanted(target), now=here.now)
        # Who has ended these mails is left out of a dry run, and told nobody by name.
        return Meanwhile(partial(previewing.dry_run, ready, now=clock.now), partial(self._looked, target))

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def send(self) -> None:
        """Put in line what was looked at."""
        here = visit()
        self.complaint = ""
        if not self.planned:
            raise Invalid("Look first what would be done, then send it.")
        target = msgspec.json.decode(self._target, type=Target)
        made = await deliveries.publish(here.session, here.viewer, await self._wanted(target), now=here.now)
        self._delivery, self.planned, self.was_sent = made.id, False, True
        self.was = sent(made, here.zone)

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def tick(self) -> None:
        """It is on its way: look where it has come to."""
        here = visit()
        found = sent(await deliveries.one(here.session, here.viewer, self._delivery), here.zone)
        if found != self.get_value("was"):
            self.was = found

    async def _looked(self, target: Target, found: DryRun) -> None:
        self._target = msgspec.json.encode(target).decode()
        self.plan, self.planned = plan(found, target), True

    async def _wanted(self, target: Target) -> Wanted:
        # A file and a delivery are of the same: what the page shows, laid out as it is shown.
        about = await (await self.get_state(ReportFiles))._about()  # noqa: SLF001  # what begins without _ is a handler
        title = (await self.get_state(ReportPage)).title
        source = Source(about.report_id, about.spec, about.layout)
        return Wanted(source, identifier(self.connection) or 0, target, title=title)

    def _take(self, found: Connection) -> None:
        self.connection, self.kind = str(found.id), found.kind.value
        self.of_bot = kind_of(found) == BOT
        self.channel = getattr(found.settings, "channel", "")

    def _begin_again(self) -> None:
        self.complaint, self.planned, self.was_sent = "", False, False


def publish_button() -> rx.Component:
    return rx.el.button("Publish", type="button", class_name="button", on_click=ReportSending.show)


_IS_OPEN = ReportSending.is_open & (ReportSending.of == ReportPage.at)


def publish_panel() -> rx.Component:
    return side_panel(
        "Publish this report",
        "It is made with what you may see, laid out as on the page, and sent in the background.",
        complaint(ReportSending.complaint),
        rx.cond(
            ReportSending.connections.length() > 0,
            rx.fragment(
                _connection(),
                # Out of sight, the form keeps what was typed.
                rx.cond(
                    _IS_OPEN,
                    rx.el.div(_form(), hidden=ReportSending.planned | ReportSending.was_sent),
                ),
                rx.cond(ReportSending.planned, _plan()),
                rx.cond(ReportSending.was_sent, _was()),
            ),
            _none(),
        ),
        rx.el.p(link("All deliveries", to=sending.DELIVERIES)),
        is_open=_IS_OPEN,
        on_close=ReportSending.close,
    )


def _none() -> rx.Component:
    return rx.cond(
        Frame.is_admin,
        rx.el.p("No connection is set up yet. ", link("Set one up", to=sending.CONNECTIONS), "."),
        rx.el.p("No connection is set up yet. Ask an admin for one.", class_name="quiet"),
    )


def _connection() -> rx.Component:
    return field(
        "Connection",
        "publish-connection",
        rx.el.select(
            rx.foreach(ReportSending.connections, lambda one: rx.el.option(one.label, value=one.value)),
            id="publish-connection",
            name="connection",
            value=ReportSending.connection,
            on_change=ReportSending.pick,
        ),
    )


def _form() -> rx.Component:
    return rx.el.form(
        rx.match(
            ReportSending.kind,
            (Service.CONFLUENCE.value, rx.fragment(_space(), _files())),
            (Service.SLACK.value, rx.cond(ReportSending.of_bot, _channel(), _posts())),
            (Service.EMAIL.value, rx.fragment(_recipients(), _files())),
            _posts(),
        ),
        rx.el.div(
            rx.el.button(
                "Look what would be done", type="submit", class_name="button", disabled=ReportSending.looking
            ),
            rx.el.p(
                rx.cond(
                    ReportSending.looking,
                    rx.fragment(
                        rx.el.span(class_name="turning", custom_attrs={"aria-hidden": "true"}),
                        "Making the report and asking the service. This may take some seconds.",
                    ),
                ),
                class_name="fine busy",
                role="status",
            ),
            class_name="stack tight",
        ),
        on_submit=[ReportSending.wait, ReportSending.look],
        key=ReportSending.connection,
        class_name="stack tight",
    )


def _posts() -> rx.Component:
    return rx.el.p("The message goes into the channel that the address belongs to.", class_name="fine")


def _input(name: str, **props: Any) -> rx.Component:
    return rx.el.input(
        **{"id": f"publish-{name}", "name": name, "type": "text", "max_length": 255, "auto_complete": "off"} | props
    )  # fmt: skip


def _space() -> rx.Component:
    return rx.fragment(
        field("Space", "publish-space", _input("space", required=True), "Its key, such as TEAM."),
        field(
            "Under the page",
            "publish-parent",
            _input("parent", input_mode="numeric"),
            "The page's number, as its address shows it. Empty: at the top of the space.",
        ),
    )


def _channel() -> rx.Component:
    return field(
        "Channel",
        "publish-channel",
        _input("channel", default_value=ReportSending.channel, max_length=81),
        "Such as #delivery. The bot has to be invited there.",
    )


def _recipients() -> rx.Component:
    return field(
        "To",
        "publish-to",
        rx.el.textarea(
            id="publish-to", name="to", rows="3", required=True, spell_check=False, default_value=ReportSending.own
        ),
        "One address a line. To yourself alone, everybody may send; to others, whoever may write reports on its boards.",
    )  # fmt: skip


def _files() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend("Attach"),
        *[
            rx.el.label(
                rx.el.input(type="checkbox", name=f"file-{one.value}"),
                rx.el.span(label, class_name="words"),
                class_name="choice flush",
            )
            for one, label in sending.FILES.items()
        ],
    )


def _plan() -> rx.Component:
    one = ReportSending.plan
    return rx.el.section(
        rx.el.h3("What would be done"),
        rx.el.p(one.sentence),
        rx.el.dl(
            _fact("Title", one.title),
            rx.cond(one.place != "", _fact("To", one.place)),
            rx.cond(one.files != "", _fact("Attached", one.files)),
            class_name="stack tight",
        ),
        rx.cond(one.warning != "", rx.el.p(one.warning)),
        rx.el.details(
            rx.el.summary("The text as the service gets it"),
            rx.el.pre(
                one.content,
                class_name="payload",
                tab_index=0,
                role="region",
                custom_attrs={"aria-label": "The text as the service gets it"},
            ),
        ),
        rx.el.div(
            rx.el.button("Send", type="button", class_name="button primary", on_click=ReportSending.send),
            rx.el.button("Change", type="button", class_name="button", on_click=ReportSending.change),
            class_name="row",
        ),
        class_name="stack tight",
        custom_attrs={"aria-live": "polite"},
    )


def _fact(name: str, value: Any) -> rx.Component:
    return rx.el.div(rx.el.dt(name, class_name="fine"), rx.el.dd(value, class_name="wrap-anywhere"))


def _was() -> rx.Component:
    one = ReportSending.was
    return rx.el.section(
        rx.cond(one.live, every(seconds=2, on_tick=ReportSending.tick)),
        rx.el.div(
            rx.el.div(chip(one.state, one.tone)),
            rx.cond(one.sentence != "", rx.el.p(one.sentence)),
            class_name="stack tight",
            role="status",
        ),
        rx.el.div(
            link("See the delivery", to=one.link, class_name="button"),
            rx.cond(one.url != "", outside("See it there", href=one.url, class_name="button")),
            rx.el.button(
                "Send it elsewhere", type="button", class_name="button", on_click=ReportSending.change
            ),
            class_name="row",
        ),
        class_name="stack tight",
    )
