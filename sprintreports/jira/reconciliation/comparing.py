"""Jira's stored report beside today's figures: computed whenever somebody looks, so that it is never out of date."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira.reconciliation import evidence, ours, stored
from sprintreports.jira.reconciliation.ours import OurSprint, Place
from sprintreports.jira.reconciliation.payload import decode
from sprintreports.jira.reconciliation.stored import Kept
from sprintreports.metrics.jira_lines import JiraReport, OurLine, Situation
from sprintreports.metrics.reasons import told_window
from sprintreports.metrics.reconciliation import Reconciliation, differing_aspects, paired, reconcile
from sprintreports.metrics.values import Unit

__all__ = ["Compared", "Kept", "Outcome", "Place", "compare", "compare_here", "outcome"]


@dataclass(frozen=True, slots=True)
class Compared:
    """A sprint's comparison, and where Jira's side is from. reconciliation None: there is no report of Jira's yet."""

    sprint: OurSprint
    kept: Kept | None
    reconciliation: Reconciliation | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The short of a comparison."""

    equal: bool
    issues: int
    differing: int


async def compare(session: AsyncSession, place: Place, *, now: datetime) -> Compared:
    """The comparison as it stands now, with reasons. Raises NotFound."""
    sprint = await ours.sprint(session, place, now=now)
    kept = await stored.load(session, place)
    if kept is None or kept.body is None:
        return Compared(sprint, kept, None)
    return Compared(sprint, kept, await compare_here(session, sprint, kept))


async def compare_here(session: AsyncSession, sprint: OurSprint, kept: Kept) -> Reconciliation:
    """The comparison with a report that is at hand."""
    report = decode(kept.body or b"")
    mine = await ours.lines(session, sprint.place, report.unit)
    known = await evidence.gather(
        session, sprint.place, differing(mine, report), unit=report.unit, unreadable=kept.unreadable
    )
    situation = Situation(
        window=sprint.window,
        unit=report.unit,
        told=told_window(sprint.window, report.started, report.closed),
        same_estimation=report.unit is Unit.COUNT or report.field == sprint.estimation_field,
    )
    return reconcile(mine, report, situation=situation, evidence=known)


async def outcome(session: AsyncSession, place: Place, body: bytes) -> Outcome:
    """The short of a comparison, which needs no reasons and so no histories."""
    report = decode(body)
    mine = await ours.lines(session, place, report.unit)
    pairs = paired(mine, report.lines)
    different = sum(bool(differing_aspects(*pair, unit=report.unit)) for pair in pairs)
    return Outcome(different == 0, len(pairs), different)


def differing(mine: list[OurLine], report: JiraReport) -> list[int]:
    """The ids of the issues on which the two sides differ."""
    found = {
        our.issue if our is not None else jira.issue if jira is not None else None
        for our, jira in paired(mine, report.lines)
        if differing_aspects(our, jira, unit=report.unit)
    }
    return sorted(issue for issue in found if issue is not None)
