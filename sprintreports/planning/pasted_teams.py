"""Members of many teams as they were pasted from a spreadsheet: a column names the team, the others are as in one team's paste."""

import csv
import io
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import Invalid
from sprintreports.planning import pasted_members, teams
from sprintreports.planning.importing.matching import fold
from sprintreports.planning.importing.reading import LONGEST_LINE, MOST_BYTES, LineProblem
from sprintreports.planning.pasted_members import NEW, Preview
from sprintreports.planning.teams import TeamRow

MOST_LINES = 5_000
_TITLES = frozenset({"team", "discipline team", "discipline", "group", "squad", "crew"})


@dataclass(frozen=True, slots=True)
class TeamPaste:
    """What a paste says of one team."""

    team: TeamRow
    preview: Preview


@dataclass(frozen=True, slots=True)
class Pasted:
    """What a paste says of all teams. lost: lines that name no team."""

    teams: tuple[TeamPaste, ...]
    lost: tuple[LineProblem, ...]

    @property
    def problems(self) -> tuple[LineProblem, ...]:
        """All lines that are left out, in their order."""
        named = (one for paste in self.teams for one in paste.preview.problems)
        return tuple(sorted([*self.lost, *named], key=lambda problem: problem.line))

    @property
    def strangers(self) -> tuple[str, ...]:
        """Words by which nobody is known in any of the teams that they stand for; what may mean several is not among them."""
        found = [one for paste in self.teams for one in paste.preview.strangers if not one.ambiguous]
        return tuple(dict.fromkeys(one.who for one in found))


async def preview(session: AsyncSession, viewer: Viewer, pasted: str) -> Pasted:
    """Read a paste without storing anything. Raises Forbidden, Invalid."""
    parts, lost = split(pasted, await teams.listing(session, viewer))
    found = [
        TeamPaste(team, await pasted_members.preview(session, viewer, team.id, text)) for team, text in parts
    ]
    return Pasted(tuple(found), lost)


async def take_in(session: AsyncSession, viewer: Viewer, pasted: str, *, fresh: Collection[str]) -> int:
    """Store what the lines say, team by team; how many lines that were. fresh: whom to make known as new.

    Raises Forbidden, NotFound, Invalid.
    """
    parts, _ = split(pasted, await teams.listing(session, viewer))
    count = 0
    for team, text in parts:
        # Anew for each: somebody who was new in the team before is known by now.
        seen = await pasted_members.preview(session, viewer, team.id, text)
        settled = {one.who: NEW for one in seen.strangers if one.who in fresh and not one.ambiguous}
        if seen.found or settled:
            count += await pasted_members.take_in(session, viewer, team.id, text, settled=settled)
    if not count:
        raise Invalid("None of these lines names a team and somebody. Correct them and look again.")
    return count


def split(pasted: str, known: Sequence[TeamRow]) -> tuple[list[tuple[TeamRow, str]], tuple[LineProblem, ...]]:
    """The lines of each team, without its name and where they were, so that their numbers stay; and the lines of none.

    Raises Invalid for what is too large.
    """
    if len(pasted) > MOST_BYTES:
        raise Invalid("This is more than 5 MB. Paste fewer lines at once.")
    lines = pasted.splitlines()
    if len(lines) > MOST_LINES:
        raise Invalid(f"There are more than {MOST_LINES:,} lines. Paste them in parts.")
    if any(len(line) > LONGEST_LINE for line in lines):
        raise Invalid("One of these lines is far too long. Copy the lines in your spreadsheet again.")
    separator = _separator(next((line for line in lines if line.strip()), ""))
    rows = [_cells(line, separator) for line in lines]
    first = next((number for number, row in enumerate(rows) if row), 0)
    column = (
        next((at for at, cell in enumerate(rows[first]) if fold(cell) in _TITLES), None) if rows else None
    )
    by_name = {fold(team.settings.name): team for team in known}
    parts: dict[int, list[str]] = {}
    lost: list[LineProblem] = []
    for number, row in enumerate(rows):
        if not row or (column is not None and number == first):
            continue
        name = row[column or 0] if len(row) > (column or 0) else ""
        team = by_name.get(fold(name))
        if team is None:
            lost.append(LineProblem(number + 1, _no_team(name)))
            continue
        if team.id not in parts:
            parts[team.id] = [""] * len(rows)
            if column is not None:
                parts[team.id][first] = _joined(rows[first], column)
        parts[team.id][number] = _joined(row, column or 0)
    return [(team, "\n".join(parts[team.id])) for team in known if team.id in parts], tuple(lost)


def _no_team(name: str) -> str:
    if not name:
        return "It does not say which team. Write the team's name into the first column."
    return f"There is no team “{name[:80]}” that you may see. Correct the name, or make the team first."


def _separator(line: str) -> str:
    if "\t" in line:
        return "\t"
    return ";" if line.count(";") > line.count(",") else ","


def _cells(line: str, separator: str) -> list[str]:
    cells = [cell.strip() for cell in next(csv.reader([line], delimiter=separator))]
    return cells if any(cells) else []


def _joined(row: Iterable[str], column: int) -> str:
    """With tabs, and one at the end: what separates cells is read from the line."""
    sink = io.StringIO()
    rest = [cell for at, cell in enumerate(row) if at != column]
    csv.writer(sink, delimiter="\t", lineterminator="").writerow([*rest, ""])
    return sink.getvalue()
