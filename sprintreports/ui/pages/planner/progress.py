"""The plan while its sprint runs: done, next for each team, slipped, and what came fresh."""

from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira.reads import candidates, names
from sprintreports.planning.queues import serving, store, versions
from sprintreports.planning.queues.states import QueueState
from sprintreports.ui.components.basics import by_status, empty, link, loading, notice, outside, skeleton
from sprintreports.ui.components.figures import meter
from sprintreports.ui.dates import instant
from sprintreports.ui.links import identifier
from sprintreports.ui.pages.planner import progress_rows as rows
from sprintreports.ui.pages.planner.progress_rows import IssueNote, TeamLine
from sprintreports.ui.planning.parts import heads, scrolling
from sprintreports.ui.session import loads, visit
from sprintreports.ui.status import EMPTY, READY, PageState

_HEADS = (("Team", ""), ("Done", ""), ("Next", ""), ("Slipped", ""), ("Waiting", ""))


class ProgressPanel(PageState, rx.State):
    """The last version of the queue that the address names, held against its sprint's issues as they are now."""

    told: str = ""
    reading: str = ""
    note: str = ""
    teams: list[TeamLine] = []
    fresh: list[IssueNote] = []
    more_fresh: str = ""
    extra: list[IssueNote] = []
    more_extra: str = ""

    @rx.event
    @loads(Permission.QUEUES_READ)
    async def load(self) -> None:
        here = visit()
        info = await store.one(here.session, here.viewer, identifier(self._parameters().get("queue")) or 0)
        if not info.versions:
            self._settle(EMPTY)
            return
        stored = await versions.read(here.session, here.viewer, info.id)
        progress = await serving.progress_now(here.session, here.viewer, info, stored, now=here.now)
        issues = await names.of_issues(
            here.session,
            here.viewer,
            sprint_id=info.sprint_id,
            board_id=info.board_id,
            issue_ids=rows.shown_issues(progress),
        )
        people = await candidates.people_of(here.session, rows.shown_people(progress))
        fresh, more_fresh = rows.outside(progress.fresh, issues)
        extra, more_extra = rows.outside(progress.extra, issues)
        items = [one for team in progress.teams for one in team.items]
        self._put(
            told=f"Held against version {stored.version.number}, kept {instant(stored.version.created_at, here.zone)}.",
            reading=rows.reading(progress),
            note=_note(draft=info.state is QueueState.DRAFT, undated=bool(items) and rows.undated(items)),
            teams=rows.team_lines(progress, stored.queue, issues, people, here.zone),
            fresh=fresh,
            more_fresh=more_fresh,
            extra=extra,
            more_extra=more_extra,
        )
        self._settle(READY)


def _note(*, draft: bool, undated: bool) -> str:
    said = []
    if draft:
        said.append("This queue is a draft: it is not the plan of its sprint yet.")
    if undated:
        said.append("Nothing in this plan has an expected time, so nothing can be told to be late.")
    return " ".join(said)


def panel() -> rx.Component:
    return by_status(
        ProgressPanel,
        ready=_ready(),
        blank=empty(
            "Nothing to follow yet",
            rx.el.p(
                "Progress is held against what was kept. Keep a first version of this queue, then look here again."
            ),
            icon="list-checks",
        ),
        waiting=loading(skeleton(height="240px")),
    )


def _ready() -> rx.Component:
    return rx.el.div(
        rx.cond(ProgressPanel.note != "", notice(ProgressPanel.note)),
        rx.el.section(
            rx.el.header(
                rx.el.div(
                    rx.el.h2("Progress"),
                    rx.el.p(ProgressPanel.reading, class_name="reading"),
                    rx.el.p(ProgressPanel.told, class_name="fine"),
                    class_name="grow",
                ),
                class_name="panel-head",
            ),
            rx.cond(
                ProgressPanel.teams.length() > 0,
                scrolling(
                    rx.el.table(
                        rx.el.caption("Progress of the teams", class_name="hidden-text"),
                        heads(*_HEADS),
                        rx.el.tbody(rx.foreach(ProgressPanel.teams, _team)),
                        class_name="progress",
                    ),
                    label="Progress of the teams",
                ),
                rx.el.p(
                    "No issue is in this plan: nothing fitted, or no team has a capacity. ",
                    link("See the teams", to="/teams"),
                    class_name="panel-body quiet",
                ),
            ),
            class_name="panel",
            id="progress",
        ),
        rx.cond(
            ProgressPanel.fresh.length() > 0,
            _outside(
                "Came fresh",
                "These issues joined the sprint after the version was kept. Plan again on the board to give them a place.",
                ProgressPanel.fresh,
                ProgressPanel.more_fresh,
            ),
        ),
        rx.cond(
            ProgressPanel.extra.length() > 0,
            _outside(
                "Done without being planned",
                "These are done although the plan did not have them in.",
                ProgressPanel.extra,
                ProgressPanel.more_extra,
            ),
        ),
        class_name="stack",
    )


def _team(line: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.th(line.name, scope="row"),
        rx.el.td(
            rx.el.div(
                rx.el.span(line.done),
                meter(line.share, label="Done by " + line.name, done=True),
                class_name="stack tight done",
            )
        ),
        rx.el.td(
            rx.cond(line.idle != "", rx.el.span(line.idle, class_name="quiet"), _several(line.next)),
            class_name="t",
        ),
        rx.el.td(
            rx.cond(
                line.slipped.length() > 0, _several(line.slipped), rx.el.span("Nothing", class_name="quiet")
            ),
            rx.cond(line.more != "", rx.el.div(line.more, class_name="fine")),
            class_name="t",
        ),
        rx.el.td(
            rx.cond(
                line.waiting.length() > 0, _several(line.waiting), rx.el.span("Nothing", class_name="quiet")
            ),
            rx.cond(line.more_waiting != "", rx.el.div(line.more_waiting, class_name="fine")),
            class_name="t",
        ),
        key=line.name,
    )


def _several(notes: Any) -> rx.Component:
    return rx.el.ul(rx.foreach(notes, _one), class_name="stack tight")


def _one(note: Any) -> rx.Component:
    return rx.el.li(
        rx.cond(note.url != "", outside(note.key, href=note.url, class_name="key"), rx.el.strong(note.key)),
        " ",
        note.summary,
        rx.cond(note.note != "", rx.el.div(note.note, class_name="fine")),
    )


def _outside(title: str, told: str, notes: Any, more: Any) -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.div(rx.el.h2(title), rx.el.p(told, class_name="reading"), class_name="grow"),
            class_name="panel-head",
        ),
        rx.el.div(
            _several(notes),
            rx.cond(more != "", rx.el.p(more, class_name="fine")),
            class_name="panel-body stack tight",
        ),
        class_name="panel",
    )
