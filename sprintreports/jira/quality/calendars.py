"""Checks on sprints themselves: dates that are missing or cannot be true, sprints that Jira does not deliver."""

from sprintreports.jira.quality.check import Check, CheckName, Facts, Subject, Weight
from sprintreports.metrics.values import Unit

_START = "coalesce(s.activated_at, s.start_date)"
_LISTED = "s.jira_sprint_id = ANY(CAST(:listed AS bigint[]))"
_MISSING = f"({_START} IS NULL OR s.end_date IS NULL OR (s.state = 'closed' AND s.complete_date IS NULL))"


def _undated(facts: Facts, _: Unit) -> str:
    missing = [name for name in ("start date", "end date", "date of its close") if facts[name]]
    said = missing[0] if len(missing) == 1 else f"{', '.join(missing[:-1])} and {missing[-1]}"
    lead = {"future": "It has not started and has", "active": "It is running and has"}.get(
        facts["state"], "It is closed and has"
    )
    return f"{lead} no {said}."


SPRINT_WITHOUT_DATES = Check(
    CheckName.SPRINT_WITHOUT_DATES,
    Subject.SPRINT,
    Weight.TOTALS,
    title="Sprint without dates",
    touches="Commitment, burndown, guideline and working days left of that sprint",
    why="Without a start nobody can tell what was committed; without an end there is no pace to keep.",
    advice="Open the board's backlog in Jira, choose “Edit sprint”, and set both dates.",
    where=f"{_LISTED} AND {_MISSING}",
    facts=(
        f"'state', s.state, 'start date', {_START} IS NULL, 'end date', s.end_date IS NULL, "
        "'date of its close', s.state = 'closed' AND s.complete_date IS NULL"
    ),
    sentence=_undated,
)


def _contradiction(facts: Facts, _: Unit) -> str:
    said = facts["note"] or ""
    parts = [said] if said else []
    if facts["closed early"] and "closed before" not in said:
        parts.append("It was closed before it was started.")
    if facts["ends early"]:
        parts.append("It is planned to end before it starts.")
    return " ".join(parts)


SPRINT_CONTRADICTS = Check(
    CheckName.SPRINT_CONTRADICTS,
    Subject.SPRINT,
    Weight.TOTALS,
    title="Sprint whose dates cannot be true",
    touches="Every number of that sprint",
    why="A sprint that closed before it started, or whose issues were created after its close, counts little or nothing.",
    advice="Correct the dates in Jira where you can. Sprints that were written down afterwards are better left out of averages.",
    where=(
        f"{_LISTED} AND NOT {_MISSING} "
        f"AND (s.note IS NOT NULL OR s.complete_date < {_START} OR s.end_date < {_START})"
    ),
    facts=f"'note', s.note, 'closed early', s.complete_date < {_START}, 'ends early', s.end_date < {_START}",
    sentence=_contradiction,
)

# From the few sprints that no board delivers to the issues that name them, both by key. Only who may see all boards
# may know of a sprint that is on none.
SPRINT_NOT_DELIVERED = Check(
    CheckName.SPRINT_NOT_DELIVERED,
    Subject.SPRINT,
    Weight.DOUBT,
    title="Sprint that no chosen board lists",
    touches="Velocity and the overview, which do not know that sprint",
    why="Issues of this board say that they were in a sprint that we have no board for, so it has no report.",
    advice="Choose the sprint's board too, or let the account that we read Jira with see it.",
    where="""
NOT s.delivered AND NOT CAST(:chosen AS boolean) AND CAST(:boards AS bigint[]) IS NULL AND EXISTS (
    SELECT 1 FROM issue_sprint m
    JOIN board_issue n ON n.site_id = m.site_id AND n.jira_issue_id = m.jira_issue_id
    WHERE m.site_id = s.site_id AND m.jira_sprint_id = s.jira_sprint_id AND n.jira_board_id = :board)
""",
    facts="'note', s.note",
    sentence=lambda facts, _: facts["note"] or "Issues name it, and no board lists it.",
)

CHECKS = (SPRINT_WITHOUT_DATES, SPRINT_CONTRADICTS, SPRINT_NOT_DELIVERED)
