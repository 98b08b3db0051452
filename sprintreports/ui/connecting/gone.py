"""Issues that Jira has no more, or no longer shows to our account: since when, and where they counted."""

from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira.reads import absences, sites
from sprintreports.jira.reads.absences import Absence, SprintName, Why
from sprintreports.jira.reads.access import issue_url
from sprintreports.ui.components.basics import chip, failure, link, loading, outside, segments, skeleton
from sprintreports.ui.components.tables import Pager, pager, pager_of
from sprintreports.ui.dates import day, instant
from sprintreports.ui.links import address
from sprintreports.ui.numbers import counted
from sprintreports.ui.paged import asked_page, page_at
from sprintreports.ui.session import loads, visit
from sprintreports.ui.status import READY, PageState

PATH = "/site"
TAB = "gone"
_PER_PAGE = 25
_EITHER = "all"
_WHYS = ((_EITHER, "All"), (Why.DELETED.value, "Deleted"), (Why.HIDDEN.value, "Hidden"))
_LABELS = {Why.DELETED: ("Deleted", "bad"), Why.HIDDEN: ("Hidden", "warn")}
_NOTHING = {
    _EITHER: "Nothing is gone: Jira still shows every issue that was ever read from it.",
    Why.DELETED.value: "No issue that was read from this Jira has been deleted there.",
    Why.HIDDEN.value: "No issue is hidden from the account that we sync with.",
}


@dataclass
class SprintPart:
    """A sprint that the issue was in, and what became of the issue there."""

    name: str = ""
    link: str = ""
    fate: str = ""


@dataclass
class GoneLine:
    """One issue as it was last seen. `url` is empty where Jira has nothing to show."""

    key: str = ""
    url: str = ""
    summary: str = ""
    why: str = ""
    tone: str = ""
    noticed: str = ""
    changed: str = ""
    sprints: list[SprintPart] = field(default_factory=list)


class GoneIssues(PageState, rx.State):
    """The absent issues of the site that the address names, all or those of one kind."""

    why: str = _EITHER
    why_links: dict[str, str] = {}
    total: str = ""
    nothing: str = ""
    lines: list[GoneLine] = []
    pager: Pager = Pager()

    @rx.event
    @loads(Permission.SETTINGS_READ)
    async def load(self) -> None:
        here = visit()
        parameters = {"site": str(self._site()), "tab": TAB, **self._parameters()}
        chosen = parameters.get("why") if parameters.get("why") in set(Why) else None
        why = None if chosen is None else Why(chosen)
        site = await sites.one(here.session, here.viewer, self._site())
        page = await page_at(
            lambda at: absences.page(
                here.session, here.viewer, site.id, page=at, why=why, per_page=_PER_PAGE
            ),
            asked_page(parameters),
        )
        self.why = chosen or _EITHER
        self.why_links = {
            value: address(PATH, parameters, why=None if value == _EITHER else value, page=None)
            for value, _ in _WHYS
        }
        self.total = f"{counted(page.total, 'issue')}, the last noticed first"
        self.nothing = _NOTHING[self.why]
        self.lines = [gone_line(one, base_url=site.base_url, zone=here.zone) for one in page.items]
        self.pager = pager_of(page, path=PATH, parameters=parameters, name="page", noun="issues")
        self._settle(READY)


def gone_line(gone: Absence, *, base_url: str, zone: ZoneInfo) -> GoneLine:
    """An absent issue as text. A hidden one may still be open to whoever looks, so its address is given."""
    label, tone = _LABELS[gone.why]
    return GoneLine(
        key=gone.key,
        url=issue_url(base_url, gone.key) if gone.why is Why.HIDDEN else "",
        summary=gone.summary,
        why=label,
        tone=tone,
        noticed=instant(gone.noticed_at, zone),
        changed=f"Last change seen: {day(gone.last_change, zone)}",
        sprints=[
            SprintPart(sprint.name, address("/sprint", sprint=sprint.sprint_id), _fate(gone.why, sprint))
            for sprint in gone.sprints
        ],
    )


def _fate(why: Why, sprint: SprintName) -> str:
    if why is Why.HIDDEN:
        return "counts as last seen"
    return "still counted, as it was closed before" if sprint.state == "closed" else "no longer counted"


def gone_panel() -> rx.Component:
    return rx.match(
        GoneIssues.status,
        ("ready", _ready()),
        ("failed", failure(GoneIssues.problem, GoneIssues.problem_id, retry=GoneIssues.load)),
        loading(skeleton(height="320px")),
    )


def _ready() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.h2("Issues that are gone"),
            segments(_WHYS, chosen=GoneIssues.why, links=GoneIssues.why_links, label="Which of them"),
            class_name="row spread",
        ),
        rx.el.div(
            rx.el.p(
                rx.el.strong("Deleted"),
                " issues are no longer in Jira, or a security level hides them one by one, which Jira does not tell apart. "
                "They have left every sprint that is not closed; closed sprints keep them, as they were then.",
            ),
            rx.el.p(
                rx.el.strong("Hidden"),
                " issues are of a project that the account we sync with may not see any more. They count as they were last "
                "seen. Give the account its permission back in Jira, and the next sync reads them again.",
            ),
            class_name="reading stack tight",
        ),
        rx.cond(
            GoneIssues.lines.length() > 0,
            rx.fragment(rx.el.p(GoneIssues.total, class_name="quiet"), _table(), pager(GoneIssues.pager)),
            rx.el.p(GoneIssues.nothing, role="status", class_name="quiet"),
        ),
        class_name="stack",
        id="gone-issues",
    )  # fmt: skip


def _table() -> rx.Component:
    heads = ("Issue", "Summary", "What became of it", "Noticed", "Sprints it was in")
    return rx.el.div(
        rx.el.table(
            rx.el.caption("Issues that are gone, the last noticed first", class_name="hidden-text"),
            rx.el.thead(rx.el.tr(*[rx.el.th(text, scope="col") for text in heads])),
            rx.el.tbody(rx.foreach(GoneIssues.lines, _line)),
        ),
        class_name="table-wrap",
        tab_index=0,
        role="region",
        custom_attrs={"aria-label": "Issues that are gone"},
    )


def _line(line: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            rx.cond(line.url != "", outside(line.key, href=line.url), rx.el.span(line.key)),
            scope="row",
        ),
        rx.el.td(line.summary, class_name="t"),
        rx.el.td(chip(line.why, line.tone)),
        rx.el.td(line.noticed, rx.el.div(line.changed, class_name="fine"), class_name="k"),
        rx.el.td(
            rx.cond(
                line.sprints.length() > 0,
                rx.el.ul(rx.foreach(line.sprints.to(list[SprintPart]), _sprint), class_name="stack tight"),
                rx.el.span("None", class_name="quiet"),
            ),
            class_name="t",
        ),
    )


def _sprint(part: Any) -> rx.Component:
    return rx.el.li(link(part.name, to=part.link), " ", rx.el.span(part.fate, class_name="fine"))
