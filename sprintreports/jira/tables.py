"""What we keep of Jira: its nouns as tables, `site_id` first in every key.

`id` columns are ours and are what REST and the pages name things by; `jira_…_id` columns are Jira's. All instants are
timestamptz. Facts that are computed from these rows are in `facts_tables`.
"""

# SQLModel declares __tablename__ as something that a plain name is not.
# pyright: reportAssignmentType=false

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from sprintreports.kit import db

CHANGE_PARTITIONS = 16
NOW = {"server_default": text("now()")}


class Row(SQLModel):
    """What all tables share: the metadata that names constraints by one convention."""

    metadata = db.metadata


def _identity(*, primary_key: bool = False) -> Any:
    return Field(
        default=None,
        sa_column=Column(
            BigInteger,
            Identity(always=False),
            primary_key=primary_key,
            unique=not primary_key or None,
            nullable=False,
        ),
    )


def _site_key(*, primary_key: bool = True) -> Any:
    return Field(
        sa_column=Column(
            BigInteger, ForeignKey("site.id", ondelete="CASCADE"), primary_key=primary_key, nullable=False
        )
    )


def _jira_key() -> Any:
    return Field(sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})


def _big(*, index: bool = False) -> Any:
    return Field(default=None, sa_type=BigInteger, index=index)


def _json(default: str) -> Any:
    return Field(sa_column=Column(JSONB, nullable=False, server_default=text(f"'{default}'::jsonb")))


def _stamp() -> Any:
    return Field(default=None, nullable=False, sa_column_kwargs=NOW)


class Site(Row, table=True):
    """One Jira. `mapping` is a FieldMapping, `circuit` a Circuit; `secret` is sealed with the site's id as context.

    `sync_minutes` is its schedule: null as the installation's setting says, 0 never.
    """

    __tablename__ = "site"
    __table_args__ = (
        Index("uq_site_base_url", "base_url", unique=True, postgresql_where=text("deleted_at IS NULL")),
    )
    id: int | None = _identity(primary_key=True)
    name: str
    base_url: str
    dialect: str = "cloud"
    auth: str = "basic"
    account: str = ""
    secret: bytes | None = None
    status: str = "new"
    status_message: str = ""
    mapping: dict[str, Any] = _json("{}")
    settings: dict[str, Any] = _json("{}")
    time_zone: str = Field(default="UTC", sa_column_kwargs={"server_default": "UTC"})
    # The fingerprint of the mapping that its issues were read with.
    read_with: str | None = None
    last_synced_at: datetime | None = None
    paused_at: datetime | None = None
    sync_minutes: int | None = None
    circuit: dict[str, Any] = _json("{}")
    created_at: datetime = _stamp()
    updated_at: datetime = _stamp()
    deleted_at: datetime | None = None


class Board(Row, table=True):
    """A board and everything that it decides: columns, estimation, filter; zone and working days are our settings.

    `done_statuses`: ids of the statuses that count as done; None: those of the right-most column.
    """

    __tablename__ = "board"
    site_id: int = _site_key()
    jira_board_id: int = _jira_key()
    id: int | None = _identity()
    name: str
    type: str = "scrum"
    project_key: str | None = None
    filter_id: str | None = None
    filter_jql: str | None = Field(default=None, sa_type=Text)
    sub_query: str | None = Field(default=None, sa_type=Text)
    columns: list[dict[str, Any]] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    estimation_kind: str = Field(default="none", sa_column_kwargs={"server_default": "none"})
    estimation_field: str | None = None
    done_statuses: list[str] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    unit: str = Field(default="points", sa_column_kwargs={"server_default": "points"})
    subtasks: str = Field(default="parents", sa_column_kwargs={"server_default": "parents"})
    zone: str = Field(default="UTC", sa_column_kwargs={"server_default": "UTC"})
    weekdays: list[int] = _json("[0, 1, 2, 3, 4]")
    days_off: list[str] = _json("[]")
    selected: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    problem: str | None = Field(default=None, sa_type=Text)
    configured_at: datetime | None = None
    # The fingerprint of the filter that its issues were listed with.
    listed_with: str | None = None
    # When the order of its issues was last asked for, and when somebody last planned on it.
    ordered_at: datetime | None = None
    order_wanted_at: datetime | None = None
    created_at: datetime = _stamp()
    updated_at: datetime = _stamp()
    deleted_at: datetime | None = None


