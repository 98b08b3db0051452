"""People who can be planned with: found, made known, changed, and what files call them."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import disciplines
from sprintreports.jira.reads.disciplines import Assignee
from sprintreports.kit.errors import FieldProblem, Invalid, NotFound
from sprintreports.planning import access, teams
from sprintreports.planning.access import VISIBLE, Overtaken
from sprintreports.planning.capacity.calendars import Region, problems_of
from sprintreports.planning.importing.matching import Known, fold

MOST_SKILLS = 30
NO_PERSON = "There is no such person among the members of your teams. Choose one from the list."


@dataclass(frozen=True, slots=True)
class PersonSettings:
    """What can be set of somebody. part_time: percent; hours_per_day None: the team's; country None: the team's holidays."""

    part_time: Decimal = Decimal(100)
    hours_per_day: Decimal | None = None
    skills: tuple[str, ...] = ()
    country: str | None = None
    subdivision: str | None = None

    @property
    def region(self) -> Region | None:
        return None if self.country is None else Region(self.country, self.subdivision)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody with the name that Jira knows them by; who is not in Jira has the one that was given."""

    id: int
    jira_person_id: int | None
    name: str
    email: str
    settings: PersonSettings
    version: int


PERSON = """p.id, p.jira_person_id, coalesce(j.name, p.name), coalesce(p.email, ''), p.version,
    p.part_time, p.hours_per_day, p.skills, p.country, p.subdivision"""
JOINED = "planning_person p LEFT JOIN jira_person j ON j.id = p.jira_person_id"
_IN_TEAMS = f"""EXISTS (SELECT FROM team_member vm JOIN team t ON t.id = vm.team_id WHERE vm.person_id = p.id AND {VISIBLE})"""
_LISTING = text(f"""
SELECT {PERSON} FROM {JOINED}
WHERE (CAST(:ids AS bigint[]) IS NULL OR p.id = ANY(CAST(:ids AS bigint[]))) AND (CAST(:seen AS bigint[]) IS NULL OR {_IN_TEAMS})
ORDER BY lower(coalesce(j.name, p.name)), p.id
""")
_FROM_JIRA = text("""
INSERT INTO planning_person (jira_person_id) SELECT id FROM jira_person WHERE id = :id
ON CONFLICT (jira_person_id) DO UPDATE SET jira_person_id = excluded.jira_person_id RETURNING id
""")
_BY_NAME = text("INSERT INTO planning_person (name, email) VALUES (:name, :email) RETURNING id")
_UPDATE = text("""
UPDATE planning_person SET part_time = :part_time, hours_per_day = :hours_per_day, skills = CAST(:skills AS varchar[]),
    country = :country, subdivision = :subdivision, version = version + 1, updated_at = now()
WHERE id = :id AND (CAST(:version AS integer) IS NULL OR version = :version) RETURNING id
""")
_ALIASES = text("SELECT person_id, alias FROM person_alias WHERE person_id = ANY(:ids) ORDER BY 2")
_ACCOUNTS = text("""
SELECT p.id, u.email FROM planning_person p JOIN jira_person j ON j.id = p.jira_person_id
JOIN user_account u ON u.jira_account_id = j.account_key AND u.deleted_at IS NULL WHERE p.id = ANY(:ids)
""")
_LEARN = text("""
INSERT INTO person_alias (alias, person_id) VALUES (:alias, :person) ON CONFLICT (alias) DO UPDATE SET person_id = :person
""")


async def listing(
    session: AsyncSession, viewer: Viewer, *, ids: Collection[int] | None = None
) -> list[PersonRow]:
    """Members of the teams that the viewer sees, by name. Raises Forbidden."""
    values = {"seen": await access.seen(session, viewer), "ids": None if ids is None else sorted(ids)}
    return [person_of(row) for row in await session.execute(_LISTING, values)]


async def one(session: AsyncSession, viewer: Viewer, person_id: int) -> PersonRow:
    """Raises Forbidden, NotFound."""
    found = await listing(session, viewer, ids=[person_id])
    if not found:
        raise NotFound(NO_PERSON)
    return found[0]


async def suggested(session: AsyncSession, viewer: Viewer, team_id: int) -> list[Assignee]:
    """Who has issues of the team and is not in it yet, the busiest first. Raises Forbidden, NotFound."""
    team = await teams.one(session, viewer, team_id)
    query = "SELECT p.jira_person_id FROM team_member m JOIN planning_person p ON p.id = m.person_id WHERE m.team_id = :id"
    members = set(await session.scalars(text(query), {"id": team_id}))
    found = await disciplines.assignees(session, viewer, team.disciplines)
    return [one for one in found if one.person_id not in members and one.active]


