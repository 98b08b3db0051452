"""One team: its members, its days off, its calendar and what it stands for in Jira."""

import reflex as rx

from sprintreports.ui.components.basics import by_status, link, loading, segments, skeleton
from sprintreports.ui.components.live import titled
from sprintreports.ui.layout import frame, page_head
from sprintreports.ui.pages.team.heading import TeamHead
from sprintreports.ui.pages.team.members_parts import members_panel
from sprintreports.ui.pages.team.month_parts import month_panel
from sprintreports.ui.pages.team.settings_parts import settings_panel
from sprintreports.ui.pages.team.state import TABS, TeamPage


def page() -> rx.Component:
    return frame(
        by_status(TeamPage, ready=_ready(), blank=rx.fragment(), waiting=loading(skeleton(height="320px"))),
        page="/teams",
    )


def _ready() -> rx.Component:
    return rx.el.div(
        titled(TeamHead.name),
        rx.el.p(link("← All teams", to="/teams")),
        page_head(
            TeamHead.name,
            TeamHead.subtitle,
            segments(TABS, chosen=TeamPage.tab, links=TeamPage.tab_links, label="Part of the team"),
        ),
        rx.match(
            TeamPage.tab,
            ("month", month_panel()),
            ("settings", settings_panel()),
            members_panel(),
        ),
        class_name="stack",
    )
