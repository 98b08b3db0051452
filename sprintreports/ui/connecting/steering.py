"""How a site is read, as text, and what people can do about it: pause, resume, try now, choose how often."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx

from sprintreports.jira.circuits import Cause, Circuit, State
from sprintreports.jira.reads.steering import Steering
from sprintreports.ui.components.basics import notice
from sprintreports.ui.dates import instant
from sprintreports.ui.frame_state import Option
from sprintreports.ui.numbers import counted

AS_SET = "default"
_CHOICES = (5, 15, 30, 60, 120, 240, 720, 1440)


@dataclass
class SteeringView:
    """`trouble`: what is wrong between us and Jira, empty where nothing is; `next`: what happens next.

    `number`: of the run that failed for this reason, to look it up in the log.
    """

    paused: bool = False
    paused_since: str = ""
    every: str = AS_SET
    trouble: str = ""
    next: str = ""
    reason: str = ""
    number: str = ""


def steering_view(found: Steering, *, now: datetime, zone: ZoneInfo) -> SteeringView:
    """A site's steering as text."""
    trouble, following = _trouble(found.circuit, now, zone)
    return SteeringView(
        paused=found.paused_at is not None,
        paused_since=instant(found.paused_at, zone) if found.paused_at else "",
        every=AS_SET if found.sync_minutes is None else str(found.sync_minutes),
        trouble=trouble,
        next=following,
        reason=found.circuit.reason if trouble else "",
    )


def schedule_options(chosen: int | None, *, as_set: int) -> list[Option]:
    """What can be chosen, with what is chosen among it."""
    minutes = sorted({*_CHOICES, chosen} if chosen else _CHOICES)
    return [
        Option(AS_SET, f"As this installation is set ({every(as_set)})"),
        *[Option(str(one), every(one).capitalize()) for one in minutes],
        Option("0", "Only when somebody asks"),
    ]


def every(minutes: int) -> str:
    """ "every 15 minutes", "every hour", "once a day"."""
    if minutes == 24 * 60:
        return "once a day"
    if minutes % 60:
        return f"every {minutes} minutes" if minutes > 1 else "every minute"
    return f"every {minutes // 60} hours" if minutes > 60 else "every hour"


def _trouble(circuit: Circuit, now: datetime, zone: ZoneInfo) -> tuple[str, str]:
    since = instant(circuit.since, zone)
    if circuit.state is State.CLOSED:
        return "", ""
    if circuit.state is State.HALF_OPEN:
        return f"Jira could not be used since {since}.", "It is being tried with one request now."
    if circuit.cause is Cause.SIGN_IN:
        return (
            f"Jira has not let us in since {since}.",
            "It is not asked again by itself, so that the account is not locked. Correct the connection, or try now.",
        )
    following = _next(circuit.until, now, zone)
    if circuit.cause is Cause.RATE_LIMIT:
        return "Jira asks us to pause: its limit of requests is used up.", following
    return f"Jira has not answered since {since}, so it is left alone for a while.", following


def _next(until: datetime | None, now: datetime, zone: ZoneInfo) -> str:
    if until is None or until - now < timedelta(minutes=1):
        return "It is tried again within a minute or two."
    minutes = counted(round((until - now).total_seconds() / 60), "minute")
    return f"It is tried again at {until.astimezone(zone):%H:%M}, in about {minutes}."


def trouble_notice(view: Any, *, try_now: Any) -> rx.Component:
    """What is wrong, why, when it is tried again, and the button that does not wait."""
    return rx.cond(
        view.trouble != "",
        notice(
            rx.el.p(rx.el.strong(view.trouble), " ", view.next),
            rx.el.p(
                view.reason,
                rx.cond(view.number != "", rx.el.span(" ", rx.el.code(view.number))),
                class_name="fine",
            ),
            rx.cond(
                view.paused,
                rx.fragment(),
                rx.el.p(rx.el.button("Try now", type="button", on_click=try_now, class_name="button small")),
            ),
            tone="bad",
        ),
    )


def paused_notice(view: Any) -> rx.Component:
    return rx.cond(
        view.paused,
        notice(
            "Paused since ", view.paused_since,
            ". Nothing is read from Jira until it is resumed; webhooks are kept and wait.", tone="warn",
        ),
    )  # fmt: skip


def steering_bar(view: Any, options: Any, *, pause: Any, resume: Any, choose: Any) -> rx.Component:
    """Pause or resume, and the schedule."""
    return rx.el.div(
        rx.el.div(
            rx.el.label("How often it is synced", html_for="sync-every"),
            rx.el.select(
                rx.foreach(options, lambda option: rx.el.option(option.label, value=option.value)),
                id="sync-every", name="sync-every", value=view.every, on_change=choose,
            ),
            rx.el.span("Webhooks come on top of this.", class_name="help"),
            class_name="field narrow",
        ),
        rx.el.div(
            rx.cond(
                view.paused,
                rx.el.button("Resume the sync", type="button", on_click=resume, class_name="button primary"),
                rx.el.button("Pause the sync", type="button", on_click=pause, class_name="button"),
            ),
            class_name="row",
        ),
        class_name="stack",
    )  # fmt: skip
