"""The form of a schedule as events: what it offers to whom, what it looks like ahead, and what is wrong beside its field."""

from dataclasses import replace
from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira.reads import choices
from sprintreports.kit.errors import Invalid, NotFound
from sprintreports.kit.paging import By
from sprintreports.reports.document.blocks import DocumentKind
from sprintreports.reports.library import ledger, reports
from sprintreports.reports.library.reports import USUAL
from sprintreports.reports.publishing import connections
from sprintreports.reports.publishing.values import Connection, Service
from sprintreports.reports.schedules import store
from sprintreports.reports.schedules.rights import MOST_RECIPIENTS
from sprintreports.reports.schedules.values import Schedule, SprintReport, StoredReport, Which
from sprintreports.ui import telling
from sprintreports.ui.dates import zone_named
from sprintreports.ui.frame_state import Frame, Option
from sprintreports.ui.links import address, identifier
from sprintreports.ui.pages.connections.rows import KINDS, kind_of
from sprintreports.ui.pages.schedules import entering
from sprintreports.ui.pages.schedules.entering import (
    BOTH,
    BY_CLOCK,
    CRON,
    FREEZE,
    LIBRARY,
    SEND,
    WEEKLY,
    RecipientForm,
)
from sprintreports.ui.pages.schedules.rows import SCHEDULES
from sprintreports.ui.reporting import choosing
from sprintreports.ui.session import acts, visit

_MOST_REPORTS, _MOST_CONNECTIONS = 100, 200
_EVERY_DAY = entering.EVERY_DAY
_NOWHERE = (
    "It cannot be sent anywhere yet: no connection is set up. An admin sets one up under “Connections”."
)


