"""Checks on how issues came to be what they are: order of statuses, estimates after the fact, the changelog itself."""

from sprintreports.jira.quality.check import (
    Check,
    CheckName,
    Facts,
    Scope,
    Subject,
    Weight,
    amount,
    counted,
    needs_estimates,
    says,
)
from sprintreports.metrics.scope import EventKind
from sprintreports.metrics.values import Bucket, SubtaskRule, Unit

_ISSUE = "JOIN issue i ON i.site_id = f.site_id AND i.jira_issue_id = f.jira_issue_id"
_SPRINT_ROWS = (
    "site_id = :site AND jira_board_id = :board AND jira_sprint_id = ANY(CAST(:sprints AS bigint[]))"
)
_BEFORE = "CASE CAST(:unit AS text) WHEN 'points' THEN before_points WHEN 'hours' THEN before_seconds END"
_AFTER = "CASE CAST(:unit AS text) WHEN 'points' THEN after_points WHEN 'hours' THEN after_seconds END"


def _re_estimated(facts: Facts, unit: Unit) -> str:
    before, after = amount(facts["before"], unit), amount(facts["after"], unit)
    return f"Its estimate went from {before} to {after} after it was done."


# The sprint's own events, by their key; what one issue did in one sprint is one row.
ESTIMATE_CHANGED_AFTER_DONE = Check(
    CheckName.ESTIMATE_CHANGED_AFTER_DONE,
    Subject.ISSUE,
    Weight.DOUBT,
    title="Estimate changed after it was done",
    touches="Completed, velocity, say/do and the burnup",
    why="The work was finished with one estimate and counts with another. Velocity then measures the second guess.",
    advice="Leave estimates alone once an issue is done. What was learned helps the next estimate, not the last one.",
    where="true",
    joins=f"""
JOIN (
    SELECT jira_sprint_id, jira_issue_id, (array_agg({_BEFORE} ORDER BY position))[1] AS before,
           (array_agg({_AFTER} ORDER BY position DESC))[1] AS after
    FROM sprint_event WHERE {_SPRINT_ROWS} AND kind = '{EventKind.REESTIMATED}' AND done
      AND ({_BEFORE}) IS DISTINCT FROM ({_AFTER})
    GROUP BY jira_sprint_id, jira_issue_id
) AS e ON e.jira_sprint_id = f.jira_sprint_id AND e.jira_issue_id = f.jira_issue_id
""",
    facts="'before', e.before, 'after', e.after",
    sentence=_re_estimated,
    pointless=needs_estimates,
)

# A status that only the past knows may have been one of work: the doubt is the issue's. One look by key an issue.
DONE_WITHOUT_STARTING = Check(
    CheckName.DONE_WITHOUT_STARTING,
    Subject.ISSUE,
    Weight.DETAIL,
    title="Done without having started",
    touches="Cycle time and time in progress, which are not known, and the shape of the burndown",
    why="The issue went to done and was never in progress, so nobody can say how long the work took.",
    advice="Move an issue to “in progress” when work on it begins; the daily is a good moment to look.",
    where=f"""
f.bucket = '{Bucket.COMPLETED}' AND NOT EXISTS (
    SELECT 1 FROM issue_status_interval v
    WHERE v.site_id = f.site_id AND v.jira_issue_id = f.jira_issue_id AND v.valid_from < f.done_at
      AND NOT v.status_id = ANY(CAST(:waiting AS text[])) AND NOT v.status_id = ANY(CAST(:done AS text[])))
""",
    sentence=says("It was never in a status of work in progress before it was done."),
)


def _backwards(facts: Facts, _: Unit) -> str:
    steps = facts["steps"]
    last = f"from “{facts['before']}” to “{facts['after']}”"
    return f"It moved back {last}." if steps == 1 else f"It moved back {steps} times, last {last}."


