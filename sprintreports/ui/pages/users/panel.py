"""The panel with one account: for admins."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import chip, notice
from sprintreports.ui.components.live import drawer
from sprintreports.ui.components.once import one_time_link
from sprintreports.ui.erasing import account_data
from sprintreports.ui.pages.users.editing import UserPanel
from sprintreports.ui.pages.users.rows import LIMITABLE
from sprintreports.ui.pages.users.state import Users


def panel() -> rx.Component:
    return drawer(
        rx.el.div(
            rx.el.header(
                rx.el.div(
                    rx.el.h2(UserPanel.name),
                    rx.el.p(chip(UserPanel.state, UserPanel.tone), " ", UserPanel.seen, class_name="reading"),
                ),
                close_button(UserPanel.close),
                class_name="drawer-head",
            ),
            rx.cond(UserPanel.complaint != "", notice(UserPanel.complaint, tone="bad")),
            rx.cond(UserPanel.why_not != "", notice(UserPanel.why_not, tone="info")),
            rx.cond(UserPanel.may_edit, rx.fragment(_about(), _jira())),
            _roles(),
            rx.cond(UserPanel.may_steer, _steering()),
            rx.cond(
                UserPanel.may_steer,
                account_data(UserPanel.id, UserPanel.name, on_erase=UserPanel.erase),
            ),
            class_name="drawer-body",
        ),
        open=UserPanel.is_open & (UserPanel.opened_at == Users.opened),
        label=UserPanel.name,
        on_close=UserPanel.close,
    )


def close_button(on_click: Any) -> rx.Component:
    return rx.el.button(
        rx.icon("x", size=18),
        type="button",
        class_name="icon-button",
        on_click=on_click,
        custom_attrs={"aria-label": "Close"},
    )


def field(
    label: str, name: str, *, kind: str = "text", required: bool = True, autocomplete: str = "off"
) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=f"user-{name}"),
        rx.el.input(
            id=f"user-{name}",
            name=name,
            type=kind,
            required=required,
            max_length=255,
            auto_complete=autocomplete,
        ),
        class_name="field",
    )


def _about() -> rx.Component:
    return rx.el.form(
        _field("Name", "name", UserPanel.name),
        _field("E-mail address", "email", UserPanel.email, kind="email"),
        _field("User name", "username", UserPanel.username),
        rx.el.div(rx.el.button("Save", type="submit", class_name="button"), class_name="row"),
        on_submit=UserPanel.keep_account,
        class_name="stack tight",
    )


def _field(label: str, name: str, value: Any, *, kind: str = "text") -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=f"edit-{name}"),
        rx.el.input(
            id=f"edit-{name}",
            name=name,
            type=kind,
            default_value=value,
            key=value,
            required=True,
            max_length=255,
        ),
        class_name="field",
    )


def _jira() -> rx.Component:
    return rx.el.section(
        rx.el.h3("In Jira"),
        rx.cond(
            UserPanel.jira != "",
            rx.el.p(
                "Linked to the account ", rx.el.code(UserPanel.jira, class_name="wrap-anywhere"), ". ",
                _button("Unlink", UserPanel.link_person("")),
            ),
            rx.el.p("Not linked to anybody in Jira.", class_name="quiet"),
        ),
        rx.el.input(
            type="search",
            placeholder="Find somebody in Jira by name",
            on_change=UserPanel.find_people.debounce(350),
            key=UserPanel.id + UserPanel.jira,
            max_length=200,
            custom_attrs={"aria-label": "Find somebody in Jira by name"},
        ),
        rx.foreach(
            UserPanel.people,
            lambda one: rx.el.p(one.label, " ", _button("Link", UserPanel.link_person(one.value)), class_name="row spread"),
        ),
        rx.cond(
            (UserPanel.people_searched != "") & (UserPanel.people.length() == 0),
            rx.el.p("Nobody in Jira has a name like this.", class_name="quiet"),
        ),
        class_name="stack tight",
    )  # fmt: skip


def _roles() -> rx.Component:
    return rx.el.section(
        rx.el.h3("Roles"),
        rx.cond(
            UserPanel.may_steer,
            rx.el.form(
                rx.el.label("Everywhere", html_for="everywhere"),
                rx.el.select(
                    rx.el.option("None: only the limited roles below", value=""),
                    rx.foreach(Users.roles, lambda one: rx.el.option(one.label, value=one.value)),
                    id="everywhere",
                    name="everywhere",
                    default_value=UserPanel.everywhere,
                    key=UserPanel.id + UserPanel.everywhere,
                ),
                rx.el.button("Save the role", type="submit", class_name="button"),
                on_submit=UserPanel.give_everywhere,
                class_name="row",
            ),
            rx.el.p(UserPanel.role_reading),
        ),
        rx.foreach(UserPanel.grants, _grant),
        rx.cond(UserPanel.may_steer, _add_limited()),
        class_name="stack tight",
    )


def _grant(line: Any) -> rx.Component:
    return rx.el.div(
        rx.el.span(line.text, rx.cond(line.source != "", rx.el.span(" ", line.source, class_name="fine"))),
        rx.cond(line.removable & UserPanel.may_steer, _button("Take away", UserPanel.take_limited(line.key))),
        class_name="row spread",
    )


def _add_limited() -> rx.Component:
    return rx.el.details(
        rx.el.summary("Add a limited role"),
        rx.el.form(
            rx.el.div(
                rx.el.label("Role", html_for="limited-role"),
                rx.el.select(
                    *[rx.el.option(text, value=value) for value, text in LIMITABLE], id="limited-role", name="role"
                ),
                class_name="field",
            ),
            rx.cond(UserPanel.boards.length() > 0, _ticks("On these boards (none ticked: on all)", UserPanel.boards)),
            rx.cond(UserPanel.teams.length() > 0, _ticks("For these teams (none ticked: for all)", UserPanel.teams)),
            rx.el.p(
                "Boards are shown whole. Teams are shown as their part of every number.", class_name="help fine"
            ),
            rx.el.div(rx.el.button("Add the role", type="submit", class_name="button"), class_name="row"),
            on_submit=UserPanel.add_limited,
            key=UserPanel.grants.length(),
            class_name="stack tight",
        ),
    )  # fmt: skip


def _ticks(label: str, options: Any) -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(label, class_name="label"),
        rx.el.div(
            rx.foreach(
                options,
                lambda one: rx.el.div(
                    rx.el.input(type="checkbox", id=one.value, name=one.value),
                    rx.el.label(one.label, html_for=one.value, class_name="grow"),
                    class_name="choice",
                ),
            ),
            class_name="ticks",
        ),
        class_name="plain stack tight",
    )


def _steering() -> rx.Component:
    return rx.el.section(
        rx.el.h3("Sign-in"),
        rx.cond(
            UserPanel.link_at != "",
            one_time_link(to=UserPanel.link_at, label=UserPanel.link_label, owner=UserPanel.name),
        ),
        rx.el.div(
            _button("Sign out everywhere", UserPanel.sign_out),
            rx.cond(
                UserPanel.has_second_factor,
                _button("Take the second factor away", UserPanel.take_second_factor),
            ),
            rx.cond(
                UserPanel.is_active,
                _button("Deactivate", UserPanel.set_active(False)),
                _button("Reactivate", UserPanel.set_active(True)),
            ),
            rx.el.button(
                "Delete",
                type="button",
                class_name="button small danger",
                custom_attrs={"popoverTarget": "delete-user"},
            ),
            class_name="row",
        ),
        rx.el.div(
            rx.el.h3("Delete this account?"),
            rx.el.p("Its roles, sessions and keys end for good. What its owner made stays."),
            rx.el.p(
                rx.el.button(
                    "Delete the account",
                    type="button",
                    class_name="button danger",
                    on_click=UserPanel.delete,
                    custom_attrs={"popoverTarget": "delete-user", "popoverTargetAction": "hide"},
                )
            ),
            id="delete-user",
            class_name="pop right",
            custom_attrs={"popover": "auto"},
        ),
        class_name="stack tight",
    )


def _button(text: str, on_click: Any) -> rx.Component:
    return rx.el.button(text, type="button", class_name="button small", on_click=on_click)
