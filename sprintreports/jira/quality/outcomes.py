"""Checks on what issues are in their sprint: estimates, statuses, teams, stakeholders, what was deleted."""

from sprintreports.jira.quality.check import (
    Check,
    CheckName,
    Facts,
    Subject,
    Weight,
    amount,
    counted,
    needs_estimates,
    says,
)
from sprintreports.metrics.scope import NOT_ON_BOARD
from sprintreports.metrics.values import Bucket, Unit

_STATUS = "LEFT JOIN status st ON st.site_id = f.site_id AND st.status_id = f.status_id"
_MISSING = (
    "CASE CAST(:unit AS text) WHEN 'points' THEN f.final_points WHEN 'hours' THEN f.final_seconds END IS NULL"
)
_IN_UNIT = "CASE CAST(:unit AS text) WHEN 'points' THEN {0}.points WHEN 'hours' THEN {0}.seconds END"


def _no_estimate(_: Facts, unit: Unit) -> str:
    missing = "time estimate" if unit is Unit.HOURS else "story points"
    return f"It has no {missing} and adds 0 to every sum."


DONE_WITHOUT_ESTIMATE = Check(
    CheckName.DONE_WITHOUT_ESTIMATE,
    Subject.ISSUE,
    Weight.TOTALS,
    title="Done work without an estimate",
    touches="Completed, velocity, say/do and the burndown",
    why="Work that nobody estimated adds 0 when it is done, so the sprint looks slower than the team was.",
    advice="Estimate the issues of the running sprint before they are closed. A closed sprint keeps what it closed with.",
    where=f"f.bucket = '{Bucket.COMPLETED}' AND {_MISSING}",
    sentence=_no_estimate,
    pointless=needs_estimates,
)

OPEN_WITHOUT_ESTIMATE = Check(
    CheckName.OPEN_WITHOUT_ESTIMATE,
    Subject.ISSUE,
    Weight.DOUBT,
    title="Open work without an estimate",
    touches="Commitment, remaining work, carry-over and the burndown",
    why="What is left to do looks smaller than it is.",
    advice="Estimate these issues in the next refinement. Even a rough number beats none.",
    where=f"f.bucket = '{Bucket.NOT_COMPLETED}' AND {_MISSING}",
    sentence=_no_estimate,
    pointless=needs_estimates,
)


def _off_board(facts: Facts, _: Unit) -> str:
    status = facts["status"]
    if facts["excluded"]:
        return f"Its status “{status}” is in no column of the board, so the sprint leaves it out."
    return f"It moved from “{status}” to a status that is in no column, and counts as removed since."


STATUS_OFF_BOARD = Check(
    CheckName.STATUS_OFF_BOARD,
    Subject.ISSUE,
    Weight.TOTALS,
    title="Status outside the board's columns",
    touches="Every sum of the sprint: commitment, added, removed, completed, remaining",
    why="Jira shows an issue on a board only in a column. One whose status is in none is left out, or counts as removed.",
    advice="Map the status to a column in the board's settings, or move the issue to a status that has one.",
    where=f"f.excluded IS NOT NULL OR f.bucket = '{Bucket.REMOVED}' AND f.reason = '{NOT_ON_BOARD}'",
    joins=_STATUS,
    facts="'status', coalesce(st.name, f.status_id), 'excluded', f.excluded IS NOT NULL",
    sentence=_off_board,
    pointless=lambda scope: (
        "" if scope.rules.mapped is not None else "This board has no columns, so every status counts."
    ),
)


DONE_BEFORE_START = Check(
    CheckName.DONE_BEFORE_START,
    Subject.ISSUE,
    Weight.DOUBT,
    title="Done before the sprint began",
    touches="Completed and velocity, which leave it out",
    why="An issue that was done before the sprint started belongs to no commitment. Jira calls it completed outside the sprint.",
    advice="Take finished issues out of a sprint before you start it, so that nobody misses them in the numbers.",
    where=f"f.bucket = '{Bucket.OUTSIDE}'",
    joins=_STATUS,
    facts="'status', coalesce(st.name, f.status_id)",
    sentence=lambda facts, _: f"It was “{facts['status']}” before the sprint began, and is in no sum.",
)


def _subtasks(facts: Facts, unit: Unit) -> str:
    theirs, own = amount(facts["other"], unit), facts["own"]
    if facts["rule"] == "subtasks" and own is None:
        return f"Its parent holds {theirs}, which do not count on this board, and it has no estimate itself."
    if facts["rule"] == "subtasks":
        return f"Its parent holds {theirs} as well: only the sub-tasks' estimates count on this board."
    left = f"{counted(facts['number'], 'sub-task')} {'holds' if facts['number'] == 1 else 'hold'} {theirs}"
    if own is None:
        return f"{left}, and the issue itself has no estimate: nothing of it counts."
    return f"{left}. Only the issue's own {amount(own, unit)} count."


