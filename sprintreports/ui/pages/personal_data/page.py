"""People in Jira: what is stored about them, and erasure that leaves every number as it is."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import (
    by_status,
    chip,
    facts,
    loading,
    notice,
    server_link,
    skeleton,
)
from sprintreports.ui.components.tables import pager, search_box
from sprintreports.ui.layout import frame, page_head
from sprintreports.ui.pages.personal_data.state import PersonalData
from sprintreports.ui.status import READY


def page() -> rx.Component:
    return frame(
        page_head(
            "Personal data",
            "Whom the connected Jiras name, and what is stored about them. Accounts are on the page of users.",
            rx.cond(
                PersonalData.status == READY,
                search_box("Search people in Jira", value=PersonalData.search, on_search=PersonalData.find),
            ),
        ),
        by_status(
            PersonalData, ready=_ready(), blank=rx.fragment(), waiting=loading(skeleton(height="320px"))
        ),
        page="/personal-data",
    )


def _ready() -> rx.Component:
    return rx.el.div(
        rx.cond(PersonalData.chosen.id != "", _question()),
        rx.el.section(
            rx.cond(
                PersonalData.lines.length() > 0,
                rx.fragment(_table(), pager(PersonalData.pager)),
                rx.el.p(PersonalData.nothing, class_name="panel-body quiet"),
            ),
            class_name="panel",
            id="people",
        ),
        _retention(),
        class_name="stack",
    )


def _question() -> rx.Component:
    return notice(
        rx.el.p(
            rx.el.strong("Erase ", PersonalData.chosen.name, " for good?"),
            " An alias takes the place of name and account, in the tables and in what is stored as Jira sent it, now and "
            "after every sync. All numbers stay. What people wrote into summaries stays as it is, and so do backups.",
        ),
        rx.cond(PersonalData.complaint != "", rx.el.p(PersonalData.complaint, role="alert")),
        rx.el.div(
            rx.el.button(
                "Erase", type="button", class_name="button small danger", on_click=PersonalData.erase
            ),
            rx.el.button("Leave it", type="button", class_name="button small", on_click=PersonalData.let_be),
            class_name="row",
        ),
        tone="warn",
    )


def _table() -> rx.Component:
    return rx.el.div(
        rx.el.table(
            rx.el.caption("People in Jira, by name", class_name="hidden-text"),
            rx.el.thead(
                rx.el.tr(
                    rx.el.th("Name", scope="col"),
                    rx.el.th("Site", scope="col"),
                    rx.el.th("Account in Jira", scope="col"),
                    rx.el.th(rx.el.span("Action", class_name="hidden-text"), scope="col"),
                )
            ),
            rx.el.tbody(rx.foreach(PersonalData.lines, _line)),
        ),
        class_name="table-wrap",
        tab_index=0,
        role="region",
        custom_attrs={"aria-label": "People in Jira"},
    )


def _line(row: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(row.name, rx.cond(row.state != "", rx.fragment(" ", chip(row.state)))),
        rx.el.td(row.site),
        rx.el.td(rx.el.code(row.account, class_name="wrap-anywhere")),
        rx.el.td(
            rx.cond(
                row.erased,
                rx.fragment(),
                rx.el.div(
                    server_link(
                        "Download", href=row.download, class_name="button small",
                        custom_attrs={"download": "personal-data.json", "aria-label": "Download what is stored about " + row.name},
                    ),
                    rx.el.button(
                        "Erase", type="button", class_name="button small danger", on_click=PersonalData.choose(row.id),
                        custom_attrs={"aria-label": "Erase " + row.name},
                    ),
                    class_name="row",
                ),
            )
        ),
    )  # fmt: skip


def _retention() -> rx.Component:
    return rx.el.section(
        rx.el.header(rx.el.h2("How long things are kept"), class_name="panel-head"),
        rx.el.div(
            facts(
                ("Audit log", PersonalData.audit_days),
                ("Webhook deliveries", "14 days"),
                ("Sessions", "until they end"),
                ("What Jira sent", "until the site is removed"),
            ),
            class_name="panel-body",
        ),
        class_name="panel",
    )
