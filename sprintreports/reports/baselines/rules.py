"""By which rules baselines are taken and let go: one for all boards, and a board's own in its place."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import boards
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.reports.baselines.tables import EVERYWHERE

MOST_EVERY, MOST_KEPT = 90, 3_650


@dataclass(frozen=True, slots=True)
class Rule:
    """When baselines are taken. every_days: at the end of every n-th day of a sprint, 0: on none. keep_days: how long those of
    days and plans are kept, 0: for good; those of start and close, and what somebody froze, are kept until somebody deletes them.
    """

    at_planning: bool = False
    at_start: bool = False
    at_close: bool = False
    every_days: int = 0
    keep_days: int = 0

    @property
    def takes(self) -> bool:
        """Whether it takes any baseline at all."""
        return self.at_planning or self.at_start or self.at_close or self.every_days > 0


@dataclass(frozen=True, slots=True)
class RuleInForce:
    """A board's rule (EVERYWHERE: that of all boards without their own). since: what happened before is not taken. own: it is
    the board's, else that for all holds there. since None: nobody ever made one."""

    board_id: int
    rule: Rule
    own: bool
    since: datetime | None


_COLUMNS = "board_id, at_planning, at_start, at_close, every_days, keep_days, since"
_ALL = text(f"SELECT {_COLUMNS} FROM baseline_rule ORDER BY board_id")
_PUT = text("""
INSERT INTO baseline_rule (board_id, at_planning, at_start, at_close, every_days, keep_days, since, updated_by, created_at, updated_at)
VALUES (:board, :at_planning, :at_start, :at_close, :every_days, :keep_days, :now, :by, :now, :now)
ON CONFLICT (board_id) DO UPDATE SET at_planning = :at_planning, at_start = :at_start, at_close = :at_close,
    every_days = :every_days, keep_days = :keep_days, updated_by = :by, updated_at = :now,
    since = CASE WHEN :begins THEN excluded.since ELSE baseline_rule.since END
""")
_DROP = text("DELETE FROM baseline_rule WHERE board_id = :board")


async def stored(session: AsyncSession) -> dict[int, RuleInForce]:
    """All rules by their boards, for the system itself."""
    found = {
        row[0]: RuleInForce(row[0], Rule(*row[1:6]), own=row[0] != EVERYWHERE, since=row[6])
        for row in await session.execute(_ALL)
    }
    return {EVERYWHERE: RuleInForce(EVERYWHERE, Rule(), own=False, since=None), **found}


async def listing(session: AsyncSession, viewer: Viewer) -> list[RuleInForce]:
    """That for all boards first, then those of the boards that the viewer sees and that have their own. Raises Forbidden."""
    viewer.require(Permission.REPORTS_READ)
    seen = viewer.boards_for(Permission.REPORTS_READ)
    return [
        rule
        for board, rule in sorted((await stored(session)).items())
        if board == EVERYWHERE or seen is None or board in seen
    ]


async def of_board(session: AsyncSession, viewer: Viewer, board_id: int) -> RuleInForce:
    """The rule that holds for a board; EVERYWHERE: that for all. Raises Forbidden, NotFound."""
    viewer.require(Permission.REPORTS_READ)
    if board_id != EVERYWHERE:
        await _see(session, viewer, board_id)
    known = await stored(session)
    return known.get(board_id) or replace(known[EVERYWHERE], board_id=board_id)


async def put(
    session: AsyncSession, viewer: Viewer, board_id: int, rule: Rule, *, now: datetime
) -> RuleInForce:
    """Give a board its own rule, or (EVERYWHERE) all boards without one. What is taken by it from now on begins now.

    That for all takes the permission on all boards. Raises Forbidden, NotFound, Invalid.
    """
    before = await _changeable(session, viewer, board_id)
    _check(rule)
    values = {name: getattr(rule, name) for name in Rule.__slots__}
    # Whoever switches something on means what comes, not what was missed while it was off.
    begins = (not before.own and board_id != EVERYWHERE) or _more(before.rule, rule)
    await session.execute(
        _PUT, {**values, "board": board_id, "by": viewer.user_id, "now": now, "begins": begins}
    )
    await _record(session, viewer, board_id, before.rule, rule)
    return await of_board(session, viewer, board_id)


async def drop(session: AsyncSession, viewer: Viewer, board_id: int) -> RuleInForce:
    """Let the rule for all boards hold for this one again. Raises Forbidden, NotFound, Invalid."""
    if board_id == EVERYWHERE:
        raise Invalid("The rule for all boards can be changed, not removed. Switch everything off instead.")
    before = await _changeable(session, viewer, board_id)
    if before.own:
        await session.execute(_DROP, {"board": board_id})
        after = await of_board(session, viewer, board_id)
        await _record(session, viewer, board_id, before.rule, after.rule)
    return await of_board(session, viewer, board_id)


async def _changeable(session: AsyncSession, viewer: Viewer, board_id: int) -> RuleInForce:
    viewer.require(Permission.REPORTS_WRITE)
    found = await of_board(session, viewer, board_id)
    # No grant names the board 0, so that only who may write everywhere passes.
    viewer.require(Permission.REPORTS_WRITE, board_id=board_id)
    return found


async def _see(session: AsyncSession, viewer: Viewer, board_id: int) -> None:
    await boards.one(session, replace(viewer, scopes=None), board_id)


async def _record(session: AsyncSession, viewer: Viewer, board_id: int, before: Rule, after: Rule) -> None:
    old, new = ({name: getattr(rule, name) for name in Rule.__slots__} for rule in (before, after))
    await audit.record_change(
        session,
        viewer,
        audit.Action.BASELINE_RULE_CHANGED,
        subject=("board", board_id),
        before=old,
        after=new,
    )


def _more(before: Rule, after: Rule) -> bool:
    """Whether something is taken that was not before."""
    names = ("at_planning", "at_start", "at_close")
    return any(getattr(after, name) and not getattr(before, name) for name in names) or (
        after.every_days > 0 and after.every_days != before.every_days
    )


def _check(rule: Rule) -> None:
    problems: list[FieldProblem] = []
    for name, most in (("every_days", MOST_EVERY), ("keep_days", MOST_KEPT)):
        if not 0 <= getattr(rule, name) <= most:
            problems.append(FieldProblem(name, f"Choose 0 to {most:,} days."))
    if problems:
        raise Invalid(details=tuple(problems))
