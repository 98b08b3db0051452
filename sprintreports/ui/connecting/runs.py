"""A sync run as text: pure, for the progress panel and the list of runs."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sprintreports.jira.sync.cursor import Phase
from sprintreports.ui.dates import instant, span
from sprintreports.ui.numbers import counted

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
        label="Cancelling" if run.cancel_requested and run.state == "running" else label,
        tone=tone,
        live=run.state in LIVE,
        mode=_MODES.get(run.mode, run.mode),
        phase=_phase(run, now),
        share=_share(run),
        progress=_progress(run),
        started=instant(begun or run.created_at, zone),
        took=span((ended or now) - begun) if begun else "",
        error=run.error or "",
        request_id=run.request_id or "",
        notes=[_note(note) for note in run.notes],
    )


def _phase(run: Any, now: datetime) -> str:
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


def _progress(run: Any) -> str:
    if run.state == "done":
        changed = f", {run.changed_issues:,} changed" if run.done_issues else ""
        return f"{counted(run.done_issues, 'issue')} read{changed}"
    if run.total_issues:
        # Jira counts for each board: an issue on two boards is counted twice and read once.
        return f"{run.done_issues:,} of at most {counted(run.total_issues, 'issue')} read"
    return f"{counted(run.done_issues, 'issue')} read so far" if run.done_issues else ""


def _note(note: Any) -> str:
    return str(note.get("message", "")) if isinstance(note, dict) else str(getattr(note, "message", note))
