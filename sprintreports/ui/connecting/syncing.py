"""Start a site's sync, watch it move, cancel it, pause it, choose how often."""

from dataclasses import replace
from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira import sync
from sprintreports.jira.reads import runs, steering
from sprintreports.settings import settings
from sprintreports.ui import telling
from sprintreports.ui.components.basics import chip, notice
from sprintreports.ui.components.figures import meter
from sprintreports.ui.components.live import every
from sprintreports.ui.connecting.runs import RunLine, run_line
from sprintreports.ui.connecting.steering import (
    AS_SET,
    SteeringView,
    paused_notice,
    schedule_options,
    steering_bar,
    steering_view,
    trouble_notice,
)
from sprintreports.ui.frame_state import Option
from sprintreports.ui.links import identifier
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import EMPTY, READY, PageState


class SyncWatch(PageState, rx.State):
    """The latest run of the site that the address names. Watched by the browser, so nothing runs for closed tabs."""

    complaint: str = ""
    run: RunLine = RunLine()
    steering: SteeringView = SteeringView()
    schedules: list[Option] = []

    @rx.event
    @loads(Permission.SETTINGS_READ)
    async def load(self) -> None:
        self.complaint = ""
        await self._look()

    @rx.event
    @acts(Permission.SETTINGS_READ)
    async def tick(self) -> None:
        await self._look()

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def start_full(self) -> None:
        await self._start(sync.Mode.FULL)

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def start_changes(self) -> None:
        await self._start(sync.Mode.INCREMENTAL)

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def cancel(self) -> None:
        here = visit()
        run_id = identifier(self.run.id)
        if run_id is not None:
            await sync.cancel(here.session, here.viewer, run_id, now=here.now)
        await self._look()

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def pause(self) -> None:
        here = visit()
        await sync.pause(here.session, here.viewer, self._site(), now=here.now)
        await self._look()

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def resume(self) -> None:
        here = visit()
        await sync.resume(here.session, here.viewer, self._site(), now=here.now)
        await self._look()

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def choose_schedule(self, every: str) -> Any:
        here = visit()
        minutes = int(every) if every.isdecimal() else None
        if minutes is None and every != AS_SET:
            return None
        await sync.set_schedule(here.session, here.viewer, self._site(), minutes=minutes, now=here.now)
        await self._look()
        return telling.good("Kept. The next sync follows this schedule.")

    async def _start(self, mode: sync.Mode) -> None:
        here = visit()
        self.complaint = ""
        await sync.request(here.session, here.viewer, self._site(), mode=mode)
        await self._look()

    async def _look(self) -> None:
        here = visit()
        latest = await runs.latest(here.session, here.viewer, site_id=self._site())
        run = run_line(latest, now=here.now, zone=here.zone) if latest else RunLine()
        found = await steering.one(here.session, here.viewer, self._site())
        view = steering_view(found, now=here.now, zone=here.zone)
        if run.error and run.error == view.reason:  # said once, with the number to look it up by
            view, run = replace(view, number=run.request_id), replace(run, error="")
        self.run, self.steering = run, view
        self.schedules = schedule_options(found.sync_minutes, as_set=settings().sync_interval_minutes)
        self._settle(READY if latest else EMPTY)


def sync_panel(*, finished: rx.Component | None = None) -> rx.Component:
    """The latest run, with what can be done about it. `finished`: what to show when it is done, in place of the schedule."""
    run = SyncWatch.run
    return rx.el.div(
        trouble_notice(SyncWatch.steering, try_now=SyncWatch.start_changes),
        paused_notice(SyncWatch.steering),
        rx.cond(SyncWatch.complaint != "", notice(SyncWatch.complaint, tone="bad")),
        rx.match(
            SyncWatch.status,
            ("ready", _run(run, finished)),
            ("failed", notice(SyncWatch.problem, tone="bad")),
            rx.el.p("This site has not been synced yet.", class_name="quiet"),
        ),
        rx.cond(
            run.live,
            rx.el.div(
                rx.el.button(
                    "Cancel the sync", type="button", on_click=SyncWatch.cancel, class_name="button"
                ),
                class_name="row",
            ),
            rx.cond(
                SyncWatch.steering.paused,
                rx.fragment(),
                rx.cond(SyncWatch.status == "ready", _again(), _first()),
            ),
        ),
        rx.fragment()
        if finished
        else steering_bar(
            SyncWatch.steering,
            SyncWatch.schedules,
            pause=SyncWatch.pause,
            resume=SyncWatch.resume,
            choose=SyncWatch.choose_schedule,
        ),
        class_name="stack",
    )


def _first() -> rx.Component:
    return rx.el.div(
        rx.el.button(
            "Start the first sync", type="button", on_click=SyncWatch.start_full, class_name="button primary"
        ),
        class_name="row",
    )


def _again() -> rx.Component:
    return rx.el.div(
        rx.el.button(
            "Sync what changed", type="button", on_click=SyncWatch.start_changes, class_name="button"
        ),
        rx.el.button("Full sync", type="button", on_click=SyncWatch.start_full, class_name="button"),
        class_name="row",
    )


def _run(run: Any, finished: rx.Component | None) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            chip(run.label, run.tone),
            rx.el.span(run.phase),
            rx.el.span(run.progress, class_name="quiet num"),
            rx.el.span(run.took, class_name="quiet num"),
            class_name="row",
            role="status",
        ),
        rx.cond(run.live | (run.state == "done"), meter(run.share, label="Progress of the sync", done=False)),
        rx.cond(run.pace != "", rx.el.p(run.pace, class_name="fine")),
        rx.cond(run.live, every(seconds=1, on_tick=SyncWatch.tick)),
        rx.cond(run.error != "", notice(rx.el.p(run.error, " ", rx.el.code(run.request_id)), tone="bad")),
        rx.cond(run.notes.length() > 0, notice(rx.foreach(run.notes, rx.el.p), tone="warn")),
        rx.cond(run.state == "done", finished) if finished else rx.fragment(),
        class_name="stack tight",
    )
