"""The book of awkward cases. Estimates are in points (hours where a tribe estimates in hours)."""

from dataclasses import dataclass
from enum import StrEnum

from sprintreports.demo.catalog import CANCELLED, ON_HOLD, TODO, TRIAGE, VENDOR, Status

SIZES: tuple[float | None, ...] = (None, 0.5, 1, 2, 3, 5, 8)


class Where(StrEnum):
    """A place in the workflow, in words that fit every tribe."""

    TODO = "to do"
    STARTED = "started"
    DONE = "done"
    ALSO_DONE = "another status of the right-most column"
    UNMAPPED = "in no column"
    TRIAGE = "triage"
    CANCELLED = "cancelled"
    DELETED = "a status deleted since"


FINISH: dict[Where, Status] = {
    Where.TODO: TODO,
    Where.UNMAPPED: ON_HOLD,
    Where.TRIAGE: TRIAGE,
    Where.CANCELLED: CANCELLED,
    Where.DELETED: VENDOR,
}


@dataclass(frozen=True, slots=True)
class Birth:
    at: float = -3.0
    member: bool = False
    # A member of the sprint before as well.
    member_before: bool = False
    estimate: float | None = 3
    status: Where | None = None
    subtasks: int = 0
    epic: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """What one entry of the changelog changes. `member`: joins or leaves the sprint; "keep" leaves the estimate alone."""

    at: float
    member: bool | None = None
    estimate: float | str | None = "keep"
    status: Where | None = None
    move: bool = False
    # Takes the sprint before out of the list; the membership in this sprint does not flip.
    drop_before: bool = False
    subtasks: Where | None = None


@dataclass(frozen=True, slots=True)
class Script:
    name: str
    birth: Birth
    acts: tuple[Act, ...]


_JOIN = Act(-1.0, member=True)

