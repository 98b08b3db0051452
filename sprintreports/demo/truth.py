"""What Jira's frozen sprint report says: written down while the company lives, never derived from changelogs."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Bucket(StrEnum):
    COMPLETED = "completed"
    NOT_COMPLETED = "not_completed"
    REMOVED = "removed"
    OUTSIDE = "outside"


class Reason(StrEnum):
    """Why an issue entered the scope after the start, or left it before the end."""

    NONE = ""
    ADDED = "added to the sprint"
    CREATED = "created in the sprint"
    REOPENED = "reopened"
    ONTO_BOARD = "status moved onto the board"
    TAKEN_OUT = "removed from the sprint"
    OFF_BOARD = "status not on the board"


@dataclass(frozen=True, slots=True)
class TruthLine:
    """One issue of a sprint as one board sees it. Estimates in the board's unit; None = not estimated."""

    issue_id: int
    bucket: Bucket
    committed: bool
    added: bool
    initial: int | None
    final: int | None
    entry: Reason
    exit: Reason
    # Only for what was completed outside: it became a member after the start.
    added_during: bool = False


@dataclass(frozen=True, slots=True)
class SprintTruth:
    """The report of one sprint on one board. Points are thousandths, times are seconds."""

    board_id: int
    sprint_id: int
    start: int
    end: int
    lines: tuple[TruthLine, ...]

    def bucket(self, bucket: Bucket) -> tuple[TruthLine, ...]:
        return tuple(line for line in self.lines if line.bucket is bucket)

    def in_scope_once(self) -> tuple[TruthLine, ...]:
        return tuple(line for line in self.lines if line.bucket is not Bucket.OUTSIDE)

    @property
    def initial(self) -> int:
        return total(line.initial for line in self.lines if line.committed)

    @property
    def added(self) -> int:
        return total(line.initial for line in self.lines if line.added)

    @property
    def removed(self) -> int:
        return total(line.final for line in self.bucket(Bucket.REMOVED))

    @property
    def reestimated(self) -> int:
        return sum((line.final or 0) - (line.initial or 0) for line in self.in_scope_once())

    @property
    def final(self) -> int:
        remaining = (*self.bucket(Bucket.COMPLETED), *self.bucket(Bucket.NOT_COMPLETED))
        return total(line.final for line in remaining)


def total(estimates: Iterable[int | None]) -> int:
    return sum(estimate or 0 for estimate in estimates)
