"""What the planning teams of a sprint can do, in the board's unit."""

from collections.abc import Collection
from fractions import Fraction

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads.access import Place
from sprintreports.metrics.values import Unit
from sprintreports.planning import sprint_plan
from sprintreports.planning.capacity.computing import Outcome, TeamCapacity
from sprintreports.planning.capacity.overrides import Measure
from sprintreports.planning.sprint_plan import TeamBasis
from sprintreports.reports.snapshot import SnapshotCapacity

_BY_HAND = "The amount was set by hand for this sprint."
_IN_HOURS = "The hours that its members are there."


async def capacities(
    session: AsyncSession, place: Place, *, worked: Collection[int]
) -> tuple[SnapshotCapacity, ...]:
    """Of the teams with members or figures by hand, and of those that stand for one of the values `worked`."""
    found = await sprint_plan.bases(
        session, Viewer.system(), sprint_id=place.sprint_id, board_id=place.board_id, unit=place.unit
    )
    return tuple(
        _told(one, one.basis.capacity())
        for one in found
        if one.members or one.basis.plan.overrides or set(one.team.disciplines) & set(worked)
    )


def _told(one: TeamBasis, able: TeamCapacity) -> SnapshotCapacity:
    return SnapshotCapacity(
        name=one.team.settings.name,
        disciplines=tuple(sorted(one.team.disciplines)),
        person_days=_thousandths(able.days),
        hours=_thousandths(able.hours),
        amount=None if able.amount is None else _thousandths(able.amount),
        basis=_basis(able),
    )


def _basis(able: TeamCapacity) -> str:
    if Measure.AMOUNT in able.overridden:
        return _BY_HAND
    if able.outcome is not Outcome.READY:
        return able.outcome.sentence
    if able.unit is Unit.HOURS or able.rate is None:
        return _IN_HOURS
    word = "points" if able.unit is Unit.POINTS else "issues"
    pace = f"{float(able.rate.per_day):.2f} {word} a person-day"
    if able.rate.by_hand:
        return f"{pace}, as set by hand."
    number = len(able.rate.used)
    return f"{pace}, the median of its last {f'{number} closed sprints' if number > 1 else 'closed sprint'}."


def _thousandths(number: Fraction) -> int:
    return round(number * 1000)