class Sprint(Row, table=True):
    """A sprint. `delivered` is false for one that issues refer to and that no board has listed."""

    __tablename__ = "sprint"
    __table_args__ = (
        Index("ix_sprint_state", "site_id", "state"),
        Index("ix_sprint_name", "site_id", "name"),
    )
    site_id: int = _site_key()
    jira_sprint_id: int = _jira_key()
    id: int | None = _identity()
    name: str
    state: str = "unknown"
    goal: str | None = Field(default=None, sa_type=Text)
    start_date: datetime | None = None
    end_date: datetime | None = None
    activated_at: datetime | None = None
    complete_date: datetime | None = None
    origin_board_id: int | None = _big()
    delivered: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    note: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = _stamp()
    updated_at: datetime = _stamp()
    deleted_at: datetime | None = None


class BoardSprint(Row, table=True):
    """Which board lists which sprint."""

    __tablename__ = "board_sprint"
    __table_args__ = (Index("ix_board_sprint_sprint", "site_id", "jira_sprint_id"),)
    site_id: int = _site_key()
    jira_board_id: int = _jira_key()
    jira_sprint_id: int = _jira_key()
    created_at: datetime = _stamp()


class Issue(Row, table=True):
    """An issue as it is now. People and disciplines by our ids; points in thousandths.

    `scheduling` is Jira's own word; `deadline`, `planned_start` and `planned_end` are days or moments as `ingest_dates` keeps them,
    since a day becomes an instant by a board's clock alone.
    `deleted_at`: Jira has it no more; `hidden_at`: a permission hides it from our account, and it counts as last seen.
    """

    __tablename__ = "issue"
    __table_args__ = (
        Index("ix_issue_key", "site_id", "key"),
        Index("ix_issue_parent", "site_id", "parent_issue_id"),
        Index("ix_issue_updated", "site_id", "jira_updated"),
        Index(
            "ix_issue_absent",
            "site_id",
            "jira_issue_id",
            postgresql_where=text("deleted_at IS NOT NULL OR hidden_at IS NOT NULL"),
        ),
    )
    site_id: int = _site_key()
    jira_issue_id: int = _jira_key()
    key: str
    project_key: str
    summary: str = Field(sa_type=Text)
    type: str
    is_subtask: bool
    subtask_count: int
    status_id: str
    priority: str
    assignee_id: int | None = _big()
    reporter_id: int | None = _big()
    owner_id: int | None = _big()
    discipline_id: int = Field(default=0, sa_type=BigInteger)
    parent_issue_id: int | None = _big()
    epic_key: str | None = None
    points: int | None = _big()
    seconds: int | None = _big()
    resolution: str | None = None
    scheduling: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    deadline: str | None = Field(default=None, sa_type=Text)
    planned_start: str | None = Field(default=None, sa_type=Text)
    planned_end: str | None = Field(default=None, sa_type=Text)
    former_keys: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False, server_default=text("'{}'")))
    gaps: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    notes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False, server_default=text("'{}'")))
    jira_created: datetime
    jira_updated: datetime
    hidden_at: datetime | None = None
    created_at: datetime = _stamp()
    updated_at: datetime = _stamp()
    deleted_at: datetime | None = None


class IssueSprint(Row, table=True):
    """The sprints that an issue's own Sprint field has ever held."""

    __tablename__ = "issue_sprint"
    site_id: int = _site_key()
    jira_sprint_id: int = _jira_key()
    jira_issue_id: int = _jira_key()
    __table_args__ = (Index("ix_issue_sprint_issue", "site_id", "jira_issue_id"),)


class IssueLink(Row, table=True):
    """A link as its outward side says it: `jira_issue_id` (blocks) `other_issue_id`."""

    __tablename__ = "issue_link"
    __table_args__ = (Index("ix_issue_link_other", "site_id", "other_issue_id"),)
    site_id: int = _site_key()
    jira_issue_id: int = _jira_key()
    kind: str = Field(primary_key=True)
    other_issue_id: int = _jira_key()


class BoardIssue(Row, table=True):
    """Which issues a board's filter showed, and from when to when we saw it do so.

    `place`: where an open issue stands in the board's own order, 1 the first; None: it was not listed there.
    """

    __tablename__ = "board_issue"
    __table_args__ = (Index("ix_board_issue_issue", "site_id", "jira_issue_id"),)
    site_id: int = _site_key()
    jira_board_id: int = _jira_key()
    jira_issue_id: int = _jira_key()
    seen_from: datetime
    seen_to: datetime | None = None
    place: int | None = None