_SUBTASK_JOINS = f"""
JOIN issue i ON i.site_id = f.site_id AND i.jira_issue_id = f.jira_issue_id
JOIN LATERAL (
    SELECT count(*) AS number, sum({_IN_UNIT.format("c")}) AS amount FROM issue c
    WHERE CAST(:rule AS text) = 'parents' AND c.site_id = f.site_id AND c.parent_issue_id = f.jira_issue_id
      AND c.is_subtask AND c.deleted_at IS NULL AND {_IN_UNIT.format("c")} > 0
    UNION ALL
    SELECT count(*), sum({_IN_UNIT.format("p")}) FROM issue p
    WHERE CAST(:rule AS text) = 'subtasks' AND i.is_subtask AND p.site_id = f.site_id
      AND p.jira_issue_id = i.parent_issue_id AND p.deleted_at IS NULL
) AS other ON other.amount > 0
"""

SUBTASK_ESTIMATES = Check(
    CheckName.SUBTASK_ESTIMATES,
    Subject.ISSUE,
    Weight.DOUBT,
    title="Estimates on both sides of a sub-task",
    touches="Commitment, completed and velocity, beside sums made in Jira",
    why="Parent and sub-tasks both hold estimates. We count one side only, so nothing counts twice; the other side is left out.",
    advice="Estimate either the issues or their sub-tasks. Which of them this board counts is set in its settings.",
    where="f.bucket IS NOT NULL",
    joins=_SUBTASK_JOINS,
    facts=(
        f"'number', other.number, 'other', other.amount, 'own', {_IN_UNIT.format('i')}, 'rule', CAST(:rule AS text)"
    ),
    sentence=_subtasks,
    pointless=needs_estimates,
)

WITHOUT_TEAM = Check(
    CheckName.WITHOUT_TEAM,
    Subject.ISSUE,
    Weight.DETAIL,
    title="No discipline team",
    touches="Everything by team, and what people see who may see only some teams",
    why="The totals are right, but no team's share holds these issues.",
    advice="Set the field that names the team. Jira can make it required when an issue is created.",
    where="f.bucket IS NOT NULL AND f.discipline_id = 0",
    sentence=says("It names no team, and counts under “No discipline”."),
    pointless=lambda scope: (
        "" if scope.maps_teams else "No field of this Jira is mapped to teams. An admin can choose one."
    ),
)


def _no_owner(facts: Facts, _: Unit) -> str:
    if facts["reporter"] is None:
        return "It has neither owner nor reporter, and counts under “Nobody”."
    return f"It has no owner, and counts under its reporter, {facts['reporter']}."


WITHOUT_STAKEHOLDER = Check(
    CheckName.WITHOUT_STAKEHOLDER,
    Subject.ISSUE,
    Weight.DETAIL,
    title="No stakeholder",
    touches="Everything by stakeholder",
    why="The totals are right, but nobody finds these issues as theirs.",
    advice="Set the field that names the owner. Where it is empty, the reporter stands in.",
    where="f.bucket IS NOT NULL AND (f.stakeholder_id IS NULL OR (CAST(:owners AS boolean) AND NOT f.stakeholder_is_owner))",
    joins="LEFT JOIN jira_person k ON k.id = f.stakeholder_id",
    facts="'reporter', k.name",
    sentence=_no_owner,
)


DELETED_IN_JIRA = Check(
    CheckName.DELETED_IN_JIRA,
    Subject.ISSUE,
    Weight.DOUBT,
    title="Deleted in Jira",
    touches="Closed sprints, which still hold it",
    why="An issue that was deleted later stays in the sprints that had closed before: their numbers were true then.",
    advice="Nothing needs doing. Close an issue instead of deleting it when the work was real.",
    where="i.deleted_at IS NOT NULL",
    joins="JOIN issue i ON i.site_id = f.site_id AND i.jira_issue_id = f.jira_issue_id",
    facts="'when', to_char(i.deleted_at AT TIME ZONE 'UTC', 'FMDD Mon YYYY')",
    sentence=lambda facts, _: f"Jira has not known it since {facts['when']}; the link leads nowhere.",
)

CHECKS = (
    DONE_WITHOUT_ESTIMATE,
    STATUS_OFF_BOARD,
    OPEN_WITHOUT_ESTIMATE,
    DONE_BEFORE_START,
    SUBTASK_ESTIMATES,
    DELETED_IN_JIRA,
    WITHOUT_TEAM,
    WITHOUT_STAKEHOLDER,
)
