"""Somebody's own page: about them, their security, their API keys, what they are told."""

import reflex as rx

from sprintreports.ui.components.basics import by_status, loading, segments, skeleton
from sprintreports.ui.components.live import titled
from sprintreports.ui.layout import frame, page_head
from sprintreports.ui.pages.profile.state import TABS, ProfilePage
from sprintreports.ui.profile import about, keys, notices, security


def page() -> rx.Component:
    return frame(
        by_status(
            ProfilePage, ready=_ready(), blank=rx.fragment(), waiting=loading(skeleton(height="320px"))
        ),
        page="/profile",
    )


def _ready() -> rx.Component:
    return rx.el.div(
        titled("Your profile"),
        page_head(
            "Your profile",
            "What Sprint Reports knows of you, and how you sign in.",
            segments(TABS, chosen=ProfilePage.tab, links=ProfilePage.tab_links, label="Part of the profile"),
        ),
        rx.el.section(
            rx.match(
                ProfilePage.tab,
                ("security", security.panel()),
                ("keys", keys.panel()),
                ("notices", notices.panel()),
                about.panel(),
            ),
            class_name="panel padded stack",
        ),
        class_name="stack",
    )
