"""The profile's tab "keys": one's own API keys, and a form for a new one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx

from sprintreports.identity.clients import keys
from sprintreports.identity.clients.keys import Key
from sprintreports.identity.permissions import Permission
from sprintreports.identity.scopes import text_of
from sprintreports.ui import telling
from sprintreports.ui.components.basics import by_status, chip, loading, notice, skeleton
from sprintreports.ui.components.secrets import labelled, prove_first, scope_boxes, secret_form
from sprintreports.ui.components.tables import action_head
from sprintreports.ui.dates import day, instant
from sprintreports.ui.frame_state import Option
from sprintreports.ui.links import identifier
from sprintreports.ui.scope_words import WORDS
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import READY, PageState

_DAYS = (("30", "30 days"), ("90", "90 days"), ("180", "Half a year"), ("366", "A year"))
_STATES = {
    "active": ("Active", "good"),
    "expired": ("Expired", ""),
    "revoked": ("Revoked", ""),
    "ended": ("Ended with your password or role", "warn"),
}


@dataclass
class KeyLine:
    """One key in the list."""

    id: str = ""
    name: str = ""
    prefix: str = ""
    scopes: str = ""
    until: str = ""
    used: str = ""
    state: str = ""
    tone: str = ""
    active: bool = False


def key_line(key: Key, zone: ZoneInfo) -> KeyLine:
    label, tone = _STATES[key.state]
    return KeyLine(
        id=str(key.id),
        name=key.name,
        prefix=f"{key.prefix}…",
        scopes=text_of(key.scopes),
        until=day(key.expires_at, zone),
        used=_used(key.last_used_at, key.last_address, zone),
        state=label,
        tone=tone,
        active=key.state == "active",
    )


class KeysTab(PageState, rx.State):
    """One's own keys. `scopes`: what one may give to a new one; `proved`: whether one showed lately that it is oneself."""

    complaint: str = ""
    proved: bool = False
    lines: list[KeyLine] = []
    scopes: list[Option] = []

    @rx.event
    @loads(Permission.SPRINTS_READ)
    async def load(self) -> None:
        here = visit()
        self._put(
            complaint="",
            proved=here.opened is not None and here.opened.proved_lately(here.now),
            scopes=[
                Option(scope.value, f"{WORDS[scope]} ({scope})")
                for scope in Permission
                if here.viewer.can(scope)
            ],
        )
        await self._list()
        self._settle(READY)

    @rx.event
    @acts(Permission.SPRINTS_READ)
    async def made(self) -> None:
        """A new key is there. The form stays, whatever the time: it shows the key, once."""
        await self._list()

    @rx.event
    @acts(Permission.SPRINTS_READ)
    async def revoke(self, key_id: str) -> Any:
        here = visit()
        self.complaint = ""
        await keys.revoke(here.session, here.viewer, identifier(key_id) or 0, now=here.now)
        return [telling.good("Revoked. It opens nothing any more."), KeysTab.load]

    async def _list(self) -> None:
        here = visit()
        found = await keys.listing(here.session, here.viewer, per_page=100, now=here.now)
        self._put(lines=[key_line(key, here.zone) for key in found.items])


LOADS = (KeysTab.load,)


def panel() -> rx.Component:
    """The tab's content, without a frame of its own."""
    return by_status(KeysTab, ready=_ready(), blank=rx.fragment(), waiting=loading(skeleton(height="320px")))


def _ready() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            "A key lets a program of yours use the REST API in your name. It never does more than you may do at the "
            "moment, and it ends when your password or role changes or your account is deactivated.",
            class_name="reading",
        ),
        rx.cond(KeysTab.complaint != "", notice(KeysTab.complaint, tone="bad")),
        rx.cond(
            KeysTab.lines.length() > 0,
            rx.el.div(
                rx.el.table(
                    rx.el.caption("Your API keys", class_name="hidden-text"),
                    rx.el.thead(rx.el.tr(*[rx.el.th(text, scope="col") for text in _HEADS], action_head())),
                    rx.el.tbody(rx.foreach(KeysTab.lines, _line)),
                ),
                class_name="table-wrap",
                tab_index=0,
                role="region",
                custom_attrs={"aria-label": "Your API keys"},
            ),
            rx.el.p("You have no keys.", class_name="quiet"),
        ),
        rx.el.h2("Make a key"),
        rx.cond(KeysTab.proved, _form(), prove_first()),
        class_name="stack",
    )


_HEADS = ("Name", "May", "Good until", "Last used", "State")


def _line(line: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(line.name, rx.el.div(rx.el.code(line.prefix), class_name="fine"), class_name="t"),
        rx.el.td(line.scopes),
        rx.el.td(line.until),
        rx.el.td(line.used, class_name="quiet"),
        rx.el.td(chip(line.state, line.tone)),
        rx.el.td(
            rx.cond(
                line.active,
                rx.el.button(
                    "Revoke",
                    type="button",
                    class_name="button small",
                    on_click=KeysTab.revoke(line.id),
                    custom_attrs={"aria-label": f"Revoke {line.name}"},
                ),
            )
        ),
        key=line.id,
    )


def _form() -> rx.Component:
    return secret_form(
        rx.el.div(
            labelled(
                "Name",
                "key-name",
                rx.el.input(
                    id="key-name",
                    name="name",
                    type="text",
                    required=True,
                    max_length=100,
                    auto_complete="off",
                ),
                "What the key is for.",
            ),
            labelled(
                "Good for",
                "key-days",
                rx.el.select(
                    *[rx.el.option(text, value=value) for value, text in _DAYS],
                    id="key-days",
                    name="days",
                    default_value="90",
                    custom_attrs={"data-as": "number"},
                ),
            ),
            labelled(
                "Requests a minute",
                "key-per-minute",
                rx.el.input(
                    id="key-per-minute",
                    name="per_minute",
                    type="number",
                    min=1,
                    max=keys.MOST_PER_MINUTE,
                    placeholder="As usual",
                    custom_attrs={"data-as": "number"},
                ),
                "Leave it empty unless the program should be slower than others.",
            ),
            class_name="form-grid",
        ),
        scope_boxes(KeysTab.scopes, legend="What it may do"),
        to="/api/v1/api-keys",
        label="Make the key",
        shown="key",
        sentence="This is the key. Copy it now: it is never shown again.",
        on_done=KeysTab.made,
    )


def _used(moment: datetime | None, address: str, zone: ZoneInfo) -> str:
    if moment is None:
        return "Never"
    return f"{instant(moment, zone)} from {address}" if address else instant(moment, zone)
