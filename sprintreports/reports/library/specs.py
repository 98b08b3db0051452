"""What a report is about, read from JSON, made definite, and checked against what its viewer may see."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import access
from sprintreports.jira.reads.access import NO_BOARD, NO_SPRINT, VISIBLE
from sprintreports.kit.errors import FieldProblem, Invalid, NotFound
from sprintreports.reports.baselines import ledger
from sprintreports.reports.document.blocks import DocumentKind
from sprintreports.reports.spec import (
    BaselineSpec,
    ComparisonSpec,
    Frozen,
    ReviewSpec,
    Spec,
    State,
    TrendSpec,
)

MOST_SPRINTS, MOST_BOARDS, MOST_TEAMS, LONGEST_TREND = 104, 100, 500, 104

_BOARDS = text(f"SELECT b.id FROM board b WHERE {VISIBLE} AND b.id = ANY(CAST(:ids AS bigint[]))")
# The board on which a sprint is shown where none is named, as `access.place` chooses it.
_BOARDS_OF_SPRINTS = text(f"""
SELECT DISTINCT ON (s.id) s.id, b.id
FROM board b JOIN board_sprint l USING (site_id, jira_board_id) JOIN sprint s USING (site_id, jira_sprint_id)
JOIN site ON site.id = b.site_id
WHERE {VISIBLE} AND site.deleted_at IS NULL AND s.id = ANY(CAST(:ids AS bigint[]))
ORDER BY s.id, b.jira_board_id = s.origin_board_id DESC NULLS LAST, b.selected DESC, b.id
""")


@dataclass(frozen=True, slots=True)
class Definite:
    """A spec that names its boards, and all boards that it speaks of."""

    spec: Spec
    boards: tuple[int, ...]

    @property
    def kind(self) -> DocumentKind:
        return kind_of(self.spec)


def kind_of(spec: Spec) -> DocumentKind:
    """Which kind of document a spec makes."""
    match spec:
        case BaselineSpec():
            return DocumentKind.BASELINE
        case ComparisonSpec():
            return DocumentKind.COMPARISON
        case TrendSpec():
            return DocumentKind.TREND
        case ReviewSpec():
            return DocumentKind.REVIEW


def parsed(stored: Any) -> Spec:
    """A spec from what JSON holds. Raises Invalid."""
    try:
        return msgspec.convert(stored, type=Spec)
    except msgspec.ValidationError as error:
        sentence = f"This is not what a report can be about: {error}. Look at the examples of the API."
        raise Invalid(sentence, details=(FieldProblem("spec", sentence),)) from error


def stored(spec: Spec) -> str:
    """The spec as JSON text."""
    return msgspec.json.encode(spec).decode()


def baselines_of(spec: Spec) -> tuple[int, ...]:
    """The baselines that the report rests on."""
    match spec:
        case BaselineSpec(of=of):
            states: tuple[State, ...] = (of,)
        case ComparisonSpec(before=before, after=after):
            states = (before, after)
        case _:
            states = ()
    return tuple(state.baseline_id for state in states if isinstance(state, Frozen))


async def definite(session: AsyncSession, viewer: Viewer, spec: Spec, *, now: datetime) -> Definite:
    """The spec with its boards named, of which the viewer may see all. Raises Forbidden, NotFound, Invalid."""
    match spec:
        case BaselineSpec(of=of):
            state, board = await _state(session, viewer, of, "spec.of", now=now)
            return Definite(msgspec.structs.replace(spec, of=state), (board,))
        case ComparisonSpec(before=before, after=after):
            first, one = await _state(session, viewer, before, "spec.before", now=now)
            second, other = await _state(session, viewer, after, "spec.after", now=now)
            if first == second:
                raise _problem("spec.after", "A state is not compared with itself. Choose another one.")
            boards = tuple(sorted({one, other}))
            return Definite(msgspec.structs.replace(spec, before=first, after=second), boards)
        case ReviewSpec(sprint_id=sprint_id, board_id=board_id):
            place = await access.place(session, viewer, sprint_id=sprint_id, board_id=board_id)
            return Definite(msgspec.structs.replace(spec, board_id=place.board_id), (place.board_id,))
        case TrendSpec():
            return Definite(spec, await _boards_of_trend(session, viewer, spec))


async def _state(
    session: AsyncSession, viewer: Viewer, state: State, field: str, *, now: datetime
) -> tuple[State, int]:
    if isinstance(state, Frozen):
        found = await ledger.one(session, viewer, state.baseline_id)
        return state, found.board_id
    if state.moment is not None and state.moment.tzinfo is None:
        raise _problem(field, "Give the moment with its zone, such as 2026-03-02T09:00:00Z.")
    if state.moment is not None and state.moment > now:
        raise _problem(field, "This moment is still to come. Choose one that has passed, or leave it out.")
    place = await access.place(session, viewer, sprint_id=state.sprint_id, board_id=state.board_id)
    return msgspec.structs.replace(state, board_id=place.board_id), place.board_id


async def _boards_of_trend(session: AsyncSession, viewer: Viewer, spec: TrendSpec) -> tuple[int, ...]:
    _check_trend(spec)
    boards = access.boards_of(viewer)
    found = set(await session.scalars(_BOARDS, {"boards": boards, "ids": list(spec.boards)}))
    _require(spec.boards, found, NO_BOARD)
    if spec.sprints:
        rows = await session.execute(_BOARDS_OF_SPRINTS, {"boards": boards, "ids": list(spec.sprints)})
        places: dict[int, int] = {row[0]: row[1] for row in rows}
        _require(spec.sprints, places, NO_SPRINT)
        found |= set(places.values())
    return tuple(sorted(found))


def _check_trend(spec: TrendSpec) -> None:
    """Raises Invalid."""
    if not spec.boards and not spec.sprints:
        raise _problem("spec.boards", "Choose at least one board or sprint.")
    if len(spec.boards) > MOST_BOARDS:
        raise _problem("spec.boards", f"A trend has at most {MOST_BOARDS} boards.")
    if len(spec.sprints) > MOST_SPRINTS:
        raise _problem("spec.sprints", f"A trend names at most {MOST_SPRINTS} sprints.")
    if len(spec.teams) > MOST_TEAMS:
        raise _problem("spec.teams", f"A trend has at most {MOST_TEAMS} teams.")
    if not 1 <= spec.last <= LONGEST_TREND:
        raise _problem("spec.last", f"A trend shows the last 1 to {LONGEST_TREND} sprints of each board.")


def _require(wanted: Collection[int], found: Collection[int], sentence: str) -> None:
    if not set(wanted) <= set(found):
        raise NotFound(sentence)


def _problem(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, details=(FieldProblem(field, sentence),))
