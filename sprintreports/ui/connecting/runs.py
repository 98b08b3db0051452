"""A sync run as text: pure, for the progress panel and the list of runs."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sprintreports.jira.sync.cursor import Phase
from sprintreports.ui.dates import instant, span
from sprintreports.ui.numbers import counted, whole

LIVE = frozenset({"queued", "running"})
STATES = {
    "queued": ("Waiting", "info"),
    "running": ("Running", "info"),
    "done": ("Done", "good"),
    "failed": ("Failed", "bad"),
    "cancelled": ("Cancelled", "warn"),
}
_MODES = {"full": "Full", "incremental": "Changes only", "replay": "Stored issues again"}
_PATIENCE = timedelta(seconds=20)
_WORTH_TELLING = 5.0  # seconds


@dataclass
class RunLine:
    """One run as the pages show it."""

    id: str = ""
    state: str = ""
    label: str = ""
    tone: str = ""
    live: bool = False
    mode: str = ""
    phase: str = ""
    share: int = 0
    progress: str = ""
    pace: str = ""
    started: str = ""
    took: str = ""
    error: str = ""
    request_id: str = ""
    notes: list[str] = field(default_factory=list)


def run_line(run: Any, *, now: datetime, zone: ZoneInfo) -> RunLine:
    """A run's row as text. Progress without a known total shows the count alone."""
    label, tone = STATES.get(run.state, (run.state, ""))
    begun, ended = run.started_at, run.finished_at
    return RunLine(
        id=str(run.id),
        state=run.state,
        label=_label(run, label),
        tone=tone,
        live=run.state in LIVE,
        mode=_MODES.get(run.mode, run.mode),
        phase=_phase(run, now, zone),
        share=_share(run),
        progress=_progress(run, now),
        pace=_pace(run),
        started=instant(begun or run.created_at, zone),
        took=span((ended or now) - begun) if begun else "",
        error=run.error or "",
        request_id=run.request_id or "",
        notes=[_note(note) for note in run.notes],
    )


def _label(run: Any, label: str) -> str:
    if run.state == "running" and run.cancel_requested:
        return "Cancelling"
    return "Paused" if run.state == "queued" and run.site_paused and run.mode != "replay" else label


def _phase(run: Any, now: datetime, zone: ZoneInfo) -> str:
    if run.state == "queued" and run.mode != "replay":
        if run.site_paused:
            return "It goes on from where it stands when the sync is resumed."
        if run.left_alone_until and run.left_alone_until > now:
            return f"Waiting for Jira, which is tried again at {run.left_alone_until.astimezone(zone):%H:%M}."
    if run.state == "queued" and now - run.created_at > _PATIENCE:
        return (
            "Waiting: no worker has taken it yet. Ask whoever runs Sprint Reports whether its worker is up."
        )
    if run.state in LIVE:
        return Phase(run.phase).label if run.phase in set(Phase) else "Waiting for a worker"
    return ""


def _share(run: Any) -> int:
    if run.state == "done":
        return 100
    if not run.total_issues:
        return 0
    return min(99, round(100 * run.done_issues / run.total_issues))


def _progress(run: Any, now: datetime) -> str:
    if run.state == "done":
        changed = f", {whole(run.changed_issues)} changed" if run.done_issues else ""
        return f"{counted(run.done_issues, 'issue')} read{changed}"
    if run.total_issues:
        # Until they are listed, Jira's own count of each board is all that is known.
        about = "" if run.done_issues else "about "
        return (
            f"{whole(run.done_issues)} of {about}{counted(run.total_issues, 'issue')} read{_left(run, now)}"
        )
    return f"{counted(run.done_issues, 'issue')} read so far" if run.done_issues else ""


def _pace(run: Any) -> str:
    """Whether Jira made the run slow down; nothing where it did not."""
    waited = run.traffic.get("waited_seconds", 0.0)
    at_once, ceiling = run.traffic.get("at_once", 1), run.traffic.get("ceiling", 1)
    if run.state != "running":
        return f"Jira had it wait {span(timedelta(seconds=waited))}." if waited >= _WORTH_TELLING else ""
    slow = f", and asks for {at_once} of {ceiling} things at once" if at_once < ceiling else ""
    if waited < _WORTH_TELLING and not slow:
        return ""
    return f"Jira asks it to slow down: it has waited {span(timedelta(seconds=waited))}{slow}."


def _left(run: Any, now: datetime) -> str:
    """The time that it still takes, roundly; nothing before it is known."""
    if run.expected_at is None or run.state != "running":
        return ""
    seconds = (run.expected_at - now).total_seconds()
    if seconds < 45:
        return ", less than a minute left"
    minutes = max(1, round(seconds / 60))
    if minutes < 90:
        return f", about {counted(minutes, 'minute')} left"
    return f", about {counted(round(minutes / 60), 'hour')} left"


def _note(note: Any) -> str:
    return str(note.get("message", "")) if isinstance(note, dict) else str(getattr(note, "message", note))
