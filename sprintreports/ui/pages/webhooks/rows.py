"""From deliveries to what the page shows: pure."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from sprintreports.jira.reads.webhooks import DeliveryRow, Tally
from sprintreports.jira.webhooks import Outcome
from sprintreports.ui.dates import instant, moment_of_day, span
from sprintreports.ui.numbers import UNKNOWN, counted, whole

OUTCOMES = {
    Outcome.WAITING: ("Waiting", "info"),
    Outcome.DONE: ("Done", "good"),
    Outcome.IGNORED: ("Nothing to do", ""),
    Outcome.FAILED: ("Failed", "bad"),
}
_TRY = "Enter the values below in Jira, then edit an issue there: its delivery appears in the list within seconds."
_TRY_REGISTERED = "The webhook is registered in Jira: edit an issue there, and its delivery appears in the list within seconds."
# Of a body, for the eyes: the socket to the browser does not compress. REST has the whole.
MOST_SHOWN = 60_000


@dataclass
class DeliveryLine:
    """One delivery as text. `retry`: trying it again may help."""

    id: str = ""
    when: str = ""
    event: str = ""
    subject: str = ""
    outcome: str = ""
    tone: str = ""
    note: str = ""
    tries: str = ""
    took: str = ""
    retry: bool = False


@dataclass
class Figure:
    """How many deliveries of one kind, and the way to them."""

    name: str
    value: str
    link: str


def delivery_line(row: DeliveryRow, *, now: datetime, zone: ZoneInfo) -> DeliveryLine:
    outcome = Outcome(row.outcome)
    label, tone = OUTCOMES[outcome]
    return DeliveryLine(
        id=str(row.id),
        when=moment_of_day(row.received_at, zone),
        event=row.event,
        subject=row.subject or UNKNOWN,
        outcome=label,
        tone=tone,
        note=_note(row, now=now),
        tries=str(row.tries),
        took=UNKNOWN if row.took is None else "under 1 s" if row.took.total_seconds() < 1 else span(row.took),
        retry=outcome is Outcome.FAILED,
    )


def details(row: DeliveryRow, *, zone: ZoneInfo) -> str:
    """What is known of a delivery besides its body, in a line."""
    settled = f", settled {instant(row.processed_at, zone)}" if row.processed_at else ""
    return f"Came {instant(row.received_at, zone)}{settled}. {counted(row.size, 'byte')}. Identifier {row.identifier}"


def payload(body: bytes) -> tuple[str, str]:
    """The body to be read by people, and what is missing of it."""
    try:
        text = msgspec.json.format(body, indent=2).decode()
    except (msgspec.DecodeError, UnicodeDecodeError):
        text = body.decode("utf-8", "replace")
    if len(text) <= MOST_SHOWN:
        return text, ""
    return text[:MOST_SHOWN], "This is its beginning. The REST interface has the whole."


def figures(tally: Tally, links: dict[str, str]) -> list[Figure]:
    """What became of those of the last day; all that wait."""
    counts = {
        Outcome.DONE: tally.done, Outcome.IGNORED: tally.ignored, Outcome.FAILED: tally.failed,
        Outcome.WAITING: tally.waiting,
    }  # fmt: skip
    return [
        Figure(OUTCOMES[outcome][0], whole(number), links[outcome.value])
        for outcome, number in counts.items()
    ]


def standing(
    tally: Tally, *, active: bool, now: datetime, zone: ZoneInfo, registered: bool = False
) -> tuple[str, str]:
    """Whether it works, in a sentence, and its tone. registered: we entered the webhook into Jira ourselves."""
    if not active and not registered:
        kept = " What came before is listed below." if tally.last_at else ""
        return f"Webhooks are off: changes in Jira arrive with the next sync.{kept}", "info"
    if tally.last_at is None:
        what = _TRY_REGISTERED if registered else _TRY
        return f"Webhooks are on, and none has come in the last 14 days. {what}", "warn"
    ago = span(now - tally.last_at)
    last = f"The last webhook came {instant(tally.last_at, zone)} ({ago} ago)."
    if tally.failed:
        return f"{last} {counted(tally.failed, 'delivery', 'deliveries')} of the last 24 hours failed: see why in the list.", "warn"  # fmt: skip
    return f"Webhooks arrive. {last}", "good"


def nothing(*, filtered: bool, active: bool) -> str:
    """Why the list is empty, and what to do."""
    if filtered:
        return "No delivery of the last 14 days is like this. Choose another outcome or event above."
    if active:
        return "Nothing has come in the last 14 days. Deliveries appear here as soon as Jira sends one."
    return "Nothing has come. Switch webhooks on above, and enter the values in Jira."


def _note(row: DeliveryRow, *, now: datetime) -> str:
    if row.outcome == Outcome.WAITING and row.not_before is not None and row.not_before > now:
        again = f"Tried again in {span(row.not_before - now)}."
        return f"{row.note} {again}".strip()
    return row.note