class SweepDoubt(Row, table=True):
    """Issues that were missing all at once, which no run has believed yet. `scope`: "board:4" or "project:WEB"."""

    __tablename__ = "sweep_doubt"
    site_id: int = _site_key()
    scope: str = Field(primary_key=True)
    issues: list[int] = Field(sa_column=Column(ARRAY(BigInteger), nullable=False))
    sync_run_id: int | None = _big()
    noticed_at: datetime


class Status(Row, table=True):
    """A status; `deleted` is true for one that only the past knows."""

    __tablename__ = "status"
    site_id: int = _site_key()
    status_id: str = Field(primary_key=True)
    name: str
    category: str = "indeterminate"
    deleted: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    created_at: datetime = _stamp()
    updated_at: datetime = _stamp()


class Project(Row, table=True):
    __tablename__ = "project"
    site_id: int = _site_key()
    jira_project_id: int = _jira_key()
    key: str
    name: str
    created_at: datetime = _stamp()
    updated_at: datetime = _stamp()


class Discipline(Row, table=True):
    """Jira's raw team value; planning maps it to teams on reading."""

    __tablename__ = "discipline"
    __table_args__ = (Index("uq_discipline_name", "site_id", "name", unique=True),)
    id: int | None = _identity(primary_key=True)
    site_id: int = _site_key(primary_key=False)
    name: str
    created_at: datetime = _stamp()


class JiraPerson(Row, table=True):
    """The only place that holds the name of somebody in Jira."""

    __tablename__ = "jira_person"
    __table_args__ = (Index("uq_jira_person_account", "site_id", "account_key", unique=True),)
    id: int | None = _identity(primary_key=True)
    site_id: int = _site_key(primary_key=False)
    account_key: str
    name: str
    active: bool = True
    created_at: datetime = _stamp()
    updated_at: datetime = _stamp()


class ErasedPerson(Row, table=True):
    """Somebody whose name is not stored again. `digest`: of their account key, under a key that the database does not
    have; `alias`: what stands in the account key's place everywhere."""

    __tablename__ = "erased_person"
    __table_args__ = (Index("uq_erased_person_digest", "site_id", "digest", unique=True),)
    id: int | None = _identity(primary_key=True)
    site_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("site.id", ondelete="CASCADE"), nullable=False, index=True)
    )
    digest: bytes
    alias: str = Field(max_length=80)
    erased_at: datetime


class ChangeItem(Row, table=True):
    """The archive: every changed field of every history. Values of people are our ids; long texts are left out."""

    __tablename__ = "change_item"
    __table_args__ = ({"postgresql_partition_by": "HASH (jira_issue_id)"},)
    site_id: int = _jira_key()
    jira_issue_id: int = _jira_key()
    change_id: int = _jira_key()
    position: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime
    author_id: int | None = _big()
    field: str
    field_id: str | None = None
    from_value: str | None = Field(default=None, sa_type=Text)
    from_text: str | None = Field(default=None, sa_type=Text)
    to_value: str | None = Field(default=None, sa_type=Text)
    to_text: str | None = Field(default=None, sa_type=Text)


class StoredPayload(Row, table=True):
    """What Jira sent, compressed as it came, so that another mapping can be replayed without calling Jira."""

    __tablename__ = "stored_payload"
    site_id: int = _site_key()
    kind: str = Field(primary_key=True)
    external_id: str = Field(primary_key=True)
    received_at: datetime
    sync_run_id: int | None = _big()
    digest: bytes
    source_updated: datetime | None = None
    body: bytes


class SyncRun(Row, table=True):
    """One synchronisation: what it has done, where it goes on, how it ended."""

    __tablename__ = "sync_run"
    __table_args__ = (Index("ix_sync_run_site", "site_id", "id"),)
    id: int | None = _identity(primary_key=True)
    site_id: int = _site_key(primary_key=False)
    mode: str = "full"
    state: str = "queued"
    phase: str = ""
    cursor: dict[str, Any] = _json("{}")
    notes: list[Any] = _json("[]")
    done_issues: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    changed_issues: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    total_issues: int | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    heartbeat_at: datetime | None = None
    expected_at: datetime | None = None
    traffic: dict[str, Any] = _json("{}")
    error: str | None = Field(default=None, sa_type=Text)
    request_id: str | None = None
    requested_by: int | None = _big()
    job_id: int | None = _big()
    cancel_requested: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    created_at: datetime = _stamp()
    updated_at: datetime = _stamp()