# The sprint's segments in the order of their key: one pass, no sort, and only moves of members.
STATUS_BACKWARDS = Check(
    CheckName.STATUS_BACKWARDS,
    Subject.ISSUE,
    Weight.DETAIL,
    title="Status moved backwards",
    touches="The burndown, which climbs when done work is reopened, and cycle time",
    why="Work went back to an earlier column: it was called ready too early, or came back from review.",
    advice="Nothing needs correcting. Where it happens often, agree on what “done” and “ready for review” mean.",
    where="true",
    joins=f"""
JOIN (
    SELECT m.jira_sprint_id, m.jira_issue_id, count(*) AS steps,
           (array_agg(m.earlier ORDER BY m.valid_from DESC))[1] AS before,
           (array_agg(m.status_id ORDER BY m.valid_from DESC))[1] AS after
    FROM (
        SELECT jira_sprint_id, jira_issue_id, valid_from, status_id, lag(status_id) OVER own AS earlier,
               lag(valid_to) OVER own AS until
        FROM sprint_segment WHERE {_SPRINT_ROWS}
        WINDOW own AS (PARTITION BY jira_sprint_id, jira_issue_id ORDER BY valid_from)
    ) AS m
    JOIN sprint_fact h ON h.site_id = :site AND h.jira_board_id = :board AND h.jira_sprint_id = m.jira_sprint_id
      AND m.valid_from > h.window_start AND m.valid_from <= h.window_end
    WHERE m.until = m.valid_from AND m.status_id <> m.earlier
      AND (CAST(:places AS int[]))[array_position(CAST(:placed AS text[]), m.status_id::text)]
        < (CAST(:places AS int[]))[array_position(CAST(:placed AS text[]), m.earlier::text)]
    GROUP BY m.jira_sprint_id, m.jira_issue_id
) AS back ON back.jira_sprint_id = f.jira_sprint_id AND back.jira_issue_id = f.jira_issue_id
LEFT JOIN status was ON was.site_id = f.site_id AND was.status_id = back.before
LEFT JOIN status now ON now.site_id = f.site_id AND now.status_id = back.after
""",
    facts="'steps', back.steps, 'before', coalesce(was.name, back.before), 'after', coalesce(now.name, back.after)",
    sentence=_backwards,
)


def _children(facts: Facts, _: Unit) -> str:
    number = facts["open"]
    return f"{counted(number, 'child', 'children')} of it {'was' if number == 1 else 'were'} still open when it was done."


def _parents_count(scope: Scope) -> str:
    if scope.rules.subtasks is SubtaskRule.PARENTS:
        return ""
    return "This board counts sub-tasks, so a parent that is done too early changes no number."


PARENT_DONE_BEFORE_CHILDREN = Check(
    CheckName.PARENT_DONE_BEFORE_CHILDREN,
    Subject.ISSUE,
    Weight.DOUBT,
    title="Done before its children",
    touches="Completed, velocity and the burndown",
    why="The issue counts as done while work on its sub-tasks goes on, so the sprint looks further than it is.",
    advice="Close the sub-tasks first. Jira can refuse to close an issue while one of them is open.",
    where=f"f.bucket = '{Bucket.COMPLETED}'",
    joins="""
JOIN LATERAL (
    SELECT count(*) AS open FROM issue c
    WHERE c.site_id = f.site_id AND c.parent_issue_id = f.jira_issue_id AND c.deleted_at IS NULL
      AND c.jira_created <= f.done_at AND EXISTS (
        SELECT 1 FROM issue_status_interval v
        WHERE v.site_id = c.site_id AND v.jira_issue_id = c.jira_issue_id
          AND v.valid_from <= f.done_at + CAST(:together AS interval)
          AND (v.valid_to IS NULL OR v.valid_to > f.done_at + CAST(:together AS interval))
          AND NOT v.status_id = ANY(CAST(:finished AS text[])))
) AS child ON child.open > 0
""",
    facts="'open', child.open",
    sentence=_children,
    pointless=_parents_count,
)


def _several(facts: Facts, _: Unit) -> str:
    *first, last = facts["names"]
    return f"It is in {', '.join(first)} and {last} at once, and counts in each."


