"""What a delivery is about. Only names and ids are believed; everything else is asked of Jira again."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from sprintreports.kit.errors import Invalid

_LONGEST_EVENT = 100
_DELETED = "jira:issue_deleted"
# A change of the one shows in the other, which says nothing itself.
_TELLS_OF_NEIGHBOURS = frozenset({"jira:issue_created", _DELETED})


class NotAWebhook(Invalid):
    """This is not what Jira sends: a JSON object with the name of its event in `webhookEvent`."""


class _Numbered(msgspec.Struct):
    id: int


class _Link(msgspec.Struct, rename="camel"):
    inward_issue: _Numbered | None = None
    outward_issue: _Numbered | None = None


class _Fields(msgspec.Struct):
    parent: _Numbered | None = None
    issuelinks: list[_Link] | None = None


class _Issue(msgspec.Struct):
    id: int
    key: str = ""
    fields: _Fields | None = None


class _IssueLink(msgspec.Struct, rename="camel"):
    source_issue_id: int | None = None
    destination_issue_id: int | None = None


class _Worklog(msgspec.Struct, rename="camel"):
    issue_id: int | None = None


class _Sprint(msgspec.Struct, rename="camel"):
    id: int
    origin_board_id: int | None = None


class _Body(msgspec.Struct, rename="camel"):
    webhook_event: str
    timestamp: int = 0
    issue: _Issue | None = None
    issue_link: _IssueLink | None = None
    worklog: _Worklog | None = None
    sprint: _Sprint | None = None
    board: _Numbered | None = None
    configuration: _Numbered | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """One event. `neighbours`: issues whose links or sub-tasks it changes; `key`: the issue's at that time."""

    event: str
    at: int
    issue_id: int | None = None
    key: str = ""
    deleted: bool = False
    neighbours: frozenset[int] = frozenset()
    sprint_id: int | None = None
    origin_board_id: int | None = None
    board_id: int | None = None

    @property
    def concerns_us(self) -> bool:
        subjects = (self.issue_id, self.sprint_id, self.board_id)
        return bool(self.neighbours) or any(subject is not None for subject in subjects)


def read(body: bytes) -> Notice:
    """Raises NotAWebhook."""
    try:
        # Ids come as texts from some senders and as numbers from others.
        found = msgspec.json.decode(body, type=_Body, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotAWebhook from error
    event = found.webhook_event
    if not event or len(event) > _LONGEST_EVENT or not event.isprintable():
        raise NotAWebhook
    issue, sprint = found.issue, found.sprint
    board = found.board or found.configuration
    return Notice(
        event,
        found.timestamp,
        issue_id=issue.id if issue else None,
        key=issue.key if issue else "",
        deleted=event == _DELETED,
        neighbours=frozenset(_neighbours(found, event)),
        sprint_id=sprint.id if sprint else None,
        origin_board_id=sprint.origin_board_id if sprint else None,
        board_id=board.id if board else None,
    )


def _neighbours(body: _Body, event: str) -> Iterable[int]:
    link, fields = body.issue_link, body.issue.fields if body.issue else None
    if link is not None:
        yield from (number for number in (link.source_issue_id, link.destination_issue_id) if number)
    if body.worklog is not None and body.worklog.issue_id:
        yield body.worklog.issue_id
    if fields is None or event not in _TELLS_OF_NEIGHBOURS:
        return
    if fields.parent is not None:
        yield fields.parent.id
    for linked in fields.issuelinks or ():
        yield from (end.id for end in (linked.inward_issue, linked.outward_issue) if end)


@dataclass(slots=True)
class Plan:
    """What a batch of notices asks for, each thing once."""

    # Issue -> the keys that it may have now, the likeliest first.
    issues: dict[int, list[str]] = field(default_factory=dict[int, list[str]])
    deleted: set[int] = field(default_factory=set[int])
    sprints: dict[int, int | None] = field(default_factory=dict[int, int | None])
    boards: set[int] = field(default_factory=set[int])

    @classmethod
    def of(cls, notices: Iterable[Notice]) -> "Plan":
        plan = cls()
        for notice in sorted(notices, key=lambda notice: notice.at, reverse=True):
            if notice.issue_id is not None:
                keys = plan.issues.setdefault(notice.issue_id, [])
                if notice.key and notice.key not in keys:
                    keys.append(notice.key)
                if notice.deleted:
                    plan.deleted.add(notice.issue_id)
            for neighbour in notice.neighbours:
                plan.issues.setdefault(neighbour, [])
            if notice.sprint_id is not None:
                plan.sprints.setdefault(notice.sprint_id, notice.origin_board_id)
            if notice.board_id is not None:
                plan.boards.add(notice.board_id)
        return plan
