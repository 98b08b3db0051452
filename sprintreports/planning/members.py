"""Who is in a team, with which share and from when to when: the whole list at once, as a grid or a paste gives it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import disciplines
from sprintreports.kit.errors import FieldProblem, Forbidden, Invalid
from sprintreports.planning import access, people
from sprintreports.planning.access import VISIBLE, Held
from sprintreports.planning.capacity.people import Member, Stake, problems_of, shared_too_much
from sprintreports.planning.people import JOINED, PERSON, PersonRow

MOST_MEMBERS = 1_000


@dataclass(frozen=True, slots=True)
class Membership:
    """Somebody's place in a team. share: percent."""

    person_id: int
    share: Decimal = Decimal(100)
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member with who they are."""

    team_id: int
    person: PersonRow
    membership: Membership

    def as_member(self, hours_per_day: Decimal) -> Member:
        """As capacity is computed; `hours_per_day`: the team's, for who has none of their own."""
        settings = self.person.settings
        return Member(
            person=self.person.id,
            name=self.person.name,
            share=_part(self.membership.share),
            part_time=_part(settings.part_time),
            hours_per_day=_exact(settings.hours_per_day or hours_per_day),
            since=self.membership.since,
            until=self.membership.until,
            skills=settings.skills,
            region=settings.region,
        )


_LISTING = text(f"""
SELECT m.team_id, m.share, m.since, m.until, {PERSON}
FROM team_member m JOIN team t ON t.id = m.team_id JOIN ({JOINED}) ON p.id = m.person_id
WHERE {VISIBLE} AND (CAST(:ids AS bigint[]) IS NULL OR m.team_id = ANY(CAST(:ids AS bigint[])))
ORDER BY m.team_id, lower(coalesce(j.name, p.name)), p.id
""")
_HOLD = text("SELECT id FROM planning_person WHERE id = ANY(:ids) ORDER BY id FOR UPDATE")
_STAKES = text("""
SELECT m.person_id, m.team_id, m.share, m.since, m.until FROM team_member m JOIN team t ON t.id = m.team_id
WHERE m.person_id = ANY(:ids) AND t.deleted_at IS NULL
""")
_PUT = text("""
INSERT INTO team_member (team_id, person_id, share, since, until) VALUES (:team, :person, :share, :since, :until)
ON CONFLICT (team_id, person_id) DO UPDATE SET share = :share, since = :since, until = :until, updated_at = now()
""")
_DROP = text("DELETE FROM team_member WHERE team_id = :team AND person_id <> ALL(CAST(:ids AS bigint[]))")


async def listing(
    session: AsyncSession, viewer: Viewer, *, team_ids: Collection[int] | None = None
) -> list[MemberRow]:
    """The members of these teams (None: of all that the viewer sees), team by team, by name. Raises Forbidden."""
    viewer.require(Permission.CAPACITY_READ)
    values = {
        "seen": await access.seen(session, viewer),
        "ids": None if team_ids is None else sorted(team_ids),
    }
    known: dict[int, PersonRow] = {}  # most people of a large company are in more than one team
    return [_member(row, known) for row in await session.execute(_LISTING, values)]


async def put(
    session: AsyncSession,
    viewer: Viewer,
    team_id: int,
    wanted: Sequence[Membership],
    *,
    version: int | None,
) -> int:
    """Make these the members of the team, whoever else was in it is not any more. The team's next version.

    New ones are people whom the viewer sees in other teams. Raises Forbidden, NotFound, Overtaken, and Invalid where a
    person would be shared out more than whole.
    """
    held = await access.hold(session, viewer, team_id, version=version)
    ids = [one.person_id for one in wanted]
    visible = {row.id for row in await people.listing(session, viewer, ids=ids)}
    return await _put(session, viewer, held, wanted, visible=visible)


async def add(
    session: AsyncSession,
    viewer: Viewer,
    team_id: int,
    jira_person_ids: Collection[int],
    *,
    version: int | None,
) -> int:
    """People of Jira become members, each with what other teams leave of them. The team's next version.

    Who sees only some teams adds those whom issues of the team are assigned to. Raises Forbidden, NotFound, Overtaken.
    """
    held = await access.hold(session, viewer, team_id, version=version)
    wanted = set(jira_person_ids)
    if await access.seen(session, viewer) is not None:
        found = await disciplines.assignees(session, viewer, held.disciplines)
        if wanted - {one.person_id for one in found}:
            raise Forbidden("You can add people who have issues of this team. Ask an admin to add others.")
    ids = [await people.from_jira(session, one) for one in sorted(wanted)]
    return await _join(session, viewer, held, ids)


async def add_named(
    session: AsyncSession, viewer: Viewer, team_id: int, *, name: str, email: str = "", version: int | None
) -> int:
    """Somebody who is not in Jira becomes a member. The team's next version.

    Raises Forbidden, NotFound, Overtaken, Invalid.
    """
    held = await access.hold(session, viewer, team_id, version=version)
    return await _join(session, viewer, held, [await people.named(session, name, email)])


