"""Members as they were pasted from a spreadsheet: what the lines would change, and the change itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import Invalid
from sprintreports.planning import members, people
from sprintreports.planning.importing.matching import Known, Unmatched, match
from sprintreports.planning.importing.reading import LineProblem
from sprintreports.planning.importing.sheets import ReadMember, read_members
from sprintreports.planning.members import MemberRow, Membership

NEW = 0  # somebody whom nobody knows yet, settled to be made known
_ALL = Decimal(100)


@dataclass(frozen=True, slots=True)
class Pasted:
    """A line and whom it means: a person of planning by id, or somebody in Jira by their id there, made negative.

    before: how they are in the team; None: not yet.
    """

    whom: int
    name: str
    read: ReadMember
    before: MemberRow | None


@dataclass(frozen=True, slots=True)
class Stranger:
    """Words by which nobody was found, or more than one. maybe: who is meant perhaps, with their names."""

    who: str
    ambiguous: bool
    maybe: tuple[tuple[int, str], ...]
    lines: tuple[ReadMember, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a paste says. left_out: how many lines cannot be read, of which the first 200 are named."""

    found: tuple[Pasted, ...]
    strangers: tuple[Stranger, ...]
    problems: tuple[LineProblem, ...]
    left_out: int


async def preview(session: AsyncSession, viewer: Viewer, team_id: int, pasted: str) -> Preview:
    """Read a paste without storing anything. Raises Forbidden, NotFound, Invalid."""
    read = read_members(pasted)
    suggested = await people.suggested(session, viewer, team_id)
    known = await people.listing(session, viewer)
    in_jira = {person.jira_person_id for person in known}
    strangers = [Known(-one.person_id, one.name) for one in suggested if one.person_id not in in_jira]
    matched, others = match(read.items, [*await people.known(session, viewer), *strangers])
    names = {person.id: person.name for person in known} | {one.person: one.name for one in strangers}
    team = {row.person.id: row for row in await members.listing(session, viewer, team_ids=[team_id])}
    found: dict[int, Pasted] = {}
    problems = list(read.problems)
    for whom, line in matched:
        if whom in found:
            said = f"{names[whom]} stands in line {found[whom].read.line} already. Keep one of the two."
            problems.append(LineProblem(line.line, said))
        else:
            found[whom] = Pasted(whom, names[whom], line, team.get(whom))
    doubled = len(problems) - len(read.problems)
    return Preview(
        tuple(found.values()),
        tuple(_stranger(one, lines, names) for one, lines in others),
        tuple(sorted(problems, key=lambda problem: problem.line)),
        read.left_out + doubled,
    )


async def take_in(
    session: AsyncSession, viewer: Viewer, team_id: int, pasted: str, *, settled: Mapping[str, int]
) -> int:
    """Store what the lines say; who is not named in them stays as they are. How many lines that were.

    settled: whom the words mean by which nobody was found (NEW: somebody new); the others are left out.
    Raises Forbidden, NotFound, Invalid.
    """
    seen = await preview(session, viewer, team_id, pasted)
    wanted = {one.whom: one.read for one in seen.found}
    fresh: list[ReadMember] = []
    for stranger in seen.strangers:
        if stranger.who not in settled:
            continue
        whom = settled[stranger.who]
        if whom == NEW:
            fresh.append(stranger.lines[0])
        elif whom not in {one for one, _ in stranger.maybe} or whom in wanted:
            raise Invalid(f"“{stranger.who}” cannot be this person. Choose again.")
        else:
            wanted[whom] = stranger.lines[0]
    if not wanted and not fresh:
        raise Invalid("None of these lines names somebody. Correct them and look again.")
    by_person = await _join(session, viewer, team_id, wanted, fresh)
    await _put(session, viewer, team_id, by_person)
    learnt = {who: whom for who, whom in settled.items() if whom > 0 and whom in by_person}
    await people.learn(session, viewer, learnt)
    return len(by_person)


async def _join(
    session: AsyncSession,
    viewer: Viewer,
    team_id: int,
    wanted: Mapping[int, ReadMember],
    fresh: Sequence[ReadMember],
) -> dict[int, ReadMember]:
    """Those of Jira and the new ones become members first; the lines by the ids that they have then."""
    lines = {whom: line for whom, line in wanted.items() if whom > 0}
    from_jira = {-whom: line for whom, line in wanted.items() if whom < 0}
    if from_jira:
        await members.add(session, viewer, team_id, from_jira, version=None)
        for row in await members.listing(session, viewer, team_ids=[team_id]):
            if row.person.jira_person_id in from_jira:
                lines[row.person.id] = from_jira[row.person.jira_person_id]
    for line in fresh:
        before = {row.person.id for row in await members.listing(session, viewer, team_ids=[team_id])}
        email = line.who[0] if "@" in line.who[0] else ""
        await members.add_named(session, viewer, team_id, name=line.who[-1], email=email, version=None)
        for row in await members.listing(session, viewer, team_ids=[team_id]):
            if row.person.id not in before:
                lines[row.person.id] = line
    return lines


async def _put(session: AsyncSession, viewer: Viewer, team_id: int, lines: Mapping[int, ReadMember]) -> None:
    everywhere = await members.listing(session, viewer)
    present = {row.person.id: row.membership for row in everywhere if row.team_id == team_id}
    for person, line in lines.items():
        before = present.get(person) or Membership(person, _left(everywhere, person))
        present[person] = replace(
            before,
            share=before.share if line.share is None else _percent(line.share),
            since=line.since or before.since,
            until=line.until or before.until,
        )
    await members.put(session, viewer, team_id, list(present.values()), version=None)
    for person in await people.listing(session, viewer, ids=lines):
        line = lines[person.id]
        settings = replace(
            person.settings,
            part_time=person.settings.part_time if line.part_time is None else _percent(line.part_time),
            hours_per_day=person.settings.hours_per_day
            if line.hours_per_day is None
            else _decimal(line.hours_per_day),
            skills=line.skills or person.settings.skills,
        )
        if settings != person.settings:
            await people.change(session, viewer, person.id, settings, version=person.version)


def _left(rows: Sequence[MemberRow], person: int) -> Decimal:
    """What the other teams leave of somebody, in percent."""
    given = sum((row.membership.share for row in rows if row.person.id == person), Decimal())
    return max(Decimal(), _ALL - given)


def _stranger(one: Unmatched, lines: Sequence[ReadMember], names: Mapping[int, str]) -> Stranger:
    maybe = tuple((whom, names[whom]) for whom in one.people if whom in names)
    return Stranger(one.who, one.ambiguous, maybe, tuple(lines))


def _percent(part: Fraction) -> Decimal:
    return _decimal(part * 100)


def _decimal(value: Fraction) -> Decimal:
    return round(Decimal(value.numerator) / Decimal(value.denominator), 2)