BOOK: tuple[Script, ...] = (
    Script("issue re-added", Birth(estimate=5), (
        _JOIN, Act(0.3, member=False), Act(0.6, member=True), Act(0.9, status=Where.DONE))),
    Script("issue added, removed, re-added", Birth(estimate=2), (
        Act(0.2, member=True), Act(0.4, member=False), Act(0.45, estimate=8), Act(0.5, member=True))),
    Script("removed, re-estimated outside", Birth(estimate=5), (
        _JOIN, Act(0.3, member=False), Act(0.5, estimate=13))),
    Script("re-added with another estimate", Birth(estimate=3), (
        _JOIN, Act(0.3, member=False), Act(0.5, estimate=8), Act(0.7, member=True))),
    Script("done, reopened, done again", Birth(estimate=8), (
        _JOIN, Act(0.1, status=Where.STARTED), Act(0.3, status=Where.DONE), Act(0.4, status=Where.STARTED),
        Act(0.8, status=Where.DONE))),
    Script("done, reopened, not finished", Birth(estimate=5), (
        _JOIN, Act(0.3, status=Where.DONE), Act(0.6, status=Where.STARTED))),
    Script("created in the sprint", Birth(at=0.25, member=True, estimate=3), (
        Act(0.4, status=Where.STARTED), Act(0.7, status=Where.DONE))),
    Script("created in the sprint, already done", Birth(at=0.4, member=True, estimate=2, status=Where.DONE), ()),
    Script("created in the sprint off the board", Birth(at=0.2, member=True, estimate=3, status=Where.UNMAPPED), (
        Act(0.5, status=Where.TODO),)),
    Script("estimate cleared", Birth(estimate=5), (_JOIN, Act(0.4, estimate=None))),
    Script("estimate set in the sprint", Birth(estimate=None), (
        _JOIN, Act(0.3, estimate=3), Act(0.8, status=Where.DONE))),
    Script("never estimated", Birth(estimate=None), (_JOIN, Act(0.8, status=Where.DONE))),
    Script("re-estimated while done", Birth(estimate=3), (
        _JOIN, Act(0.3, status=Where.DONE), Act(0.5, estimate=5))),
    Script("status deleted since, came back", Birth(estimate=3), (
        _JOIN, Act(0.2, status=Where.DELETED), Act(0.6, status=Where.STARTED), Act(0.9, status=Where.DONE))),
    Script("status deleted since, at the close", Birth(estimate=5), (
        _JOIN, Act(0.4, status=Where.DELETED), Act(2.0, status=Where.TODO))),
    Script("moved to another project", Birth(estimate=3, subtasks=2), (
        _JOIN, Act(0.4, move=True), Act(0.7, status=Where.DONE, subtasks=Where.DONE))),
    Script("not on the board at the start", Birth(estimate=3, status=Where.UNMAPPED), (
        _JOIN, Act(0.2, status=Where.TODO), Act(0.8, status=Where.DONE))),
    Script("never on the board", Birth(estimate=8, status=Where.UNMAPPED), (_JOIN, Act(2.0, status=Where.TODO))),
    Script("in triage at the start", Birth(estimate=2, status=Where.TRIAGE), (_JOIN, Act(0.35, status=Where.TODO))),
    Script("left the board", Birth(estimate=5), (_JOIN, Act(0.5, status=Where.UNMAPPED), Act(3.0, status=Where.TODO))),
    Script("cancelled", Birth(estimate=3), (_JOIN, Act(0.55, status=Where.CANCELLED))),
    Script("done before being added", Birth(estimate=3), (Act(-0.8, status=Where.DONE), Act(0.3, member=True))),
    Script("done before the start", Birth(estimate=2), (_JOIN, Act(-0.3, status=Where.DONE))),
    Script("done outside during the sprint, then added", Birth(estimate=5), (
        Act(0.2, status=Where.DONE), Act(0.5, member=True))),
    Script("done, then removed", Birth(estimate=3), (_JOIN, Act(0.4, status=Where.DONE), Act(0.7, member=False))),
    Script("finished earlier, reopened in the sprint", Birth(estimate=5), (
        _JOIN, Act(-0.4, status=Where.DONE), Act(0.3, status=Where.STARTED), Act(0.8, status=Where.DONE))),
    Script("finished earlier, reopened, not finished", Birth(estimate=3), (
        _JOIN, Act(-0.4, status=Where.DONE), Act(0.5, status=Where.STARTED))),
    Script("completed in another sprint", Birth(member_before=True, estimate=3, at=-10.0), (
        Act(-5.0, status=Where.DONE), Act(0.4, member=True))),
    Script("added at the very start", Birth(estimate=3), (Act(0, member=True),)),
    Script("done at the very start", Birth(estimate=2), (_JOIN, Act(0, status=Where.DONE))),
    Script("done at the very close", Birth(estimate=5), (_JOIN, Act(1, status=Where.DONE))),
    Script("removed at the very close", Birth(estimate=3), (_JOIN, Act(1, member=False))),
    Script("done just after the close", Birth(estimate=2), (_JOIN, Act(1.01, status=Where.DONE))),
    Script("everything in one entry", Birth(estimate=2), (
        Act(0.3, member=True, estimate=5, status=Where.STARTED), Act(0.6, member=False, estimate=8, status=Where.DONE))),
    Script("from one finished status to another", Birth(estimate=3), (
        _JOIN, Act(-0.4, status=Where.DONE), Act(0.4, status=Where.ALSO_DONE))),
    Script("done, then another finished status", Birth(estimate=3), (
        _JOIN, Act(0.3, status=Where.DONE), Act(0.6, status=Where.ALSO_DONE))),
    Script("Sprint changed without leaving", Birth(member_before=True, member=True, estimate=3), (
        Act(0.4, drop_before=True), Act(0.8, status=Where.DONE))),
    Script("added and taken out before the start", Birth(estimate=5), (_JOIN, Act(-0.5, member=False))),
    Script("epic in the sprint", Birth(estimate=8, epic=True), (_JOIN, Act(0.7, status=Where.DONE))),
    Script("with sub-tasks", Birth(estimate=5, subtasks=3), (
        _JOIN, Act(0.2, status=Where.STARTED, subtasks=Where.STARTED), Act(0.8, status=Where.DONE, subtasks=Where.DONE))),
    Script("half a point", Birth(estimate=0.5), (_JOIN, Act(0.2, estimate=1.5), Act(0.9, status=Where.DONE))),
)  # fmt: skip