async def _join(session: AsyncSession, viewer: Viewer, held: Held, ids: Collection[int]) -> int:
    present = [row.membership for row in await listing(session, viewer, team_ids=[held.id])]
    there = {one.person_id for one in present}
    stakes = await _stakes(session, ids)
    joined = [Membership(one, _left(stakes.get(one, []))) for one in ids if one not in there]
    return await _put(session, viewer, held, [*present, *joined], visible={*ids, *there})


async def _put(
    session: AsyncSession,
    viewer: Viewer,
    held: Held,
    wanted: Sequence[Membership],
    *,
    visible: Collection[int],
) -> int:
    before = {row.person.id: row.membership for row in await listing(session, viewer, team_ids=[held.id])}
    after = {one.person_id: one for one in wanted}
    _check(wanted)
    if before == after:
        return held.version
    await _check_people(session, held.id, after, before, visible)
    await session.execute(_DROP, {"team": held.id, "ids": sorted(after)})
    changed = [one for one in wanted if before.get(one.person_id) != one]
    rows = [
        {
            "team": held.id,
            "person": one.person_id,
            "share": one.share,
            "since": one.since,
            "until": one.until,
        }
        for one in changed
    ]
    if rows:
        await session.execute(_PUT, rows)
    touched = {one.person_id for one in changed} | (before.keys() - after.keys())
    await audit.record(
        session,
        viewer,
        audit.Action.TEAM_CHANGED,
        subject=("team", held.id),
        before={"members": _told(before, touched)},
        after={"members": _told(after, touched)},
    )
    return await access.grown(session, held)


async def _check_people(
    session: AsyncSession,
    team_id: int,
    after: Mapping[int, Membership],
    before: Mapping[int, Membership],
    visible: Collection[int],
) -> None:
    """Everybody is there and shared out at most whole; their rows are locked, so that nobody else shares them just now."""
    found = set(visible).intersection(await session.scalars(_HOLD, {"ids": sorted(after)}))
    stakes = await _stakes(session, after)
    problems: list[FieldProblem] = []
    for place, (person_id, wanted) in enumerate(after.items()):
        if person_id not in found:
            problems.append(FieldProblem(f"members.{place}.person_id", people.NO_PERSON))
            continue
        others = [stake for stake in stakes.get(person_id, []) if stake.team != team_id]
        too_much = shared_too_much([*others, _stake(team_id, wanted)])
        if too_much and before.get(person_id) != wanted:
            day, share = too_much
            when = f" from {day} on" if day else ""
            said = (
                f"Together with other teams this would be {float(share * 100):g} % of this person{when}. "
                f"Lower the share, or that in another team."
            )
            problems.append(FieldProblem(f"members.{place}.share", said))
    if problems:
        raise Invalid(
            "The members cannot be saved like this. " + problems[0].message, details=tuple(problems)
        )


def _check(wanted: Sequence[Membership]) -> None:
    problems = [
        FieldProblem(f"members.{place}.{problem.field}", problem.message)
        for place, one in enumerate(wanted)
        for problem in problems_of(
            Member(one.person_id, "", Fraction(one.share) / 100, since=one.since, until=one.until)
        )
    ]
    if len({one.person_id for one in wanted}) < len(wanted):
        problems.append(FieldProblem("members", "Somebody is in the list twice. Name each member once."))
    if len(wanted) > MOST_MEMBERS:
        problems.append(
            FieldProblem("members", f"A team has at most {MOST_MEMBERS:,} members. Make two teams of it.")
        )
    if problems:
        raise Invalid(
            "The members cannot be saved like this. " + problems[0].message, details=tuple(problems)
        )


async def _stakes(session: AsyncSession, ids: Collection[int]) -> dict[int, list[Stake]]:
    found: defaultdict[int, list[Stake]] = defaultdict(list)
    for person_id, team, share, since, until in await session.execute(_STAKES, {"ids": sorted(ids)}):
        found[person_id].append(Stake(team, Fraction(share) / 100, since, until))
    return found


def _left(stakes: Sequence[Stake]) -> Decimal:
    """What of a person no other team has, in percent, whenever that is."""
    given = sum((stake.share for stake in stakes), Fraction())
    left = max(Fraction(), 1 - given) * 100
    return Decimal(int(left * 100)) / 100


def _stake(team_id: int, one: Membership) -> Stake:
    return Stake(team_id, Fraction(one.share) / 100, one.since, one.until)


def _member(row: Sequence[Any], known: dict[int, PersonRow]) -> MemberRow:
    person = known.get(row[4])
    if person is None:
        person = known[row[4]] = people.person_of(row[4:])
    return MemberRow(row[0], person, Membership(person.id, *row[1:4]))


def _told(members: Mapping[int, Membership], touched: Collection[int]) -> list[dict[str, Any]]:
    return [
        {
            "person": one.person_id,
            "share": f"{one.share.normalize():f}",
            "since": one.since and one.since.isoformat(),
            "until": one.until and one.until.isoformat(),
        }
        for one in members.values()
        if one.person_id in touched
    ]


@lru_cache(maxsize=256)
def _exact(figure: Decimal) -> Fraction:
    return Fraction(figure)


@lru_cache(maxsize=256)
def _part(percent: Decimal) -> Fraction:
    return Fraction(percent) / 100
