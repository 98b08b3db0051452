"""A connected site: its name, address and credentials changed, tested, or forgotten."""

from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira import sites
from sprintreports.jira.client import Auth
from sprintreports.jira.reads import sites as site_reads
from sprintreports.ui import telling
from sprintreports.ui.components.basics import failure, loading, notice, skeleton
from sprintreports.ui.connecting.connection import (
    AUTH,
    KINDS,
    CheckLine,
    check_lines,
    check_list,
    form_text,
    labelled,
)
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import READY, PageState


class SiteForm(PageState, rx.State):
    """The site that the address names. Its secret is never read back."""

    complaint: str = ""
    checks: list[CheckLine] = []
    name: str = ""
    base_url: str = ""
    account: str = ""
    kind: str = "cloud"

    @rx.event
    @loads(Permission.SETTINGS_READ)
    async def load(self) -> None:
        here = visit()
        row = await site_reads.one(here.session, here.viewer, self._site())
        self.complaint, self.checks = "", []
        self.name, self.base_url, self.account = row.name, row.base_url, row.account
        self.kind = "token" if row.auth == Auth.BEARER else "cloud" if row.dialect == "cloud" else "password"
        if row.auth == Auth.OAUTH:
            self.kind = "oauth"
        self._settle(READY)

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def choose_kind(self, kind: str) -> None:
        self.kind = kind if kind in AUTH else "cloud"

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def save(self, form: dict[str, Any]) -> Any:
        """Test the changed connection and keep it when it works. An empty secret keeps the stored one."""
        here = visit()
        self.complaint, self.checks = "", []
        name = form_text(form, "name")
        if self.kind == "oauth":
            await sites.change(here.session, here.viewer, self._site(), name=name, now=here.now)
            self.name = name
            return telling.good("The name is kept.")
        connection = sites.Connection(
            base_url=form_text(form, "base_url"),
            auth=AUTH[self.kind],
            account=form_text(form, "account") if self.kind != "token" else "",
            secret=form_text(form, "secret"),
        )
        await sites.change(
            here.session, here.viewer, self._site(), name=name, connection=connection, now=here.now
        )
        self.name, self.base_url, self.account = name, connection.base_url, connection.account
        return telling.good("The connection works and is kept.")

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def test(self) -> None:
        """Diagnose the stored connection."""
        here = visit()
        self.complaint = ""
        diagnosis = await sites.test(here.session, here.viewer, self._site(), now=here.now)
        self.checks = check_lines(diagnosis)

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def forget(self) -> Any:
        """Disconnect: the secret is deleted at once."""
        here = visit()
        await sites.delete(here.session, here.viewer, self._site(), now=here.now)
        return rx.redirect("/sites", replace=True)


def site_panel() -> rx.Component:
    return rx.match(
        SiteForm.status,
        ("ready", _form()),
        ("failed", failure(SiteForm.problem, SiteForm.problem_id, retry=SiteForm.load)),
        loading(skeleton(height="260px")),
    )


def _form() -> rx.Component:
    return rx.el.form(
        rx.el.div(
            labelled("Name in Sprint Reports", "name", value=SiteForm.name),
            rx.cond(SiteForm.kind != "oauth", labelled("Address", "base_url", value=SiteForm.base_url)),
            class_name="form-grid",
        ),
        rx.el.div(
            rx.el.label("How to sign in there", html_for="kind"),
            rx.el.select(
                *[rx.el.option(text, value=value) for value, text in KINDS],
                rx.cond(SiteForm.kind == "oauth", rx.el.option("Sign in with Atlassian (below)", value="oauth")),
                id="kind", name="kind", value=SiteForm.kind, on_change=SiteForm.choose_kind,
            ),
            class_name="field",
        ),
        rx.cond(SiteForm.kind != "oauth", _credentials()),
        check_list(SiteForm.checks),
        rx.cond(SiteForm.complaint != "", notice(SiteForm.complaint, tone="bad")),
        rx.el.div(
            rx.el.button(rx.cond(SiteForm.kind == "oauth", "Save the name", "Test and save"), type="submit", class_name="button primary"),
            rx.el.button("Test the stored connection", type="button", on_click=SiteForm.test, class_name="button"),
            _forget(),
            class_name="row",
        ),
        on_submit=SiteForm.save,
        class_name="stack",
    )  # fmt: skip


def _credentials() -> rx.Component:
    return rx.el.div(
        rx.cond(SiteForm.kind != "token", labelled("E-mail address or user name", "account", value=SiteForm.account)),
        labelled(
            "Token or password", "secret", kind="password", required=False,
            help_text="Leave it empty to keep the stored one.",
        ),
        class_name="form-grid",
    )  # fmt: skip


def _forget() -> rx.Component:
    return rx.fragment(
        rx.el.button(
            "Disconnect",
            type="button",
            class_name="button danger",
            custom_attrs={"popoverTarget": "forget-site"},
        ),
        rx.el.div(
            rx.el.h3("Disconnect this Jira?"),
            rx.el.p(
                "Its token is deleted and nothing is synced any more. Its reports disappear from the lists."
            ),
            rx.el.p(
                rx.el.button(
                    "Disconnect", type="button", on_click=SiteForm.forget, class_name="button danger"
                )
            ),
            id="forget-site",
            class_name="pop right",
            custom_attrs={"popover": "auto"},
        ),
    )
