"""Choosing which notices one gets, with its audit entry."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit
from sprintreports.identity.notices import choosing
from sprintreports.identity.notices.choosing import Choice
from sprintreports.identity.notices.kinds import OPTIONAL, Kind, kinds_for
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import FieldProblem, Invalid


async def change(session: AsyncSession, viewer: Viewer, wanted: Mapping[Kind, bool]) -> list[Choice]:
    """Switch kinds on and off; those that are not named stay. Raises Invalid for what cannot be switched off."""
    offered = kinds_for(viewer)
    problems = [
        FieldProblem(kind.value, "This is about the security of your account or of the audit log, and is always told.")
        for kind, on in wanted.items()
        if kind not in OPTIONAL and not on
    ] + [
        FieldProblem(kind.value, "This is told to admins only.") for kind in wanted if kind not in offered
    ]  # fmt: skip
    if problems:
        raise Invalid(problems[0].message, details=tuple(problems))
    held = {one.kind: one.wanted for one in await choosing.listing(session, viewer)}
    changed = {kind: on for kind, on in wanted.items() if held[kind] is not on}
    await choosing.keep(session, viewer, changed)
    await audit.record_change(
        session, viewer, audit.Action.USER_CHANGED, subject=("user", viewer.user_id),
        before={f"notice.{kind}": held[kind] for kind in changed},
        after={f"notice.{kind}": on for kind, on in changed.items()},
    )  # fmt: skip
    return await choosing.listing(session, viewer)
