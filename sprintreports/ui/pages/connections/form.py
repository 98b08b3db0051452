"""The form of a connection: first its kind, then only what that kind needs. It goes to the REST interface, past every state."""

from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.integrations.email import Security
from sprintreports.reports.publishing import connections
from sprintreports.reports.publishing.checking import LONGEST_SECRET
from sprintreports.reports.publishing.values import LONGEST_NAME
from sprintreports.ui import telling
from sprintreports.ui.components.basics import Child
from sprintreports.ui.components.secrets import secret_form
from sprintreports.ui.links import identifier
from sprintreports.ui.pages.connections import rows
from sprintreports.ui.pages.connections.rows import BOT, CLOUD, DATA_CENTER, EMAIL, KINDS, TEAMS, WEBHOOK
from sprintreports.ui.pages.connections.state import Connections
from sprintreports.ui.planning.parts import complaint, field, side_panel
from sprintreports.ui.session import acts, visit

_REST = "/api/v1/connections"
_SECURITY = (
    (Security.STARTTLS, "STARTTLS (usually port 587)"),
    (Security.TLS, "TLS (usually port 465)"),
    (Security.NONE, "None: a mail server on this very machine"),
)
_STAYS = "One is stored. Leave this empty to keep it; another address needs it again."
_SEALED = "Stored encrypted, and never shown again."


class ConnectionEditor(rx.State):
    """Which form is shown and what it starts with. What is typed stays in the browser until it is sent."""

    is_open: bool = False
    id: str = ""
    title: str = ""
    kind: str = CLOUD
    to: str = _REST
    method: str = "POST"
    has_secret: bool = False
    values: dict[str, str] = rows.USUAL
    complaint: str = ""

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def begin(self) -> None:
        self.reset()
        self.title = "A new connection"
        self.is_open = True

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def choose(self, kind: str) -> None:
        self.kind = kind if kind in KINDS else CLOUD

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def edit(self, connection: str) -> None:
        here = visit()
        found = await connections.one(here.session, here.viewer, identifier(connection) or 0)
        self.reset()
        self.id, self.title, self.has_secret = str(found.id), f"Change “{found.name}”", found.has_secret
        self.kind, self.values = rows.kind_of(found), rows.form_values(found)
        self.to, self.method = f"{_REST}/{found.id}", "PATCH"
        self.is_open = True

    @rx.event
    @acts(Permission.SETTINGS_READ)
    async def close(self) -> None:
        self.reset()

    @rx.event
    @acts(Permission.SETTINGS_READ)
    async def kept(self) -> Any:
        """The REST interface has taken it."""
        self.reset()
        page = await self.get_state(Connections)
        await page._read()  # noqa: SLF001  # what begins without _ is a handler
        return telling.good("Kept. Test it next.")


def new_button(text: str = "New connection") -> rx.Component:
    return rx.el.button(text, type="button", class_name="button primary", on_click=ConnectionEditor.begin)


def editor() -> rx.Component:
    return side_panel(
        ConnectionEditor.title,
        "Whoever may write reports on a board sends them by it.",
        complaint(ConnectionEditor.complaint),
        # Closed, it is not there: opened again, it is empty.
        rx.cond(ConnectionEditor.is_open, _form()),
        is_open=ConnectionEditor.is_open,
        on_close=ConnectionEditor.close,
        label="Set a connection up",
    )


def _form() -> rx.Component:
    return rx.el.div(
        rx.cond(ConnectionEditor.id == "", _kind()),
        secret_form(
            _text("Name", "name", "As people see it when they choose where a report goes.", max_length=LONGEST_NAME),
            # Each kind has fields of its own: nothing that was typed for one, such as a secret, is sent for another.
            rx.el.div(_of_kind(), key=ConnectionEditor.kind, class_name="stack"),
            to=ConnectionEditor.to,
            method=ConnectionEditor.method,
            label="Keep",
            shown="",
            sentence="Kept. Test it next.",
            on_done=ConnectionEditor.kept,
        ),
        class_name="stack",
    )  # fmt: skip


def _of_kind() -> rx.Component:
    return rx.match(
        ConnectionEditor.kind,
        (DATA_CENTER, _data_center()),
        (WEBHOOK, _webhook()),
        (BOT, _bot()),
        (TEAMS, _teams()),
        (EMAIL, _email()),
        _cloud(),
    )


