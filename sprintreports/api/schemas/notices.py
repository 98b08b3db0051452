"""One's own notices, and which of them one wants, as REST shows them."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from sprintreports.identity.notices.choosing import Choice
from sprintreports.identity.notices.kinds import Channel, Kind
from sprintreports.identity.notices.reading import Told


class NoticeOut(BaseModel):
    """Something that one was told. `page`: where in the app one acts on it; `read_at`: null until it is read."""

    id: int
    kind: Kind = Field(examples=[Kind.NEW_DEVICE])
    title: str = Field(examples=["Signed in from a new device"])
    text: str = Field(
        examples=[
            "Firefox on Windows at 192.0.2.7. If this was not you, end that session and change your password."
        ]
    )
    page: str = Field(examples=["/profile?tab=security"])
    made_at: datetime
    read_at: datetime | None

    @classmethod
    def of(cls, told: Told) -> "NoticeOut":
        said = told.words
        return cls(
            id=told.id,
            kind=told.kind,
            title=said.title,
            text=said.text,
            page=said.page,
            made_at=told.made_at,
            read_at=told.read_at,
        )


class NoticesReadOut(BaseModel):
    """How many were unread until now."""

    read: int


class NoticeChoiceOut(BaseModel):
    """Whether one wants a kind of notice. `always`: it cannot be switched off."""

    kind: Kind = Field(examples=[Kind.API_KEY_ENDS])
    name: str = Field(examples=["An API key of yours ends within seven days"])
    channel: Channel
    wanted: bool
    always: bool

    @classmethod
    def of(cls, choice: Choice) -> "NoticeChoiceOut":
        return cls(
            kind=choice.kind,
            name=choice.name,
            channel=choice.channel,
            wanted=choice.wanted,
            always=choice.always,
        )


class NoticeChoicesOut(BaseModel):
    choices: list[NoticeChoiceOut]

    @classmethod
    def of(cls, choices: list[Choice]) -> "NoticeChoicesOut":
        return cls(choices=[NoticeChoiceOut.of(one) for one in choices])


class NoticeChoicesIn(BaseModel):
    """Kinds to switch on or off; what is not named stays."""

    model_config = ConfigDict(extra="forbid")

    wanted: dict[Kind, bool] = Field(max_length=100, examples=[{"api_key_ends": False}])
