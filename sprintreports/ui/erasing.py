"""What is stored about an account: downloaded, and erased after a question. A part of the page of users."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import server_link


def account_data(user_id: Any, name: Any, *, on_erase: Any) -> rx.Component:
    """A link to all that is stored about an account, and its erasure."""
    return rx.el.section(
        rx.el.h3("Personal data"),
        rx.el.div(
            server_link(
                "Download what is stored",
                href="/api/v1/users/" + user_id + "/personal-data",
                class_name="button small",
                custom_attrs={"download": "personal-data.json"},
            ),
            rx.el.button(
                "Erase",
                type="button",
                class_name="button small danger",
                custom_attrs={"popoverTarget": "erase-user"},
            ),
            class_name="row",
        ),
        rx.el.div(
            rx.el.h3("Erase ", name, " for good?"),
            rx.el.p(
                "The account is deleted, and a number takes the place of name and address. What was done stays in the "
                "audit log, by that number."
            ),
            rx.el.p(
                rx.el.button(
                    "Erase the account",
                    type="button",
                    class_name="button danger",
                    on_click=on_erase,
                    custom_attrs={"popoverTarget": "erase-user", "popoverTargetAction": "hide"},
                )
            ),
            id="erase-user",
            class_name="pop right",
            custom_attrs={"popover": "auto"},
        ),
        class_name="stack tight",
    )
