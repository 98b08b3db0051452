"""Deliveries and their tries as text."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sprintreports.reports.publishing.values import Attempt, Delivery
from sprintreports.ui.dates import instant, span
from sprintreports.ui.links import address
from sprintreports.ui.reporting import sending
from sprintreports.ui.reporting.states import VIEW

_OUTCOMES = {
    "delivered": ("Delivered", "good"),
    "later": ("Not now", "warn"),
    "admin": ("Refused", "bad"),
    "content": ("Not taken", "bad"),
    "clash": ("Clash", "warn"),
    "unknown": ("Not known", "warn"),
    "cut off": ("Cut off", "warn"),
}
_AT_WORK = ("At work", "info")


@dataclass
class DeliveryLine:
    """A delivery of the ledger. link: to the same page with it opened; url: where it can be seen at the service."""

    id: str = ""
    title: str = ""
    link: str = ""
    state: str = ""
    tone: str = ""
    sentence: str = ""
    connection: str = ""
    service: str = ""
    place: str = ""
    files: str = ""
    when: str = ""
    by: str = ""
    next: str = ""
    url: str = ""
    report: str = ""


@dataclass
class TryLine:
    """One try."""

    number: str = ""
    when: str = ""
    took: str = ""
    outcome: str = ""
    tone: str = ""
    sentence: str = ""


def line(found: Delivery, zone: ZoneInfo, parameters: dict[str, str]) -> DeliveryLine:
    label, tone = sending.STATES[found.state]
    return DeliveryLine(
        id=str(found.id),
        title=found.title or "A report that is not in the library",
        link=address(sending.DELIVERIES, parameters, delivery=found.id),
        state=label,
        tone=tone,
        sentence=found.sentence,
        connection=found.connection,
        service=sending.SERVICES[found.kind],
        place=sending.place(found.target),
        files=sending.enclosed(found.target),
        when=instant(found.created_at, zone),
        by=found.user or "An account that was deleted",
        next=sending.next_try(found, zone),
        url=sending.reachable(found.url),
        report=address(VIEW, id=found.report_id) if found.report_id else "",
    )


def try_line(found: Attempt, zone: ZoneInfo) -> TryLine:
    if found.ended_at is None:
        label, tone = _AT_WORK
    else:
        label, tone = _OUTCOMES[found.outcome]
    took = span(found.ended_at - found.began_at) if found.ended_at else ""
    return TryLine(str(found.number), instant(found.began_at, zone), took, label, tone, found.sentence)
