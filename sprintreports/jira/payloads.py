"""The shapes of Jira's JSON that we rely on, and nothing more: unknown fields are ignored, wrong shapes are refused.

What differs between Cloud and Data Center differs here in optional fields only. Field values of issues stay raw JSON
(`msgspec.Raw`) until a mapping says which of them are wanted.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from sprintreports.jira.errors import JiraAnswerInvalid

T = TypeVar("T")

_MILLISECONDS_FROM = 100_000_000_000  # as seconds the year 5138, as milliseconds 1973


class Named(msgspec.Struct, frozen=True):
    """Anything of which only id, name and key matter: priority, resolution, project, issue type …"""

    id: str | int | None = None
    name: str = ""
    key: str = ""


class StatusCategory(msgspec.Struct, frozen=True):
    key: str = ""
    name: str = ""


class StatusPayload(msgspec.Struct, frozen=True):
    id: str | int
    name: str = ""
    category: StatusCategory | None = msgspec.field(name="statusCategory", default=None)

    @property
    def status_id(self) -> str:
        return str(self.id)


class FieldSchema(msgspec.Struct, frozen=True):
    type: str = ""
    custom: str | None = None
    system: str | None = None
    items: str | None = None


class FieldPayload(msgspec.Struct, frozen=True):
    """One entry of /field."""

    id: str
    name: str = ""
    custom: bool = False
    schema: FieldSchema | None = None


class PersonPayload(msgspec.Struct, frozen=True):
    """A user: by account id on Cloud, by key and name on Data Center."""

    account_id: str | None = msgspec.field(name="accountId", default=None)
    key: str | None = None
    name: str | None = None
    display_name: str = msgspec.field(name="displayName", default="")
    active: bool = True
    time_zone: str | None = msgspec.field(name="timeZone", default=None)

    @property
    def account_key(self) -> str | None:
        """What names this person for good: account id, else user key, else login name."""
        return self.account_id or self.key or self.name


class ServerInfo(msgspec.Struct, frozen=True):
    version: str = ""
    version_numbers: tuple[int, ...] = msgspec.field(name="versionNumbers", default=())
    deployment_type: str = msgspec.field(name="deploymentType", default="")
    base_url: str = msgspec.field(name="baseUrl", default="")
    server_title: str = msgspec.field(name="serverTitle", default="")


class BoardLocation(msgspec.Struct, frozen=True):
    project_key: str | None = msgspec.field(name="projectKey", default=None)
    project_id: int | None = msgspec.field(name="projectId", default=None)


class BoardPayload(msgspec.Struct, frozen=True):
    id: int
    name: str = ""
    type: str = "scrum"
    location: BoardLocation | None = None


class ColumnStatus(msgspec.Struct, frozen=True):
    id: str | int


class ColumnPayload(msgspec.Struct, frozen=True):
    name: str = ""
    statuses: tuple[ColumnStatus, ...] = ()


class ColumnConfig(msgspec.Struct, frozen=True):
    columns: tuple[ColumnPayload, ...] = ()


class EstimationField(msgspec.Struct, frozen=True):
    field_id: str = msgspec.field(name="fieldId", default="")
    display_name: str = msgspec.field(name="displayName", default="")


class Estimation(msgspec.Struct, frozen=True):
    """`type` is "field", "issueCount" or "none"; `field` is there for "field" alone."""

    type: str = "none"
    field: EstimationField | None = None


class FilterReference(msgspec.Struct, frozen=True):
    id: str | int


class SubQuery(msgspec.Struct, frozen=True):
    query: str = ""


class BoardConfiguration(msgspec.Struct, frozen=True):
    id: int
    name: str = ""
    type: str = "scrum"
    filter: FilterReference | None = None
    sub_query: SubQuery | None = msgspec.field(name="subQuery", default=None)
    column_config: ColumnConfig = msgspec.field(name="columnConfig", default=ColumnConfig())
    estimation: Estimation | None = None


class FilterPayload(msgspec.Struct, frozen=True):
    id: str | int
    name: str = ""
    jql: str = ""


class SprintPayload(msgspec.Struct, frozen=True):
    """A sprint, as the agile family delivers it or as an issue's Sprint field holds it."""

    id: int
    name: str = ""
    state: str = ""
    goal: str | None = None
    start_date: str | None = msgspec.field(name="startDate", default=None)
    end_date: str | None = msgspec.field(name="endDate", default=None)
    complete_date: str | None = msgspec.field(name="completeDate", default=None)
    activated_date: str | None = msgspec.field(name="activatedDate", default=None)
    origin_board_id: int | None = msgspec.field(name="originBoardId", default=None)


