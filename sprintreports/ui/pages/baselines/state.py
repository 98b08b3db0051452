"""The ledger of baselines: filters live in the address, rows come as text, two of them are chosen to be compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx

from sprintreports.identity import names
from sprintreports.identity.permissions import Permission
from sprintreports.kit.paging import By
from sprintreports.metrics.values import Amount, Unit
from sprintreports.reports.baselines import ledger, removing
from sprintreports.reports.baselines.ledger import Baseline, Reason
from sprintreports.reports.spec import Frozen, Live
from sprintreports.ui import telling
from sprintreports.ui.components.tables import Pager, pager_of, sort_links
from sprintreports.ui.dates import instant
from sprintreports.ui.frame_state import Option, around
from sprintreports.ui.links import address, identifier
from sprintreports.ui.numbers import UNKNOWN, with_unit
from sprintreports.ui.paged import asked_page, page_at
from sprintreports.ui.reporting import states
from sprintreports.ui.reporting.states import BASELINES
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import EMPTY, READY, PageState

COLUMNS = ("sprint_name", "moment", "reason", "created_at")
REASONS = {
    Reason.MANUAL: "By hand",
    Reason.PLANNING: "At planning",
    Reason.START: "At the start",
    Reason.DAY: "On a day",
    Reason.CLOSE: "At the close",
}
_FILTERS = ("search", "reason", "of_board", "deleted")


@dataclass
class BaselineLine:
    """A baseline of the ledger as text. digest: the first signs of its hash, which the raw view has whole."""

    id: str = ""
    name: str = ""
    link: str = ""
    board: str = ""
    moment: str = ""
    reason: str = ""
    note: str = ""
    author: str = ""
    frozen: str = ""
    scope: str = ""
    completed: str = ""
    digest: str = ""
    raw: str = ""
    now: str = ""
    used: bool = False


def line(one: Baseline, people: Mapping[int, str], zone: ZoneInfo) -> BaselineLine:
    figures = one.figures
    return BaselineLine(
        str(one.id),
        one.sprint_name,
        states.of_baseline(one.id),
        one.board_name,
        instant(one.moment, zone),
        REASONS[one.reason],
        one.note,
        people.get(one.created_by, UNKNOWN),
        instant(one.created_at, zone),
        _amount(figures.scope, figures.unit) if figures else UNKNOWN,
        _amount(figures.completed, figures.unit) if figures else UNKNOWN,
        one.digest[:12],
        f"/api/v1/baselines/{one.id}/raw",
        states.compared(Frozen(one.id), Live(one.sprint_id, one.board_id)),
        one.used,
    )


class Baselines(PageState, rx.State):
    """Everything on the page, as text. chosen: the first of two that are to be compared."""

    lines: list[BaselineLine] = []
    boards: list[Option] = []
    search: str = ""
    reason: str = ""
    of_board: str = ""
    deleted: bool = False
    deleted_link: str = ""
    filtered: bool = False
    may: bool = False
    sort: str = "moment"
    descending: bool = True
    sort_links: dict[str, str] = {}
    pager: Pager = Pager()
    chosen: str = ""
    chosen_name: str = ""

    @rx.event
    @loads(Permission.REPORTS_READ)
    async def load(self) -> None:
        await self._load()

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def find(self, search: str) -> Any:
        return rx.redirect(self._with(search=search.strip()[:200]))

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def pick_reason(self, reason: str) -> Any:
        return rx.redirect(self._with(reason=reason if reason in set(Reason) else None))

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def pick_board(self, board: str) -> Any:
        return rx.redirect(self._with(of_board=identifier(board)))

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def choose(self, baseline: str) -> Any:
        """The first of two, or with one chosen already the second: the earlier one is what the later one is compared with."""
        here = visit()
        second = await ledger.one(here.session, here.viewer, identifier(baseline) or 0)
        if self.chosen == str(second.id):
            self.chosen = self.chosen_name = ""
            return None
        if not self.chosen:
            self.chosen = str(second.id)
            self.chosen_name = f"{second.sprint_name}, {instant(second.moment, here.zone)}"
            return None
        first = await ledger.one(here.session, here.viewer, identifier(self.chosen) or 0)
        before, after = sorted((first, second), key=lambda one: (one.moment, one.id))
        self.chosen = self.chosen_name = ""
        return rx.redirect(states.compared(Frozen(before.id), Frozen(after.id)))

    @rx.event
    @acts(Permission.REPORTS_WRITE)
    async def delete(self, baseline: str) -> Any:
        here = visit()
        await removing.delete(here.session, here.viewer, identifier(baseline) or 0, now=here.now)
        await self._load()
        return telling.good("Deleted. It can be taken back for 30 days.")

    @rx.event
    @acts(Permission.REPORTS_WRITE)
    async def restore(self, baseline: str) -> Any:
        here = visit()
        await removing.restore(here.session, here.viewer, identifier(baseline) or 0)
        await self._load()
        return telling.good("The baseline is back.")

    async def _load(self) -> None:
        here = visit()
        around_it = await around(self)
        parameters = self._parameters()
        may = here.viewer.can(Permission.REPORTS_WRITE)
        deleted = may and parameters.get("deleted") == "yes"
        search, reason = parameters.get("search", "")[:200], parameters.get("reason", "")
        board = identifier(parameters.get("of_board"))
        by = parameters.get("sort", "")
        sort, descending = (by, parameters.get("order") == "desc") if by in COLUMNS else ("moment", True)

        async def read(at: int) -> Any:
            return await ledger.listing(
                here.session,
                here.viewer,
                search=search,
                board_id=board,
                reason=Reason(reason) if reason in set(Reason) else None,
                deleted=deleted,
                sort=(By(sort, descending),),
                page=at,
            )

        page = await page_at(read, asked_page(parameters))
        people = await names.named(here.session, {one.created_by for one in page.items})
        filtered = any(parameters.get(name) for name in _FILTERS)
        self._put(
            lines=[line(one, people, here.zone) for one in page.items],
            boards=[Option(str(one.id), one.name) for one in around_it.boards],
            search=search,
            reason=reason if reason in set(Reason) else "",
            of_board=str(board or ""),
            deleted=deleted,
            deleted_link=address(BASELINES, parameters, deleted=None if deleted else "yes", page=None),
            filtered=filtered,
            may=may,
            sort=sort,
            descending=descending,
            sort_links=sort_links(
                COLUMNS, path=BASELINES, parameters=parameters, sort=sort, descending=descending
            ),
            pager=pager_of(page, path=BASELINES, parameters=parameters, name="page", noun="baselines"),
        )
        self._settle(READY if page.items or filtered else EMPTY)

    def _with(self, **changes: object) -> str:
        return address(BASELINES, self._parameters(), **changes, page=None)


def _amount(amount: Amount, unit: Unit) -> str:
    return with_unit(amount.value(unit), unit)