async def from_jira(session: AsyncSession, jira_person_id: int) -> int:
    """The person that somebody in Jira is, made known if they are not. Whoever calls has checked the permission."""
    found = await session.scalar(_FROM_JIRA, {"id": jira_person_id})
    if found is None:
        raise NotFound("There is no such person in Jira. Search for the name again.")
    return found


async def named(session: AsyncSession, name: str, email: str = "") -> int:
    """Somebody who is not in Jira, made known. Whoever calls has checked the permission. Raises Invalid."""
    name, email = name.strip(), email.strip()
    if not name or len(name) > 200 or "\0" in name + email or len(email) > 255:
        problem = FieldProblem("name", "Give a name of 1 to 200 characters.")
        raise Invalid(problem.message, details=(problem,))
    return (await session.execute(_BY_NAME, {"name": name, "email": email or None})).scalar_one()


async def change(
    session: AsyncSession, viewer: Viewer, person_id: int, settings: PersonSettings, *, version: int | None
) -> PersonRow:
    """Raises Forbidden (it concerns all teams of the person), NotFound, Overtaken, Invalid."""
    before = await one(session, viewer, person_id)
    await access.may_write_person(session, viewer, person_id)
    _check(settings)
    if before.settings == settings:
        return before
    values = asdict(settings) | {"skills": list(settings.skills), "id": person_id, "version": version}
    if await session.scalar(_UPDATE, values) is None:
        raise Overtaken
    await audit.record_change(
        session,
        viewer,
        audit.Action.PERSON_CHANGED,
        subject=("planning person", person_id),
        before=_told(before.settings),
        after=_told(settings),
    )
    return await one(session, viewer, person_id)


async def learn(session: AsyncSession, viewer: Viewer, aliases: Mapping[str, int]) -> None:
    """Remember whom a file means by a word, for the next file. Raises Forbidden, NotFound."""
    for person_id in sorted(set(aliases.values())):
        await one(session, viewer, person_id)
        await access.may_write_person(session, viewer, person_id)
    rows = [
        {"alias": folded, "person": person} for alias, person in aliases.items() if (folded := fold(alias))
    ]
    if not rows:
        return
    await session.execute(_LEARN, rows)
    for person_id, count in Counter(row["person"] for row in rows).items():
        subject = "planning person", person_id
        await audit.record(
            session, viewer, audit.Action.PERSON_CHANGED, subject=subject, after={"aliases": count}
        )


async def known(session: AsyncSession, viewer: Viewer) -> list[Known]:
    """By what files may call the people whom the viewer sees: names, addresses of their accounts, what was learnt."""
    rows = await listing(session, viewer)
    ids = {"ids": [row.id for row in rows]}
    words: dict[int, list[str]] = {row.id: [] for row in rows}
    for query in (_ALIASES, _ACCOUNTS):
        for person_id, word in await session.execute(query, ids):
            words[person_id].append(word)
    return [Known(row.id, row.name, row.email, tuple(words[row.id])) for row in rows]


def person_of(row: Sequence[Any]) -> PersonRow:
    """A row of PERSON."""
    person_id, jira_person_id, name, email, version, part_time, hours, skills, country, subdivision = row
    settings = PersonSettings(part_time, hours, tuple(skills), country, subdivision)
    return PersonRow(person_id, jira_person_id, name, email, settings, version)


def _check(settings: PersonSettings) -> None:
    problems: list[FieldProblem] = []
    if not 0 <= settings.part_time <= 100:
        problems.append(FieldProblem("part_time", "Part-time is 0 to 100 % of a full week."))
    if settings.hours_per_day is not None and not 0 < settings.hours_per_day <= 24:
        problems.append(FieldProblem("hours_per_day", "A working day has more than 0 and at most 24 hours."))
    if len(settings.skills) > MOST_SKILLS or not all(
        0 < len(skill) <= 80 and "\0" not in skill for skill in settings.skills
    ):
        problems.append(FieldProblem("skills", f"At most {MOST_SKILLS} skills, each of 1 to 80 characters."))
    if settings.region is not None:
        problems += problems_of(settings.region)
    elif settings.subdivision is not None:
        problems.append(FieldProblem("country", "Name the country that this is a part of."))
    if problems:
        raise Invalid(problems[0].message, details=tuple(problems))


def _told(settings: PersonSettings) -> dict[str, Any]:
    return {
        name: f"{value.normalize():f}" if isinstance(value, Decimal) else value
        for name, value in asdict(settings).items()
    }
