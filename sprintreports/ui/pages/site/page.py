"""One Jira: its sync, its boards, its fields, its connection, its issues that are gone."""

import reflex as rx

from sprintreports.ui.components.basics import by_status, link, loading, outside, segments, skeleton
from sprintreports.ui.components.live import titled
from sprintreports.ui.connecting.atlassian import atlassian_site_panel
from sprintreports.ui.connecting.board_settings import board_settings_panel
from sprintreports.ui.connecting.boards import boards_panel
from sprintreports.ui.connecting.field_parts import fields_panel
from sprintreports.ui.connecting.gone import TAB, gone_panel
from sprintreports.ui.connecting.reconnecting import site_panel
from sprintreports.ui.connecting.syncing import sync_panel
from sprintreports.ui.layout import frame, page_head
from sprintreports.ui.pages.site.state import TABS, SitePage


def page() -> rx.Component:
    return frame(
        by_status(SitePage, ready=_ready(), blank=rx.fragment(), waiting=loading(skeleton(height="320px"))),
        page="/sites",
    )


def _ready() -> rx.Component:
    return rx.el.div(
        titled(SitePage.name),
        page_head(
            SitePage.name,
            outside(SitePage.url, href=SitePage.url),
            segments(TABS, chosen=SitePage.tab, links=SitePage.tab_links, label="Part of the site"),
        ),
        rx.el.section(
            rx.match(
                SitePage.tab,
                ("boards", rx.fragment(boards_panel(), board_settings_panel())),
                ("fields", fields_panel()),
                ("connection", rx.fragment(site_panel(), atlassian_site_panel())),
                (TAB, gone_panel()),
                rx.fragment(
                    sync_panel(),
                    rx.el.p(
                        link("All runs of this site", to=SitePage.runs_link),
                        " · ",
                        link("Webhooks of this site", to=SitePage.webhooks_link),
                        " · ",
                        link("Issues that are gone", to=SitePage.tab_links[TAB]),
                    ),
                ),
            ),
            class_name="panel padded stack",
        ),
        class_name="stack",
    )
