"""What a delivery speaks of, in the words that people know it by: an issue's key, a sprint's or a board's name."""

import msgspec


class _Issue(msgspec.Struct):
    id: int | None = None
    key: str = ""


class _Named(msgspec.Struct):
    id: int | None = None
    name: str = ""


class _Link(msgspec.Struct, rename="camel"):
    source_issue_id: int | None = None
    destination_issue_id: int | None = None


class _Worklog(msgspec.Struct, rename="camel"):
    issue_id: int | None = None


class _Body(msgspec.Struct, rename="camel"):
    issue: _Issue | None = None
    sprint: _Named | None = None
    board: _Named | None = None
    configuration: _Named | None = None
    issue_link: _Link | None = None
    worklog: _Worklog | None = None


def subject_of(body: bytes) -> str:
    """ "SHOP-12", "Sprint 7", "Board 4"; empty when it names nothing that we know."""
    try:
        found = msgspec.json.decode(body, type=_Body, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    if found.issue is not None:
        return found.issue.key or _numbered("Issue", found.issue.id)
    if found.sprint is not None:
        return found.sprint.name or _numbered("Sprint", found.sprint.id)
    board = found.board or found.configuration
    if board is not None:
        return board.name or _numbered("Board", board.id)
    if found.issue_link is not None:
        ends = (found.issue_link.source_issue_id, found.issue_link.destination_issue_id)
        return " and ".join(_numbered("Issue", end) for end in ends if end)
    return _numbered("Issue", found.worklog.issue_id) if found.worklog is not None else ""


def _numbered(kind: str, number: int | None) -> str:
    return "" if number is None else f"{kind} {number}"
