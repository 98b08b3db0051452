"""What REST shows and takes of sprint queues: the queue, what it is made by, its draft and edits, its versions."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from sprintreports.api.schemas.planning import ID, Strict
from sprintreports.api.schemas.queue_changes import AnyChange, shown
from sprintreports.api.schemas.queue_options import OptionsIn, OptionsOut, SourcesIO
from sprintreports.planning.queues.drafts import LONGEST_TOKEN, MOST_AT_ONCE, MOST_EDITS, Applied, Draft
from sprintreports.planning.queues.merging import Made, Step, redoable, undoable
from sprintreports.planning.queues.store import LONGEST_NAME, QueueInfo, QueueState
from sprintreports.planning.queues.versions import LONGEST_NOTE, Version

_Name = Annotated[str, Field(max_length=LONGEST_NAME, examples=["Plan of Sprint 21"])]
Note = Annotated[str, Field(max_length=LONGEST_NOTE, examples=["With Ada away on Friday."])]


class QueueIn(Strict):
    """A draft to begin. `like`: with the options and sources of another queue, as far as none are given."""

    name: _Name
    board_id: ID | None = Field(default=None, description="null: the sprint's own")
    like: ID | None = Field(default=None, description="the id of a queue")
    options: OptionsIn | None = None
    sources: SourcesIO | None = None


class QueueChange(Strict):
    """A new name; the next state: a draft becomes active or archived, an active queue completed, a completed one archived."""

    name: _Name | None = None
    state: QueueState | None = None


class QueueOut(BaseModel):
    """A queue of a sprint."""

    id: int
    sprint_id: int
    board_id: int
    name: str = Field(examples=["Plan of Sprint 21"])
    state: QueueState
    editable: bool = Field(description="drafts and the active queue are")
    sources: SourcesIO
    head: int = Field(description="the number of the last edit, 0: none yet")
    versions: int = Field(description="how many are kept")
    created_by: int
    created_at: datetime
    updated_at: datetime
    activated_at: datetime | None
    completed_at: datetime | None
    archived_at: datetime | None

    @classmethod
    def of(cls, info: QueueInfo) -> Self:
        return cls(
            id=info.id,
            sprint_id=info.sprint_id,
            board_id=info.board_id,
            name=info.name,
            state=info.state,
            editable=info.editable,
            sources=SourcesIO.of(info.sources),
            head=info.head,
            versions=info.versions,
            created_by=info.created_by,
            created_at=info.created_at,
            updated_at=info.updated_at,
            activated_at=info.activated_at,
            completed_at=info.completed_at,
            archived_at=info.archived_at,
        )


class DraftOut(BaseModel):
    """What a queue is at: the options that it began with and all edits of it come to."""

    queue_id: int
    head: int = Field(description="the number of the last edit: send it as `seen` with yours")
    undoable: int | None = Field(description="the edit that an undo of yours takes back")
    redoable: int | None = Field(description="the edit that a redo of yours makes again")
    options: OptionsOut

    @classmethod
    def of(cls, draft: Draft, *, by: int) -> Self:
        return cls(
            queue_id=draft.info.id,
            head=draft.info.head,
            undoable=_number(undoable(draft.edits, by=by)),
            redoable=_number(redoable(draft.edits, by=by)),
            options=OptionsOut.of(draft.options),
        )


class EditOut(BaseModel):
    """An edit that was made. An undo and a redo name the change that they are about."""

    number: int
    step: Step
    change: AnyChange
    of_number: int | None
    seen: int = Field(description="the last edit that its maker knew")
    created_by: int
    created_at: datetime

    @classmethod
    def of(cls, made: Made) -> Self:
        return cls(
            number=made.number,
            step=made.step,
            change=shown(made.change),
            of_number=made.of,
            seen=made.seen,
            created_by=made.by,
            created_at=made.at,
        )


class SeenIn(Strict):
    """On which state something is changed. token: sent again under the same one, it is done once."""

    seen: int = Field(ge=0, le=MOST_EDITS, description="the last edit that you know: `head` of the draft")
    token: str | None = Field(
        default=None, min_length=1, max_length=LONGEST_TOKEN, description="a name of your own for this try"
    )


class EditsIn(SeenIn):
    changes: list[AnyChange] = Field(min_length=1, max_length=MOST_AT_ONCE)


class UndoIn(SeenIn):
    number: int | None = Field(
        default=None,
        ge=1,
        le=MOST_EDITS,
        description="the change to take back; null: your last one that holds",
    )


class AppliedOut(BaseModel):
    """What became of it: the edits that were made, and the changes that others had made already."""

    head: int
    made: list[EditOut]
    agreed: list[AnyChange]

    @classmethod
    def of(cls, applied: Applied) -> Self:
        return cls(
            head=applied.head,
            made=[EditOut.of(one) for one in applied.made],
            agreed=[shown(one) for one in applied.agreed],
        )


class NoteIn(Strict):
    note: Note = ""


class SummaryOut(BaseModel):
    """A version in a few figures, over all teams."""

    algorithm: str = Field(examples=["round_robin"])
    inside: int = Field(description="issues that are in")
    below: int = Field(description="issues below the cut-line")
    aside: int = Field(description="issues that take no part")
    errors: int
    warnings: int
    fairness: float | None = Field(description="Jain's index, 0 to 100", examples=[96.4])
    proven: bool | None = Field(description="of `optimal`: whether nothing better is possible")


class QueueVersionOut(BaseModel):
    """What was kept. It never changes."""

    queue_id: int
    number: int
    head: int = Field(description="the last edit that is in it")
    note: str = Field(examples=["With Ada away on Friday."])
    sources: SourcesIO
    fingerprint: str = Field(
        description="of what it was made from: another one means that Jira or the capacity moved on"
    )
    summary: SummaryOut | None = Field(description="null: you see some teams alone")
    created_by: int
    created_at: datetime

    @classmethod
    def of(cls, version: Version) -> Self:
        summary = version.summary
        return cls(
            queue_id=version.queue_id,
            number=version.number,
            head=version.head,
            note=version.note,
            sources=SourcesIO.of(version.sources),
            fingerprint=version.fingerprint.hex(),
            summary=None
            if summary is None
            else SummaryOut(
                algorithm=summary.algorithm,
                inside=summary.inside,
                below=summary.below,
                aside=summary.aside,
                errors=summary.errors,
                warnings=summary.warnings,
                fairness=summary.fairness,
                proven=summary.proven,
            ),
            created_by=version.created_by,
            created_at=version.created_at,
        )


def _number(made: Made | None) -> int | None:
    return None if made is None else made.number
