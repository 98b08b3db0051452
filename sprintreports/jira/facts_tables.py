"""What is computed from Jira's rows: timelines and segments of issues, facts of sprints. All can be rebuilt.

Amounts are points in thousandths, seconds and issues. Facts are keyed (site, board, sprint) and sliced by discipline.
"""

# SQLModel declares __tablename__ as something that a plain name is not.
# pyright: reportAssignmentType=false

from datetime import date, datetime

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from sprintreports.jira.tables import Row

ALL_DISCIPLINES = -1


def _key() -> int:
    return Field(sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})


def _big() -> int:
    return Field(sa_type=BigInteger)


def _optional() -> int | None:
    return Field(default=None, sa_type=BigInteger)


class IssueTimeline(Row, table=True):
    """An issue's history as packed timelines (`timelines.Timelines`): what segments and as-of values are read from."""

    __tablename__ = "issue_timeline"
    site_id: int = _key()
    jira_issue_id: int = _key()
    body: bytes


class IssueStatusInterval(Row, table=True):
    """The issue had the status during [valid_from, valid_to)."""

    __tablename__ = "issue_status_interval"
    site_id: int = _key()
    jira_issue_id: int = _key()
    valid_from: datetime = Field(primary_key=True)
    valid_to: datetime | None = None
    status_id: str


class SprintSegment(Row, table=True):
    """The issue was a member of the sprint during [valid_from, valid_to), all else constant."""

    __tablename__ = "sprint_segment"
    __table_args__ = (Index("ix_sprint_segment_issue", "site_id", "jira_issue_id"),)
    site_id: int = _key()
    jira_board_id: int = _key()
    jira_sprint_id: int = _key()
    jira_issue_id: int = _key()
    valid_from: datetime = Field(primary_key=True)
    valid_to: datetime | None = None
    discipline_id: int = _big()
    points: int | None = _optional()
    seconds: int | None = _optional()
    state: int
    status_id: str
    done_since: datetime | None = None
    born_member: bool


class SprintTouched(Row, table=True):
    """Sprints whose facts are to be computed again."""

    __tablename__ = "sprint_touched"
    site_id: int = _key()
    jira_board_id: int = _key()
    jira_sprint_id: int = _key()
    touched_at: datetime


class SprintFact(Row, table=True):
    """That the facts of a sprint on a board are there, and for which window and rules they were computed."""

    __tablename__ = "sprint_fact"
    site_id: int = _key()
    jira_board_id: int = _key()
    jira_sprint_id: int = _key()
    window_start: datetime | None = None
    window_end: datetime
    closed: bool
    planned_end: datetime | None = None
    zone: str
    definitions: int
    rebuilt_at: datetime


class SprintPacked(Row, table=True):
    """What is asked of the sprint as a whole, in one piece (`facts_packed`)."""

    __tablename__ = "sprint_packed"
    site_id: int = _key()
    jira_board_id: int = _key()
    jira_sprint_id: int = _key()
    format: int
    report: bytes
    hours: bytes | None = None


class SprintIssueFact(Row, table=True):
    """One issue's part in a sprint. Attributes are those at the sprint's end. `excluded` says why it is not counted.

    key_order: its place among the sprint's issues by key, so that a page is cut before issues are looked up; NULL in rows
    from before there was such a column.
    """

    __tablename__ = "sprint_issue_fact"
    __table_args__ = (Index("ix_sprint_issue_fact_issue", "site_id", "jira_issue_id"),)
    site_id: int = _key()
    jira_board_id: int = _key()
    jira_sprint_id: int = _key()
    jira_issue_id: int = _key()
    bucket: str | None = None
    excluded: str | None = None
    committed: bool
    added: bool
    added_during: bool
    reason: str
    initial_points: int | None = _optional()
    initial_seconds: int | None = _optional()
    final_points: int | None = _optional()
    final_seconds: int | None = _optional()
    entered_at: datetime | None = None
    left_at: datetime | None = None
    done_at: datetime | None = None
    discipline_initial: int = _big()
    discipline_id: int = _big()
    status_id: str
    type: str
    priority: str
    assignee_id: int | None = _optional()
    stakeholder_id: int | None = _optional()
    stakeholder_is_owner: bool
    key_order: int | None = None


class SprintEvent(Row, table=True):
    """One step of the sprint's scope or work, in order. `moved_…`: what it adds to what it changes."""

    __tablename__ = "sprint_event"
    site_id: int = _key()
    jira_board_id: int = _key()
    jira_sprint_id: int = _key()
    position: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime
    jira_issue_id: int = _big()
    kind: str
    reason: str
    discipline_id: int = _big()
    done: bool
    had_before: bool
    before_points: int | None = _optional()
    before_seconds: int | None = _optional()
    has_after: bool
    after_points: int | None = _optional()
    after_seconds: int | None = _optional()
    changes_scope: bool
    changes_done: bool
    moved_points: int = _big()
    moved_seconds: int = _big()
    moved_count: int


class SprintDailyFact(Row, table=True):
    """The state at the end of a day in the board's zone."""

    __tablename__ = "sprint_daily_fact"
    site_id: int = _key()
    jira_board_id: int = _key()
    jira_sprint_id: int = _key()
    day: date = Field(primary_key=True)
    scope_points: int = _big()
    scope_seconds: int = _big()
    scope_count: int
    done_points: int = _big()
    done_seconds: int = _big()
    done_count: int
    remaining_points: int = _big()
    remaining_seconds: int = _big()
    remaining_count: int


class SprintSummary(Row, table=True):
    """Sums of one slice of a sprint.

    dimension "sprint": the whole (discipline ALL_DISCIPLINES) or one discipline; "transfer": what moved from the
    discipline to the one in `label` (in the `transferred` columns); "excluded": how many of the discipline are left out
    for the reason in `label`; else a breakdown of the discipline by that dimension.
    """

    __tablename__ = "sprint_summary"
    site_id: int = _key()
    jira_board_id: int = _key()
    jira_sprint_id: int = _key()
    dimension: str = Field(primary_key=True)
    discipline_id: int = _key()
    label: str = Field(primary_key=True)
    initial_points: int = _big()
    initial_seconds: int = _big()
    initial_count: int
    added_points: int = _big()
    added_seconds: int = _big()
    added_count: int
    removed_initial_points: int = _big()
    removed_initial_seconds: int = _big()
    removed_initial_count: int
    removed_points: int = _big()
    removed_seconds: int = _big()
    removed_count: int
    reestimated_points: int = _big()
    reestimated_seconds: int = _big()
    reestimated_count: int
    final_points: int = _big()
    final_seconds: int = _big()
    final_count: int
    completed_initial_points: int = _big()
    completed_initial_seconds: int = _big()
    completed_initial_count: int
    completed_points: int = _big()
    completed_seconds: int = _big()
    completed_count: int
    not_completed_initial_points: int = _big()
    not_completed_initial_seconds: int = _big()
    not_completed_initial_count: int
    not_completed_points: int = _big()
    not_completed_seconds: int = _big()
    not_completed_count: int
    outside_points: int = _big()
    outside_seconds: int = _big()
    outside_count: int
    transferred_points: int = _big()
    transferred_seconds: int = _big()
    transferred_count: int
    issues: int
    unestimated: int
    untimed: int
    excluded: int
