"""Everybody who has an account: a list to search, and for admins an invitation and a panel for each."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import by_status, chip, loading, notice, skeleton
from sprintreports.ui.components.live import drawer
from sprintreports.ui.components.once import one_time_link
from sprintreports.ui.components.tables import head, pager, search_box
from sprintreports.ui.layout import frame, page_head
from sprintreports.ui.pages.users.editing import UserPanel
from sprintreports.ui.pages.users.panel import close_button, field, panel
from sprintreports.ui.pages.users.state import ROLE_FILTERS, STATE_FILTERS, Users
from sprintreports.ui.roles import EXPLAINED

_COLUMNS = (
    ("name", "Name", ""),
    ("email", "E-mail address", ""),
    ("role", "Role", ""),
    ("last_sign_in", "Last signed in", ""),
)


def page() -> rx.Component:
    return frame(
        page_head("Users", "Who has an account, and what each of them may do.", _invite_button()),
        by_status(Users, ready=_ready(), blank=rx.fragment(), waiting=loading(skeleton(height="320px"))),
        page="/users",
    )


def _invite_button() -> rx.Component:
    return rx.cond(
        Users.may_change,
        rx.el.button(
            rx.icon("user-plus", size=16),
            "Invite somebody",
            type="button",
            class_name="button primary",
            on_click=Users.begin_invitation,
        ),
    )


def _ready() -> rx.Component:
    return rx.el.div(
        rx.el.section(
            rx.el.header(
                rx.el.div(
                    rx.el.h2("Accounts"), rx.el.p(Users.reading, class_name="reading"), class_name="grow"
                ),
                _filters(),
                class_name="panel-head",
            ),
            rx.el.div(
                rx.el.table(
                    rx.el.caption("Accounts", class_name="hidden-text"),
                    head(_COLUMNS, sort=Users.sort, descending=Users.descending, links=Users.sort_links),
                    rx.el.tbody(rx.foreach(Users.lines, _line)),
                ),
                class_name="table-wrap",
            ),
            rx.cond(Users.nothing != "", rx.el.p(Users.nothing, class_name="panel-body quiet")),
            pager(Users.pager),
            class_name="panel",
            id="users",
        ),
        rx.cond(Users.may_change, rx.fragment(_invitation(), panel())),
        class_name="stack",
    )


def _filters() -> rx.Component:
    return rx.el.div(
        search_box("Search users", value=Users.search, on_search=Users.find),
        _filter("role", "Role", "All roles", ROLE_FILTERS, value=Users.role, on_change=Users.pick_role),
        _filter("state", "State", "All states", STATE_FILTERS, value=Users.state, on_change=Users.pick_state),
        class_name="filters row",
    )


def _filter(
    name: str,
    label: str,
    everything: str,
    options: tuple[tuple[str, str], ...],
    *,
    value: Any,
    on_change: Any,
) -> rx.Component:
    return rx.el.select(
        rx.el.option(everything, value=""),
        *[rx.el.option(text, value=one) for one, text in options],
        name=name,
        value=value,
        on_change=on_change,
        custom_attrs={"aria-label": label},
    )


def _line(line: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            rx.cond(
                Users.may_change,
                rx.el.button(
                    line.name, type="button", class_name="link-button", on_click=UserPanel.show(line.id)
                ),
                line.name,
            ),
            " ",
            rx.cond(line.state != "Active", chip(line.state, line.tone)),
            class_name="t",
        ),
        rx.el.td(line.email),
        rx.el.td(line.role, rx.cond(line.where != "", rx.el.div(line.where, class_name="fine"))),
        rx.el.td(line.last_here, class_name="quiet num"),
        key=line.id,
    )


def _invitation() -> rx.Component:
    return drawer(
        rx.el.div(
            rx.el.header(
                rx.el.div(
                    rx.el.h2("Invite somebody"),
                    rx.el.p("They get a link from you and choose their own password.", class_name="reading"),
                ),
                close_button(Users.end_invitation),
                class_name="drawer-head",
            ),
            rx.cond(
                Users.invited != "",
                rx.el.div(
                    notice(rx.el.p("The account of ", Users.invited, " is made."), tone="good"),
                    rx.cond(
                        Users.link_at != "",
                        one_time_link(
                            to=Users.link_at, label="Make the invitation link", owner=Users.invited
                        ),
                    ),
                    class_name="stack",
                ),
                _form(),
            ),
            class_name="drawer-body",
        ),
        open=Users.inviting,
        label="Invite somebody",
        on_close=Users.end_invitation,
    )


def _form() -> rx.Component:
    return rx.el.form(
        field("E-mail address", "email", kind="email"),
        field("Name", "name", required=False),
        rx.el.div(
            rx.el.label("Role", html_for="invite-role"),
            rx.el.select(
                rx.foreach(Users.roles, lambda one: rx.el.option(one.label, value=one.value)),
                id="invite-role",
                name="role",
                default_value="viewer",
            ),
            rx.el.span(
                "Each role can do what those before it can. It can be limited to boards or teams afterwards.",
                class_name="help",
            ),
            rx.el.ul(
                *[rx.el.li(rx.el.b(one.label), f": {told}") for one, told in EXPLAINED.items()],
                class_name="help",
            ),
            class_name="field",
        ),
        rx.el.details(
            rx.el.summary("Choose a password for them"),
            field("Password", "password", kind="password", required=False, autocomplete="new-password"),
        ),
        rx.cond(Users.complaint != "", notice(Users.complaint, tone="bad")),
        rx.el.div(
            rx.el.button("Make the account", type="submit", class_name="button primary"), class_name="row"
        ),
        on_submit=Users.invite,
        class_name="stack",
    )