class ChangeItem(msgspec.Struct, frozen=True):
    """One changed field. Data Center has no `fieldId`; then the field's name is all there is."""

    field: str = ""
    field_id: str | None = msgspec.field(name="fieldId", default=None)
    before_value: Any = msgspec.field(name="from", default=None)
    after_value: Any = msgspec.field(name="to", default=None)
    before_string: Any = msgspec.field(name="fromString", default=None)
    after_string: Any = msgspec.field(name="toString", default=None)

    @property
    def before(self) -> str | None:
        return as_text(self.before_value)

    @property
    def after(self) -> str | None:
        return as_text(self.after_value)

    @property
    def before_text(self) -> str | None:
        return as_text(self.before_string)

    @property
    def after_text(self) -> str | None:
        return as_text(self.after_string)


class ChangePayload(msgspec.Struct, frozen=True):
    """One history: who changed what, when. Bulk answers carry the time as a number."""

    id: str | int
    created: str | int | float
    author: PersonPayload | None = None
    items: tuple[ChangeItem, ...] = ()

    @property
    def at(self) -> datetime:
        return parse_time(self.created)


class IssuePayload(msgspec.Struct, frozen=True):
    """An issue whose field values are still raw JSON."""

    id: str | int
    key: str = ""
    fields: dict[str, msgspec.Raw] = {}

    @property
    def issue_id(self) -> int:
        return int(self.id)

    def value(self, field_id: str | None, type_: type[T]) -> T | None:
        """The value of a field as `type_`; None when the field is absent, null or not mapped."""
        raw = self.fields.get(field_id) if field_id else None
        if raw is None:
            return None
        return decode(raw, type_ | None, f"issue {self.key}, field {field_id}")  # type: ignore[arg-type]


class ChangelogRaw(msgspec.Struct, frozen=True):
    """The changelog inside an issue's answer; `total` tells a truncated one."""

    histories: tuple[msgspec.Raw, ...] = ()
    total: int | None = None
    start_at: int = msgspec.field(name="startAt", default=0)

    @property
    def complete(self) -> bool:
        return self.start_at == 0 and (self.total is None or self.total <= len(self.histories))


class ErrorPayload(msgspec.Struct, frozen=True):
    """How Jira says what it did not like."""

    error_messages: tuple[str, ...] = msgspec.field(name="errorMessages", default=())
    errors: dict[str, Any] = {}
    message: str | None = None


def decode(body: bytes | msgspec.Raw, type_: type[T], endpoint: str, *, strict: bool = True) -> T:
    """Parse `body` as `type_`. Raises JiraAnswerInvalid that names the endpoint and what is wrong.

    Without `strict` a number may be written as a text.
    """
    try:
        return _decoder(type_, strict=strict).decode(body)
    except msgspec.ValidationError as error:
        raise JiraAnswerInvalid(endpoint, f"it has an unexpected shape ({error})") from error
    except msgspec.DecodeError as error:
        raise JiraAnswerInvalid(endpoint, f"it is not complete JSON ({error})") from error
    except UnicodeDecodeError as error:
        raise JiraAnswerInvalid(endpoint, "it is not UTF-8 text") from error


@lru_cache(maxsize=128)
def _decoder(type_: Any, *, strict: bool) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(type_, strict=strict)


def as_text(value: object) -> str | None:
    """Changelog values are strings; some servers send numbers. Lists and objects are kept as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return str(value)
    return msgspec.json.encode(value).decode()


def parse_time(value: str | float, *, endpoint: str = "a date") -> datetime:
    """An aware UTC instant out of "2020-06-12T00:38:51.882+0000", "…Z", "…+08:00", or epoch (milli)seconds.

    A time without an offset is read as UTC. Raises JiraAnswerInvalid.
    """
    try:
        if not isinstance(value, str):
            seconds = value / 1000 if abs(value) >= _MILLISECONDS_FROM else value
            return datetime.fromtimestamp(seconds, UTC)
        at = datetime.fromisoformat(value.strip())
    except (ValueError, OverflowError, OSError) as error:
        raise JiraAnswerInvalid(endpoint, f"{value!r} is not a time") from error
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def optional_time(value: str | float | None, *, endpoint: str = "a date") -> datetime | None:
    """Like parse_time; None and empty stay None."""
    return None if value is None or value == "" else parse_time(value, endpoint=endpoint)


class RawIssue(msgspec.Struct, frozen=True):
    """An issue as received: its JSON without the changelog, and each history's JSON. What is kept and replayed."""

    issue_id: int
    issue: bytes
    changes: tuple[bytes, ...] = ()
