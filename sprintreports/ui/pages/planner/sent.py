"""What the board sends, read strictly: an operation, the name of this try, what its maker had seen, and changes."""

from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from sprintreports.kit.errors import Invalid
from sprintreports.planning.queues.changes import Change
from sprintreports.planning.queues.encoding import change_of

_LONGEST = 100_000


class _Wire(msgspec.Struct, frozen=True):
    op: Literal["edit", "undo", "redo"]
    token: str
    seen: int
    changes: list[dict[str, Any]] = []
    got: int = 0


class Sent(msgspec.Struct, frozen=True):
    """One try. changes: of an edit alone. got: the last patch of the lists that the page has."""

    op: Literal["edit", "undo", "redo"]
    token: str
    seen: int
    changes: tuple[Change, ...] = ()
    got: int = 0


def read_sent(message: str, zone: ZoneInfo) -> Sent:
    """Times without a zone are in the viewer's. Raises Invalid."""
    if len(message) > _LONGEST:
        raise Invalid("This is too much at once. Change fewer issues in one go.")
    try:
        wire = msgspec.json.decode(message, type=_Wire)
    except msgspec.DecodeError as error:
        raise Invalid("The page sent something that cannot be read. Load it again.") from error
    return Sent(
        wire.op,
        wire.token,
        wire.seen,
        tuple(change_of(_with_zone(one, zone)) for one in wire.changes),
        wire.got,
    )


def _with_zone(plain: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    timing = plain.get("timing")
    if plain.get("kind") != "timing" or not isinstance(timing, dict):
        return plain
    times = {name: _moment(timing.get(name), zone) for name in ("start", "end")}
    return {**plain, "timing": {**timing, **times}}


def _moment(text: object, zone: ZoneInfo) -> str | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        raise Invalid(f"{str(text)[:40]!r} is no time. Write it as 2026-03-24T09:30.") from None
    return (at if at.tzinfo else at.replace(tzinfo=zone)).isoformat()
