"""The audit log's page: what is asked for lives in the address, each page begins where the one before ended."""

from dataclasses import asdict
from typing import Any

import reflex as rx

from sprintreports.identity import user_list
from sprintreports.identity.audit import chain
from sprintreports.identity.audit.listing import page
from sprintreports.identity.permissions import Permission
from sprintreports.ui.links import address
from sprintreports.ui.pages.audit import rows
from sprintreports.ui.pages.audit.rows import AuditLine
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import READY, PageState

PATH = "/audit"
_EXPORT = "/api/v1/audit-entries/export"
_PER_PAGE = 50


class Audit(PageState, rx.State):
    """Entries as text. `asked`: the filters as they were typed."""

    lines: list[AuditLine] = []
    asked: dict[str, str] = dict.fromkeys(rows.FIELDS, "")
    nothing: str = ""
    newest: str = ""
    older: str = ""
    csv: str = ""
    json_file: str = ""
    sealed: str = ""

    @rx.event
    @loads(Permission.SETTINGS_READ)
    async def load(self) -> None:
        here = visit()
        parameters = self._parameters()
        asked = {name: parameters.get(name, "")[:200] for name in rows.FIELDS}
        actor, unknown = await self._actor(asked["actor"])
        filters = rows.filters_of(asked, zone=here.zone, actor=actor)
        before = parameters.get("before") or None
        found = await page(here.session, here.viewer, filters, before=before, per_page=_PER_PAGE)
        given = {name: value for name, value in asked.items() if value}
        exact = {name: _written(value) for name, value in asdict(filters).items() if value is not None}
        head = await chain.head(here.session)
        self._put(
            asked=asked,
            lines=[] if unknown else [rows.line(row, zone=here.zone) for row in found.rows],
            nothing=_nothing(filtered=bool(given), unknown=unknown, written=asked["actor"]),
            newest=address(PATH, given) if before else "",
            older=address(PATH, given, before=found.next) if found.next and not unknown else "",
            csv=address(_EXPORT, exact, format="csv"),
            json_file=address(_EXPORT, exact, format="json"),
            sealed=f"{head.position:,} entries are sealed. " if head.position else "",
        )
        self._settle(READY)

    @rx.event
    @acts(Permission.SETTINGS_READ)
    async def ask(self, form: dict[str, Any]) -> Any:
        return rx.redirect(address(PATH, {name: str(form.get(name, ""))[:200] for name in rows.FIELDS}))

    async def _actor(self, written: str) -> tuple[int | None, bool]:
        """The user who is meant, by id or by a part of the name or address, and whether there is none."""
        known = rows.actor_of(written)
        if known is not None or not written.strip():
            return known, False
        here = visit()
        found = await user_list.listing(here.session, here.viewer, search=written, per_page=1)
        return (found.items[0].id, False) if found.items else (None, True)


def _written(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _nothing(*, filtered: bool, unknown: bool, written: str) -> str:
    if unknown:
        return f"No user is called “{written}”. Enter a part of a name or address, or a user's number."
    if filtered:
        return "Nothing like this was done. Take a filter away to see more."
    return "Nothing is in the audit log yet."
