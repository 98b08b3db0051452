"""One issue of a closed sprint as we see it and as Jira's own sprint report does, and what is known about it.

Estimates are in the unit that the report is in: thousandths of a point, or seconds. None: not estimated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sprintreports.metrics.values import Bucket, Segment, Unit, Window


class Aspect(StrEnum):
    """What of an issue can differ. PRESENCE: only one side lists it."""

    PRESENCE = "presence"
    BUCKET = "bucket"
    ADDED = "added"
    INITIAL = "initial"
    FINAL = "final"


class Reason(StrEnum):
    """Why the two differ, as far as the evidence says. UNEXPLAINED: it does not say."""

    ADDED_AFTER_START = "added_after_start"
    UNMAPPED_STATUS = "unmapped_status"
    DONE_BEFORE_START = "done_before_start"
    REESTIMATED = "reestimated"
    SUBTASK = "subtask"
    OTHER_BOARD = "other_board"
    CHANGED_AFTER_CLOSE = "changed_after_close"
    CLOSED_AT_ANOTHER_TIME = "closed_at_another_time"
    OTHER_ESTIMATION = "other_estimation"
    HIDDEN = "hidden"
    DELETED = "deleted"
    VANISHED = "vanished"
    NOT_STORED = "not_stored"
    OUTDATED = "outdated"
    UNEXPLAINED = "unexplained"

    @property
    def sentence(self) -> str:
        """The reason in words, with what to do where something can be done."""
        return _SENTENCES[self]


_SENTENCES: Mapping[Reason, str] = {
    Reason.ADDED_AFTER_START: "By its history it entered the sprint after the start; only one side counts it as added.",
    Reason.UNMAPPED_STATUS: "It was in a status outside the board's columns. We leave such work out; Jira counts it otherwise. "
    "Put the status into a column of the board, or take the issue out of the sprint.",
    Reason.DONE_BEFORE_START: "It was done before the sprint started. We count that as done outside the sprint; Jira does not.",
    Reason.REESTIMATED: "It was estimated anew, and Jira's figure is the estimate of another moment.",
    Reason.SUBTASK: "The board counts either issues or their sub-tasks, never both, and this one is on the other side of the rule.",
    Reason.OTHER_BOARD: "By the board's filter it does not belong to this board, or did so for a part of the sprint only.",
    Reason.CHANGED_AFTER_CLOSE: "It changed after the sprint was closed, and Jira's figure is that of later.",
    Reason.CLOSED_AT_ANOTHER_TIME: "Jira's report speaks of other dates of the sprint than we have, and it changed between them. "
    "Was the sprint opened again? Sync it, then compare with a new report.",
    Reason.OTHER_ESTIMATION: "Jira's report is in another estimate field than the board has now. Compare with a new report.",
    Reason.HIDDEN: "Jira lists it, but hides it from the account that we sync with. Give that account “Browse projects” there.",
    Reason.DELETED: "It was deleted in Jira.",
    Reason.VANISHED: "Jira neither lists it nor gives it to the account that we sync with: it was deleted, or is hidden by now. "
    "The next full sync tells which.",
    Reason.NOT_STORED: "Jira lists it, but no sync has brought it: it is hidden, deleted, or out of the reach of our boards.",
    Reason.OUTDATED: "The history that we have says what Jira says; our figure of it is older. The next sync computes it anew.",
    Reason.UNEXPLAINED: "Not explained: nothing that we know of this issue accounts for the difference.",
}


@dataclass(frozen=True, slots=True)
class OurLine:
    """An issue of our sprint report. added: in scope, or a member, only after the start."""

    issue: int
    key: str
    bucket: Bucket
    added: bool
    initial: int | None
    final: int | None


@dataclass(frozen=True, slots=True)
class JiraLine:
    """An issue of Jira's. issue: Jira's id, None where the report gives none. hidden: Jira itself hides what it is."""

    issue: int | None
    key: str
    bucket: Bucket
    added: bool
    initial: int | None
    final: int | None
    hidden: bool = False


Said = Mapping[tuple[Bucket, Aspect], int | None]


@dataclass(frozen=True, slots=True)
class JiraReport:
    """Jira's sprint report. said: the sums that it prints, by bucket and INITIAL or FINAL.

    field: what its estimates are of, None where it does not say. started, closed: the sprint's dates by it, where it
    gives them in a readable way. repeated: keys of issues that it lists more than once; each counts once here.
    """

    sprint: int
    lines: tuple[JiraLine, ...]
    said: Said
    unit: Unit
    field: str | None = None
    started: datetime | None = None
    closed: datetime | None = None
    repeated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What we know about an issue in a sprint.

    segments: its memberships by the board's columns, as if every issue counted, nothing was ever deleted and the board
    showed everything. estimates: its whole track in the unit of the report. counts: by the board's rule on sub-tasks.
    on_board: the board shows it, or did until `left_board`. readable: None when Jira was not asked whether the account may read it.
    """

    stored: bool
    segments: tuple[Segment, ...] = ()
    estimates: tuple[tuple[datetime, int | None], ...] = ()
    counts: bool = True
    is_subtask: bool = False
    on_board: bool = True
    left_board: datetime | None = None
    deleted: datetime | None = None
    readable: bool | None = None


UNKNOWN_ISSUE = Evidence(stored=False)


@dataclass(frozen=True, slots=True)
class Situation:
    """The sprint that is compared. told: its window by Jira's report, None where that is ours, or not said."""

    window: Window
    unit: Unit
    told: Window | None = None
    same_estimation: bool = True
