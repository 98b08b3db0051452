"""Sites, their boards and their field mapping: what REST takes and gives. Secrets only go in."""

from datetime import date, datetime
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from sprintreports.jira.board_done import DoneRule
from sprintreports.jira.boards import BoardChoice
from sprintreports.jira.circuits import Cause, Circuit, State
from sprintreports.jira.client import Auth
from sprintreports.jira.diagnosis import Diagnosis
from sprintreports.jira.reads.sites import SiteRow
from sprintreports.jira.sites import Connection
from sprintreports.jira.sync import Mode
from sprintreports.metrics.values import SubtaskRule, Unit


def storable(value: str) -> str:
    if not value.isprintable():
        raise ValueError("It holds characters that cannot be stored.")
    return value


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("Use the name of a time zone such as Europe/Berlin.")
    return value


Text = Annotated[str, Field(max_length=255), AfterValidator(storable)]
StatusId = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(storable)]


class Body(BaseModel):
    """What a client sends: a field that does not exist is an error, not ignored."""

    model_config = ConfigDict(extra="forbid")


class SiteIn(Body):
    """How to reach a Jira. Cloud: auth basic with e-mail address and API token; Data Center: bearer or basic."""

    base_url: Annotated[str, Field(max_length=2000), AfterValidator(storable)]
    auth: Auth
    account: Text = ""
    secret: SecretStr = Field(min_length=1, max_length=4000)
    name: Text = ""

    def connection(self) -> Connection:
        return Connection(self.base_url, self.auth, self.account, self.secret.get_secret_value())


class SiteChange(Body):
    """What is to change; what is left out stays. The secret stays unless the address changes."""

    name: Annotated[Text, Field(min_length=1)] | None = None
    base_url: Annotated[str, Field(max_length=2000), AfterValidator(storable)] | None = None
    auth: Auth | None = None
    account: Text | None = None
    secret: SecretStr | None = Field(None, min_length=1, max_length=4000)
    paused: bool | None = None
    sync_minutes: Annotated[int, Field(ge=0, le=24 * 60)] | None = Field(
        None, description="0: never; 5 to 1440; null: as the installation is set"
    )

    def reschedules(self) -> bool:
        return "sync_minutes" in self.model_fields_set

    def reconnects(self) -> bool:
        return any(value is not None for value in (self.base_url, self.auth, self.account, self.secret))


class SyncIn(Body):
    mode: Mode = Mode.INCREMENTAL


class CheckOut(BaseModel):
    name: str
    ok: bool
    warning: bool = Field(description="it works, but not as it should: the message says what to do")
    message: str


class DiagnosisOut(BaseModel):
    """What a connection is able to do, step by step up to the first that fails."""

    ok: bool
    summary: str
    checks: list[CheckOut]
    dialect: str | None
    version: str
    account: str
    time_zone: str | None
    boards: int | None

    @classmethod
    def of(cls, diagnosis: Diagnosis) -> "DiagnosisOut":
        checks = [
            CheckOut(name=found.name, ok=found.ok, warning=found.warning, message=found.message)
            for found in diagnosis.checks
        ]
        return cls(
            ok=diagnosis.ok,
            summary=diagnosis.summary,
            checks=checks,
            dialect=diagnosis.dialect,
            version=diagnosis.version,
            account=diagnosis.account,
            time_zone=diagnosis.time_zone,
            boards=diagnosis.boards,
        )


class BoardChoiceOut(BaseModel):
    """A board as Jira lists it, and whether it is synced."""

    id: int
    jira_board_id: int
    name: str
    type: str
    project_key: str | None
    selected: bool
    problem: str | None

    @classmethod
    def of(cls, choice: BoardChoice) -> "BoardChoiceOut":
        return cls(
            id=choice.board_id,
            jira_board_id=choice.jira_board_id,
            name=choice.name,
            type=choice.type,
            project_key=choice.project_key,
            selected=choice.selected,
            problem=choice.problem,
        )


class BoardsIn(Body):
    """Our ids of the boards to sync: these and no others."""

    selected: list[Annotated[int, Field(ge=1, le=2**63 - 1)]] = Field(min_length=1, max_length=5000)


class BoardChange(Body):
    """What is to change; what is left out stays. Weekdays: 0 is Monday.

    `done_statuses`: ids of the statuses that count as done; null: those of the right-most column.
    """

    selected: bool | None = None
    zone: Annotated[str, AfterValidator(_zone)] | None = None
    weekdays: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(min_length=1, max_length=7)] | None = (
        None
    )
    days_off: Annotated[list[date], Field(max_length=2000)] | None = None
    unit: Unit | None = None
    subtasks: SubtaskRule | None = None
    done_statuses: Annotated[list[StatusId], Field(max_length=500)] | None = None

    def done(self) -> DoneRule | None:
        """None: the rule stays as it is."""
        if "done_statuses" not in self.model_fields_set:
            return None
        return DoneRule(None if self.done_statuses is None else tuple(self.done_statuses))


class CircuitOut(BaseModel):
    """Whether its Jira is asked (closed), left alone because it could not answer (open), or being tried (half_open)."""

    state: State
    cause: Cause = Field(description="empty while it is closed and nothing failed")
    reason: str
    since: datetime | None
    next_probe_at: datetime | None = Field(description="null while it is open: when somebody acts")
    failures: int = Field(description="in a row")

    @classmethod
    def of(cls, circuit: Circuit) -> "CircuitOut":
        return cls(
            state=circuit.state,
            cause=circuit.cause,
            reason=circuit.reason,
            since=circuit.since,
            next_probe_at=circuit.until,
            failures=circuit.failures,
        )


class SiteOut(BaseModel):
    """A connected Jira."""

    id: int
    name: str
    base_url: str
    dialect: str
    auth: str
    account: str
    status: str
    status_message: str
    time_zone: str
    last_synced_at: datetime | None = Field(description="end of the last complete sync; null: never")
    mapping_confirmed: bool
    boards: int
    selected_boards: int
    issues: int
    paused_at: datetime | None = Field(description="null: it is not paused")
    sync_minutes: int | None = Field(
        description="its own schedule; 0: never; null: as the installation is set"
    )
    circuit: CircuitOut
    created_at: datetime

    @classmethod
    def of(cls, row: SiteRow) -> "SiteOut":
        plain = {name: getattr(row, name) for name in cls.model_fields if name != "circuit"}
        return cls(**plain, circuit=CircuitOut.of(row.circuit))