class ScheduleEditor(rx.State):
    """What the form shows and offers. What is typed stays in the browser until it is sent.

    may_write: to others than oneself; own: where a mail to oneself goes; sees_teams: all of them, which the triggers on numbers
    take. ahead: the next runs by the clock.
    """

    is_open: bool = False
    id: str = ""
    title: str = ""
    complaint: str = ""
    problems: dict[str, str] = {}
    name: str = ""
    does: str = SEND
    what: str = ""
    report: str = ""
    reports: list[Option] = []
    more_reports: bool = False
    templates: list[Option] = []
    template: str = ""
    boards: list[Option] = []
    board: str = ""
    which: str = Which.RUNNING.value
    on: str = WEEKLY
    days_on: list[bool] = []
    at: str = ""
    cron: str = ""
    days: str = ""
    percent: str = ""
    chance: str = ""
    zone: str = ""
    said: str = ""
    ahead: list[str] = []
    ahead_problem: str = ""
    shown_in: str = ""
    to: list[RecipientForm] = []
    connections: list[Option] = []
    own: str = ""
    may_write: bool = False
    may_freeze: bool = False
    sees_teams: bool = False
    _rows: int = 0
    _asked: str | None = (
        None  # the report that the address asked for with a form; None: somebody pressed the button
    )

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def begin(self) -> None:
        await self._begin("")

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def edit(self, schedule: str) -> None:
        here = visit()
        found = await store.one(here.session, here.viewer, identifier(schedule) or 0)
        if found.owner_id != here.viewer.user_id:
            raise store.NotOneself
        await self._fill(found)

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def end(self) -> Any:
        self.reset()
        parameters = dict(self.router.url.query_parameters)
        if "new" in parameters:
            return rx.redirect(address(SCHEDULES, parameters, new=None, report=None))
        return None

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def pick_does(self, does: str) -> None:
        self._forget()
        self.does = does if does in {SEND, FREEZE, BOTH} else SEND
        await self._offer()

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def pick_what(self, what: str) -> None:
        self._forget()
        await self._for_what(what)
        if what == DocumentKind.REVIEW and self.on in BY_CLOCK:
            self.which = Which.CLOSED.value
        await self._offer()

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def pick_report(self, report: str) -> None:
        self._forget()
        self.report = str(identifier(report) or "")
        await self._offer()

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def pick_board(self, board: str) -> None:
        self._forget()
        self.board = board if any(one.value == board for one in self.boards) else self.board
        await self._offer()

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def pick_when(self, on: str) -> None:
        self._forget()
        if on == CRON and self.on == WEEKLY:
            self.cron = entering.cron_of(self.at, self.days_on) or self.cron
        self.on = on
        self.which = entering.usual_which(on).value if on not in BY_CLOCK else self.which
        await self._offer()
        self._look()

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def see_at(self, at: str) -> None:
        self.at = at[:5]
        self._look()

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def see_day(self, day: str, ticked: bool) -> None:  # as the browser sends it
        self.days_on = [
            ticked if str(number) == day else was
            for number, was in zip(_EVERY_DAY, self.days_on, strict=False)
        ]
        self._look()

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def see_cron(self, cron: str) -> None:
        self.cron = cron[:200]
        self._look()

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def see_zone(self, zone: str) -> None:
        self.zone = zone.strip()[:100]
        self._look()

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def add(self) -> None:
        """One more recipient."""
        offered = await self._connections()
        if offered and len(self.to) < MOST_RECIPIENTS:
            self.to = [*self.get_value("to"), self._row(offered[0])]

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def drop(self, key: str) -> None:
        self.to = [one for one in self.get_value("to") if one.key != key]

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def pick_connection(self, key: str, connection: str) -> None:
        here = visit()
        found = await connections.one(here.session, here.viewer, identifier(connection) or 0)
        changed = entering.recipient_form(key, found, own=self.own)
        self.to = [changed if one.key == key else one for one in self.get_value("to")]

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def keep(self, form: dict[str, Any]) -> Any:
        """Make the schedule, or change it, and show it. What is wrong is told beside its field."""
        here = visit()
        self._forget()
        if self.does != FREEZE and not self.connections:
            self.complaint = _NOWHERE
            return None
        try:
            wanted = entering.wanted_of(
                form, list(self.get_value("to")), does=self.does, what=self.what, on=self.on, own=self.own,
                may_write=self.may_write,
            )  # fmt: skip
            async with here.session.begin_nested():
                if self.id:
                    known = identifier(self.id) or 0
                    made = await store.change(here.session, here.viewer, known, wanted, now=here.now)
                else:
                    made = await store.create(here.session, here.viewer, wanted, now=here.now)
        except Invalid as error:
            self._tell(error)
            return None
        said = "It runs like this from now on." if self.id else "The schedule is made."
        self.reset()
        filters = dict(self.router.url.query_parameters)
        shown = address(SCHEDULES, filters, new=None, report=None, runs=None, schedule=made.id)
        return [telling.good(said), rx.redirect(shown)]

    async def _as_asked(self, parameters: dict[str, str]) -> None:
        """As the address wants it. A page that loads itself again takes nothing from who types."""
        if not parameters.get("new"):
            if self._asked is not None:
                self.reset()
            return
        report = parameters.get("report", "")
        if not self.is_open or self._asked != report:
            await self._begin(report)
            self._asked = report

    async def _begin(self, report: str) -> None:
        """An empty form; report: the id of one of the library that it is to send."""
        here = visit()
        self.reset()
        self.title = "A new schedule"
        await self._surroundings(identifier((await self.get_state(Frame)).board), identifier(report))
        self._type(entering.Typed())
        self.zone = here.zone.key
        await self._for_what(LIBRARY if self.report else DocumentKind.BASELINE.value)
        await self._offer()
        offered = await self._connections()
        if not offered and self.may_freeze and not self.report:
            self.does = FREEZE
        # Of several, a mail goes to oneself alone, unless somebody says otherwise.
        offered.sort(key=lambda one: one.kind is not Service.EMAIL)
        self.to = [self._row(offered[0])] if offered else []
        self._look()
        self.is_open = True

    async def _fill(self, found: Schedule) -> None:
        """The form with what a schedule is."""
        self.reset()
        wanted, content = found.wanted, found.wanted.content
        self.id, self.title, self.name = str(found.id), f"Change “{wanted.name}”", wanted.name
        stored = content.report_id if isinstance(content, StoredReport) else None
        await self._surroundings(wanted.board_id, stored)
        self.does = BOTH if wanted.baseline and wanted.recipients else FREEZE if wanted.baseline else SEND
        self._type(entering.typed(wanted.trigger))
        self.zone = wanted.zone
        if isinstance(content, SprintReport):
            self.which = content.which.value
            await self._for_what(content.report.value, template=choosing.text_of(content.template or USUAL))
        else:
            await self._for_what(LIBRARY)
        await self._offer()
        known = {one.id: one for one in await self._connections()}
        self.to = [
            self._row(known[one.connection_id], one.target)
            for one in wanted.recipients
            if one.connection_id in known
        ]
        self._look()
        self.is_open = True

    def _type(self, typed: entering.Typed) -> None:
        """Fill in what stands in the fields about when."""
        self.on, self.days_on, self.at, self.cron = typed.on, list(typed.days_on), typed.at, typed.cron
        self.days, self.percent, self.chance = typed.days, typed.percent, typed.chance

    async def _surroundings(self, board_id: int | None, report_id: int | None) -> None:
        """What is there to choose from: boards and reports."""
        here = visit()
        self.own, self.shown_in = here.viewer.email, here.zone.key
        self.sees_teams = here.viewer.team_ids is None
        found = await choices.read(here.session, here.viewer, board_id=board_id)
        self.boards = [Option(str(one.id), one.name) for one in found.boards]
        self.board = str(found.board.id) if found.board else ""
        page = await ledger.listing(
            here.session, here.viewer, ledger.Filters(), sort=(By("name", descending=False),), per_page=_MOST_REPORTS
        )  # fmt: skip
        listed = {one.id: one.name for one in page.items}
        self.more_reports = page.total > len(page.items)
        if report_id is not None and report_id not in listed:
            listed |= await ledger.names(here.session, here.viewer, [report_id])
        self.reports = [Option(str(one), name) for one, name in listed.items()]
        self.report = str(report_id) if report_id in listed else ""

    async def _for_what(self, what: str, *, template: str = "") -> None:
        here = visit()
        if what not in {LIBRARY, *DocumentKind}:
            return
        self.what, self.template, self.templates = what, template, []
        if what != LIBRARY:
            chosen = choosing.choice_of(template)
            self.templates = await choosing.options(
                here.session, here.viewer, DocumentKind(what), chosen=chosen
            )
        elif not self.report and self.reports:
            self.report = self.reports[0].value

    async def _offer(self) -> None:
        """What this person may have done with what is chosen: to others, or by mail to themselves alone."""
        here = visit()
        writes = here.viewer.boards_for(Permission.REPORTS_WRITE)
        may, board = here.viewer.can(Permission.REPORTS_WRITE), identifier(self.board)
        self.may_freeze = bool(
            may and board and here.viewer.team_ids is None and (writes is None or board in writes)
        )
        if self.does != SEND and not self.may_freeze:
            self.does = SEND
        about = await self._about()
        self.may_write = may and (writes is None or about <= writes)
        offered = await self._connections()
        self.connections = [Option(str(one.id), f"{one.name} ({KINDS[kind_of(one)]})") for one in offered]
        known = {str(one.id) for one in offered}
        if any(one.connection not in known for one in self.get_value("to")):
            kept = [one for one in self.get_value("to") if one.connection in known]
            self.to = kept or [self._row(one) for one in offered[:1]]

    async def _about(self) -> set[int]:
        """The boards that it speaks of."""
        here = visit()
        about, board = set[int](), identifier(self.board)
        if board and entering.needs_board(does=self.does, what=self.what, on=self.on):
            about.add(board)
        if self.what == LIBRARY and self.report:
            try:
                about |= set((await reports.one(here.session, here.viewer, int(self.report))).board_ids)
            except NotFound:
                self.report = ""
        return about

    async def _connections(self) -> list[Connection]:
        here = visit()
        found = await connections.listing(here.session, here.viewer, per_page=_MOST_CONNECTIONS)
        return [one for one in found.items if self.may_write or one.kind is Service.EMAIL]

    def _row(self, connection: Connection, target: Any = None) -> RecipientForm:
        self._rows += 1
        return entering.recipient_form(str(self._rows), connection, target, own=self.own)

    def _look(self) -> None:
        """When it would run, as far as it is entered."""
        here = visit()
        self.said, self.ahead, self.ahead_problem = "", [], ""
        if self.on not in BY_CLOCK:
            return
        form = entering.clock_form(self.cron, self.at, self.days_on)
        try:
            self.said, self.ahead = entering.looked_ahead(
                form, self.on, self.zone, now=here.now, shown_in=zone_named(self.shown_in)
            )
        except Invalid as error:
            self.ahead_problem = telling.sentence(error)

    def _forget(self) -> None:
        self.complaint, self.problems = "", {}
        if any(one.problem for one in self.get_value("to")):
            self.to = [replace(one, problem="") for one in self.get_value("to")]

    def _tell(self, error: Invalid) -> None:
        fields, rows, rest = entering.by_field(error)
        self.problems, self.complaint = fields, rest
        self.to = [
            replace(one, problem=rows.get(place, "")) for place, one in enumerate(self.get_value("to"))
        ]