def _kind() -> rx.Component:
    return field(
        "Service",
        "c-kind",
        rx.el.select(
            *[rx.el.option(text, value=value) for value, text in KINDS.items()],
            id="c-kind",
            name="kind",
            value=ConnectionEditor.kind,
            on_change=ConnectionEditor.choose,
        ),
    )


def _cloud() -> rx.Component:
    return rx.fragment(
        _fixed("kind", "confluence"),
        _fixed("dialect", "cloud"),
        _text("Address", "settings.base_url", "Such as https://example.atlassian.net.", type="url"),
        _text("E-mail address of the account", "settings.account", "It needs the right to add pages and attachments in the space."),
        _secret("API token"),
    )  # fmt: skip


def _data_center() -> rx.Component:
    return rx.fragment(
        _fixed("kind", "confluence"),
        _fixed("dialect", "datacenter"),
        _text("Address", "settings.base_url", "With its context path if it has one, such as https://wiki.example.org.", type="url"),
        _text("Account", "settings.account", "Empty with a personal access token; a name with its password.", required=False),
        _secret("Personal access token or password"),
    )  # fmt: skip


def _webhook() -> rx.Component:
    return rx.fragment(
        _fixed("kind", "slack"),
        _fixed("by", "webhook"),
        _secret("Address of the incoming webhook", "It posts text and tables into one channel. "),
    )


def _bot() -> rx.Component:
    return rx.fragment(
        _fixed("kind", "slack"),
        _fixed("by", "bot"),
        _text("Channel", "settings.channel", "Where it writes unless a delivery says otherwise, such as #delivery. Invite the bot there.", required=False),
        _secret("Token (xoxb-…)", "With the scopes chat:write and files:write. "),
        _kept("settings.api"),
    )  # fmt: skip


def _teams() -> rx.Component:
    return rx.fragment(
        _fixed("kind", "teams"),
        _secret(
            "Address of the workflow's webhook",
            "Make a workflow with the trigger “When a Teams webhook request is received” that posts a card. ",
        ),
    )


def _email() -> rx.Component:
    return rx.fragment(
        _fixed("kind", "email"),
        _text("Server", "settings.host", "Such as smtp.example.org."),
        _text("Port", "settings.port", type="number", min=1, max=65535, custom_attrs={"data-as": "number"}),
        field(
            "Security",
            "c-security",
            rx.el.select(
                *[rx.el.option(text, value=one.value) for one, text in _SECURITY],
                id="c-security",
                name="settings.security",
                default_value=ConnectionEditor.values["security"],
            ),
        ),
        _text("Sender", "settings.sender", "The address that mails come from.", type="email"),
        _text("Name of the sender", "settings.sender_name", required=False),
        _text("Answers go to", "settings.reply_to", "Empty: to the sender.", required=False),
        _text("Account", "settings.account", "Empty where the server asks for none.", required=False),
        _secret("Password", required=False),
    )


def _text(
    label: str, name: str, help_text: Child = "", *, required: bool = True, **props: Any
) -> rx.Component:
    own = name.rpartition(".")[2]
    control = rx.el.input(
        **{
            "id": f"c-{own}",
            "name": name,
            "type": "text",
            "required": required,
            "max_length": 1_000,
            "auto_complete": "off",
            "spell_check": False,
            "default_value": ConnectionEditor.values[own],
        }
        | props
    )
    return field(label, f"c-{own}", control, help_text)


def _secret(label: str, told: str = "", *, required: bool = True) -> rx.Component:
    control = rx.el.input(
        id="c-secret",
        name="secret",
        type="password",
        required=(~ConnectionEditor.has_secret) if required else False,
        max_length=LONGEST_SECRET,
        auto_complete="off",
        custom_attrs={"data-as": "optional"},
    )
    help_text = rx.fragment(told, rx.cond(ConnectionEditor.has_secret, _STAYS, _SEALED))
    return field(label, "c-secret", control, help_text)


def _fixed(name: str, value: str) -> rx.Component:
    """What the kind itself says."""
    return rx.el.input(type="hidden", name=f"settings.{name}", default_value=value)


def _kept(name: str) -> rx.Component:
    """What the form does not ask for, and a change must not lose."""
    return rx.el.input(
        type="hidden", name=name, default_value=ConnectionEditor.values[name.rpartition(".")[2]]
    )