# From the open sprints' own rows; the other sprints of each issue by the segments' index on issues.
TWO_OPEN_SPRINTS = Check(
    CheckName.TWO_OPEN_SPRINTS,
    Subject.ISSUE,
    Weight.TOTALS,
    title="In two open sprints at once",
    touches="Commitment, remaining work and completed of both sprints",
    why="The same work is planned twice, and will be completed twice.",
    advice="Open the issue and leave only the sprint that it is worked on in.",
    among="open",
    where="f.jira_sprint_id = ANY(twice.ids)",
    joins="""
JOIN LATERAL (
    SELECT array_agg(DISTINCT o.jira_sprint_id) AS ids, array_agg(DISTINCT o.name::text) AS names
    FROM sprint_segment g
    JOIN sprint o ON o.site_id = g.site_id AND o.jira_sprint_id = g.jira_sprint_id
    JOIN board b ON b.site_id = g.site_id AND b.jira_board_id = g.jira_board_id
    WHERE {visible} AND g.site_id = f.site_id AND g.jira_issue_id = f.jira_issue_id AND g.valid_to IS NULL
      AND o.state IN ('active', 'future') AND o.deleted_at IS NULL
) AS twice ON cardinality(twice.ids) > 1
""",
    facts="'names', twice.names",
    sentence=_several,
)

CHANGELOG_GAPS = Check(
    CheckName.CHANGELOG_GAPS,
    Subject.ISSUE,
    Weight.DOUBT,
    title="Gaps in the changelog",
    touches="Everything that looks back: commitment, scope changes, burndown",
    why="One change says what was there before, and the change before it says something else. Something in between is lost.",
    advice="Nobody can repair a history. It comes of imports, of apps that write without a history, and of renamed values.",
    where="i.gaps > 0",
    joins=_ISSUE,
    facts="'gaps', i.gaps",
    sentence=lambda facts, _: (
        f"Its history contradicts itself in {counted(facts['gaps'], 'place')}; each change is believed from its own time on."
    ),
)

UNREADABLE_VALUES = Check(
    CheckName.UNREADABLE_VALUES,
    Subject.ISSUE,
    Weight.DOUBT,
    title="Values that cannot be read",
    touches="Commitment, re-estimated, completed; the sprints that an issue was in",
    why="An estimate that is negative or no number counts as none, a sprint that Jira does not know holds nothing, and a date that "
    "nobody can plan by counts as empty.",
    advice="Correct the estimate or the date in Jira. A sprint that was deleted cannot come back; what it held is told here.",
    where="cardinality(i.notes) > 0 AND EXISTS (SELECT 1 FROM unnest(i.notes) AS note WHERE note NOT LIKE :early)",
    joins=_ISSUE,
    facts="'notes', (SELECT array_agg(DISTINCT note) FROM unnest(i.notes) AS note WHERE note NOT LIKE :early)",
    sentence=lambda facts, _: " ".join(facts["notes"]),
)


def _skewed(facts: Facts, _: Unit) -> str:
    ahead = ["It was created or changed at a time that is still to come."] if facts["ahead"] else []
    return " ".join([*(facts["notes"] or []), *ahead])


CLOCK_SKEW = Check(
    CheckName.CLOCK_SKEW,
    Subject.ISSUE,
    Weight.DOUBT,
    title="Clocks that disagree",
    touches="Commitment, scope changes and burndown around the start and the close",
    why="A change before the issue's creation, or in the future, may lie on the other side of a sprint's start or close.",
    advice="Ask whoever runs Jira to check its server's clock, and how issues were imported.",
    where=(
        "i.jira_created > :later OR i.jira_updated > :later "
        "OR (cardinality(i.notes) > 0 AND EXISTS (SELECT 1 FROM unnest(i.notes) AS note WHERE note LIKE :early))"
    ),
    joins=_ISSUE,
    facts=(
        "'notes', (SELECT array_agg(note) FROM unnest(i.notes) AS note WHERE note LIKE :early), "
        "'ahead', i.jira_created > :later OR i.jira_updated > :later"
    ),
    sentence=_skewed,
)

CHECKS = (
    TWO_OPEN_SPRINTS,
    CHANGELOG_GAPS,
    UNREADABLE_VALUES,
    CLOCK_SKEW,
    ESTIMATE_CHANGED_AFTER_DONE,
    PARENT_DONE_BEFORE_CHILDREN,
    DONE_WITHOUT_STARTING,
    STATUS_BACKWARDS,
)
