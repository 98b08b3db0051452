"""Address and credentials of a Jira: entered, tested with a diagnosis, stored. The secret never comes back."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira import sites
from sprintreports.jira.client import Auth
from sprintreports.jira.diagnosis import Diagnosis
from sprintreports.ui.components.basics import notice
from sprintreports.ui.links import local_path
from sprintreports.ui.session import acts, loads, visit

KINDS = (
    ("cloud", "Jira Cloud: e-mail address and API token"),
    ("token", "Data Center or Server: personal access token"),
    ("password", "Data Center or Server: user name and password"),
)
AUTH = {"cloud": Auth.BASIC, "token": Auth.BEARER, "password": Auth.BASIC}


@dataclass
class CheckLine:
    """One step of the diagnosis."""

    ok: bool
    message: str
    warning: bool = False


class ConnectionForm(rx.State):
    """The form's outcome. What was typed stays in the browser."""

    kind: str = "cloud"
    complaint: str = ""
    checks: list[CheckLine] = []

    @rx.event
    @loads(Permission.SETTINGS_WRITE)
    async def load(self) -> None:
        """An empty form says nothing of an earlier try."""
        self.complaint, self.checks = "", []

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def choose_kind(self, kind: str) -> None:
        self.kind = kind if kind in AUTH else "cloud"

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def submit(self, form: dict[str, Any]) -> Any:
        """Test the connection; store it only when it works. `then`: where to go with the new site's id."""
        self.complaint, self.checks = "", []
        here = visit()
        connection = sites.Connection(
            base_url=form_text(form, "base_url"),
            auth=AUTH[self.kind],
            account=form_text(form, "account") if self.kind != "token" else "",
            secret=form_text(form, "secret"),
        )
        diagnosis = await sites.test_connection(here.viewer, connection)
        self._show(diagnosis)
        if not diagnosis.ok:
            self.complaint = "Not connected. Correct what is marked above, then test again."
            return None
        site_id = await sites.create(here.session, here.viewer, connection, name=form_text(form, "name"))
        return rx.redirect(local_path(form_text(form, "then").replace("{site}", str(site_id))))

    def _show(self, diagnosis: Diagnosis) -> None:
        self.checks = check_lines(diagnosis)


def connection_form(*, then: str) -> rx.Component:
    """The form. `then` is where to go afterwards; `{site}` in it becomes the new site's id."""
    return rx.el.form(
        rx.el.div(
            labelled(
                "Address of your Jira", "base_url", placeholder="https://your-company.atlassian.net",
                help_text="As it stands in the browser when you use Jira.", auto_complete="url",
            ),
            labelled(
                "Name in Sprint Reports (optional)", "name", required=False,
                help_text="Left empty, it is the name that Jira has given itself.",
            ),
            class_name="form-grid",
        ),
        rx.el.div(
            rx.el.label("How to sign in there", html_for="kind"),
            rx.el.select(
                *[rx.el.option(text, value=value) for value, text in KINDS],
                id="kind", name="kind", value=ConnectionForm.kind, on_change=ConnectionForm.choose_kind,
            ),
            class_name="field",
        ),
        rx.el.div(
            rx.cond(
                ConnectionForm.kind != "token",
                labelled(
                    rx.cond(ConnectionForm.kind == "cloud", "E-mail address of the account", "User name"), "account",
                    auto_complete="off",
                ),
            ),
            labelled(
                rx.match(
                    ConnectionForm.kind, ("cloud", "API token"), ("token", "Personal access token"), "Password"
                ),
                "secret", kind="password", auto_complete="off",
                help_text="Stored encrypted. It only reads; this product never writes to Jira issues.",
            ),
            class_name="form-grid",
        ),
        rx.el.input(type="hidden", name="then", value=then, read_only=True),
        check_list(ConnectionForm.checks),
        rx.cond(ConnectionForm.complaint != "", notice(ConnectionForm.complaint, tone="bad")),
        rx.el.div(rx.el.button("Test and connect", type="submit", class_name="button primary"), class_name="row"),
        on_submit=ConnectionForm.submit,
        class_name="stack",
    )  # fmt: skip


def check_lines(diagnosis: Diagnosis) -> list[CheckLine]:
    """The steps of a diagnosis, as they are shown."""
    return [CheckLine(check.ok, check.message, check.warning) for check in diagnosis.checks]


def check_list(checks: Any) -> rx.Component:
    """What a test found, step by step."""
    return rx.cond(
        checks.length() > 0,
        rx.el.ul(rx.foreach(checks, _check), class_name="stack tight", custom_attrs={"aria-label": "Test"}),
    )


def _check(check: Any) -> rx.Component:
    return rx.el.li(
        rx.cond(
            check.ok,
            rx.cond(
                check.warning,
                rx.icon("triangle-alert", size=16, color="var(--warn)"),
                rx.icon("circle-check", size=16, color="var(--good)"),
            ),
            rx.icon("circle-alert", size=16, color="var(--bad)"),
        ),
        rx.el.span(
            rx.cond(check.ok, rx.cond(check.warning, "Look at this: ", "Fine: "), "Failed: "),
            class_name="hidden-text",
        ),
        rx.el.span(check.message, class_name="grow"),
        class_name="row top",
    )


def labelled(
    label: Any, name: str, *, kind: str = "text", placeholder: str = "", help_text: str = "", required: bool = True,
    auto_complete: str = "off", value: Any = "",
) -> rx.Component:  # fmt: skip
    """An input with its label and help, whose value the browser keeps."""
    return rx.el.div(
        rx.el.label(label, html_for=f"c-{name}"),
        rx.el.input(
            id=f"c-{name}", name=name, type=kind, placeholder=placeholder, required=required, max_length=500,
            auto_complete=auto_complete, spell_check=False, default_value=value, key=value,
        ),
        rx.el.span(help_text, class_name="help") if help_text else rx.fragment(),
        class_name="field",
    )  # fmt: skip


def form_text(form: dict[str, Any], name: str) -> str:
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""
