"""Sites, their boards and their field mapping: what REST takes and gives. Secrets only go in."""

from datetime import date, datetime
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from sprintreports.jira.boards import BoardChoice
from sprintreports.jira.client import Auth
from sprintreports.jira.diagnosis import Diagnosis
from sprintreports.jira.mapping import FieldChoice, FieldMapping, Slot
from sprintreports.jira.reads.sites import SiteRow
from sprintreports.jira.sites import Connection
from sprintreports.jira.sync import Mode
from sprintreports.metrics.values import SubtaskRule, Unit


def _storable(value: str) -> str:
    if not value.isprintable():
        raise ValueError("It holds characters that cannot be stored.")
    return value


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("Use the name of a time zone such as Europe/Berlin.")
    return value


Text = Annotated[str, Field(max_length=255), AfterValidator(_storable)]
FieldId = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_storable)]


class Body(BaseModel):
    """What a client sends: a field that does not exist is an error, not ignored."""

    model_config = ConfigDict(extra="forbid")


class SiteIn(Body):
    """How to reach a Jira. Cloud: auth basic with e-mail address and API token; Data Center: bearer or basic."""

    base_url: Annotated[str, Field(max_length=2000), AfterValidator(_storable)]
    auth: Auth
    account: Text = ""
    secret: SecretStr = Field(min_length=1, max_length=4000)
    name: Text = ""

    def connection(self) -> Connection:
        return Connection(self.base_url, self.auth, self.account, self.secret.get_secret_value())


class SiteChange(Body):
    """What is to change; what is left out stays. The secret stays unless the address changes."""

    name: Annotated[Text, Field(min_length=1)] | None = None
    base_url: Annotated[str, Field(max_length=2000), AfterValidator(_storable)] | None = None
    auth: Auth | None = None
    account: Text | None = None
    secret: SecretStr | None = Field(None, min_length=1, max_length=4000)

    def reconnects(self) -> bool:
        return any(value is not None for value in (self.base_url, self.auth, self.account, self.secret))


class SyncIn(Body):
    mode: Mode = Mode.INCREMENTAL


class CheckOut(BaseModel):
    name: str
    ok: bool
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
        checks = [CheckOut(name=found.name, ok=found.ok, message=found.message) for found in diagnosis.checks]
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
    """What is to change; what is left out stays. Weekdays: 0 is Monday."""

    selected: bool | None = None
    zone: Annotated[str, AfterValidator(_zone)] | None = None
    weekdays: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(min_length=1, max_length=7)] | None = (
        None
    )
    days_off: Annotated[list[date], Field(max_length=2000)] | None = None
    unit: Unit | None = None
    subtasks: SubtaskRule | None = None


class MappingIn(Body):
    """The confirmed mapping: the id of the field for each meaning, null where the site has none.

    What is left out stays as it is. `points_by_project` are exceptions for projects, by key.
    """

    points: FieldId | None = None
    owner: FieldId | None = None
    discipline: FieldId | None = None
    sprint: FieldId | None = None
    epic: FieldId | None = None
    points_by_project: dict[Text, FieldId] | None = Field(None, max_length=5000)

    def changes(self) -> dict[str, str | None]:
        return {slot.value: getattr(self, slot.value) for slot in Slot if slot.value in self.model_fields_set}


class MappingOut(BaseModel):
    """Which field means what, and why we think so."""

    points: str | None
    owner: str | None
    discipline: str | None
    sprint: str
    epic: str | None
    points_by_project: dict[str, str]
    names: dict[str, str] = Field(description="display names of the fields, by id")
    reasons: dict[str, str] = Field(description="why each field was guessed or chosen")
    confirmed: bool

    @classmethod
    def of(cls, mapping: FieldMapping) -> "MappingOut":
        return cls(**{name: getattr(mapping, name) for name in cls.model_fields})


class FieldChoiceOut(BaseModel):
    id: str
    name: str
    kind: str
    fits: bool

    @classmethod
    def of(cls, choice: FieldChoice) -> "FieldChoiceOut":
        return cls(id=choice.field_id, name=choice.name, kind=choice.kind, fits=choice.fits)


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
    created_at: datetime

    @classmethod
    def of(cls, row: SiteRow) -> "SiteOut":
        return cls(**{name: getattr(row, name) for name in cls.model_fields})
