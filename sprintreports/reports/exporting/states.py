"""How far a file of a report is."""

from enum import StrEnum


class State(StrEnum):
    """WAITING and RUNNING: not there yet. DONE: to be fetched until it expires. FAILED: `problem` says why."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
