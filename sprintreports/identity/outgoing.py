"""What admins allow to be asked besides public addresses: kept here, obeyed by `kit.outgoing`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import addresses, outgoing
from sprintreports.kit.errors import FieldProblem, Invalid

MOST = 200


@dataclass(frozen=True, slots=True)
class Policy:
    """`allowed`: by admins; `by_operator`: by SPRINTREPORTS_OUTGOING_ALLOWED, which the app cannot change."""

    allowed: tuple[str, ...] = ()
    by_operator: tuple[str, ...] = ()


async def read(session: AsyncSession, viewer: Viewer) -> Policy:
    """What may be asked now. Raises Forbidden."""
    viewer.require(Permission.SETTINGS_READ)
    return Policy(
        allowed=await _stored(session),
        by_operator=tuple(str(entry) for entry in outgoing.from_environment().entries),
    )


async def change(session: AsyncSession, viewer: Viewer, *, allowed: Sequence[str], now: datetime) -> Policy:
    """Set what may be asked; it holds from the next connection on. Raises Forbidden, Invalid."""
    viewer.require(Permission.SETTINGS_WRITE)
    wanted = _read(allowed)
    before = await _stored(session)
    if wanted != before:
        await session.execute(
            text(
                "INSERT INTO outgoing_policy (id, allowed, updated_at) VALUES (1, :allowed, :now) "
                "ON CONFLICT (id) DO UPDATE SET allowed = :allowed, updated_at = :now"
            ),
            {"allowed": list(wanted), "now": now},
        )
        await audit.record(
            session,
            viewer,
            audit.Action.SETTING_CHANGED,
            subject=("setting", "outgoing requests"),
            before={"allowed": list(before)},
            after={"allowed": list(wanted)},
        )
    return await read(session, viewer)


async def _stored(session: AsyncSession) -> tuple[str, ...]:
    found = await session.scalar(text("SELECT allowed FROM outgoing_policy WHERE id = 1"))
    return tuple(found or ())


def _read(lines: Sequence[str]) -> tuple[str, ...]:
    """Each entry once, in its usual spelling. Raises Invalid."""
    found: dict[str, None] = {}
    problems: list[FieldProblem] = []
    for line in filter(None, map(str.strip, lines)):
        try:
            found[str(addresses.entry_of(line))] = None
        except ValueError as error:
            problems.append(FieldProblem("allowed", str(error)))
    if len(found) > MOST:
        problems.append(
            FieldProblem("allowed", f"At most {MOST} entries. A network takes the place of many.")
        )
    if problems:
        raise Invalid("Not every line can be read. " + problems[0].message, details=tuple(problems))
    return tuple(found)
