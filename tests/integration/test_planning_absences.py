"""When people are away: typed, painted and imported, and what is left of them when they are erased."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira.privacy.people import erase
from sprintreports.kit import db
from sprintreports.kit.errors import Invalid, NotFound
from sprintreports.planning import absences, members, people, privacy
from sprintreports.planning.absences import Imported, Source
from sprintreports.planning.capacity.days import DayPart
from sprintreports.planning.capacity.people import Absence
from sprintreports.planning.importing.absences import ReadAbsence
from sprintreports.planning.importing.matching import match
from sprintreports.planning.importing.sheets import read_absences
from sprintreports.planning.people import PersonSettings
from tests.integration.jira_site import NOW
from tests.integration.planning_site import ADMIN, QA, SUMMER, made, told


async def away(session: AsyncSession) -> list[tuple[str, str, int, str]]:
    rows = await absences.listing(session, ADMIN, first=SUMMER[0], last=SUMMER[1])
    return [
        (row.first.isoformat()[5:], row.last.isoformat()[5:], int(row.part), row.source.value) for row in rows
    ]


async def one_member(session: AsyncSession) -> int:
    site, ids = await made(session)
    await members.add(session, ADMIN, ids[QA], [site.people["ada"]], version=None)
    (row,) = await members.listing(session, ADMIN)
    return row.person.id


async def test_absences_are_typed_painted_and_removed(db_session: AsyncSession):
    ada = await one_member(db_session)
    await absences.add(db_session, ADMIN, Absence(ada, date(2026, 7, 6), date(2026, 7, 10)))
    await absences.paint(db_session, ADMIN, ada, date(2026, 7, 8), DayPart.MORNING)
    assert await away(db_session) == [
        ("07-06", "07-07", 3, "typed"),
        ("07-08", "07-08", 1, "typed"),
        ("07-09", "07-10", 3, "typed"),
    ]
    entries = len(await told(db_session, "absence.changed"))
    await absences.paint(db_session, ADMIN, ada, date(2026, 7, 8), DayPart.MORNING)
    assert len(await told(db_session, "absence.changed")) == entries == 2
    await absences.paint(db_session, ADMIN, ada, date(2026, 7, 8), None)
    rows = await absences.listing(db_session, ADMIN, first=SUMMER[0], last=SUMMER[1])
    await absences.remove(db_session, ADMIN, rows[0].id)
    with pytest.raises(NotFound, match="gone already"):
        await absences.remove(db_session, ADMIN, rows[0].id)
    assert await away(db_session) == [("07-09", "07-10", 3, "typed")]
    for first, last in (
        (date(2026, 7, 2), date(2026, 7, 1)),
        (date(1999, 1, 1), date(2026, 1, 1)),
        (date(2026, 1, 1), date(2030, 1, 1)),
    ):
        with pytest.raises(Invalid):
            await absences.add(db_session, ADMIN, Absence(ada, first, last))


async def test_a_calendar_that_is_imported_again_replaces_its_events(db_session: AsyncSession):
    ada = await one_member(db_session)

    async def take(*events: tuple[str, int, int], since: date = date(2026, 1, 1)) -> Imported:
        found = [
            (ada, ReadAbsence(1, (), date(2026, 7, first), date(2026, 7, last), uid=uid))
            for uid, first, last in events
        ]
        return await absences.take_in(db_session, ADMIN, found, source=Source.ICAL, since=since)

    await absences.add(db_session, ADMIN, Absence(ada, date(2026, 7, 20), date(2026, 7, 20)))
    assert await take(("a", 1, 2), ("b", 6, 7)) == Imported(2, 0, 0)
    assert await take(("a", 1, 2), ("b", 6, 8)) == Imported(1, 1, 1)
    assert await take(("c", 20, 20)) == Imported(0, 1, 0)  # typed already
    assert await take(("d", 1, 1), since=date(2026, 7, 5)) == Imported(0, 0, 0)
    assert await away(db_session) == [
        ("07-01", "07-02", 3, "ical"),
        ("07-06", "07-08", 3, "ical"),
        ("07-20", "07-20", 3, "typed"),
    ]


async def test_a_csv_file_from_end_to_end(db_session: AsyncSession):
    ada = await one_member(db_session)
    read = read_absences(
        [
            b"Name of ada,2026-07-01,2026-07-03\nname OF Ada,2026-07-06,,pm\nNobody,2026-07-01\nName of ada,soon\n"
        ]
    )
    matched, others = match(read.items, await people.known(db_session, ADMIN))
    assert await absences.take_in(db_session, ADMIN, matched, source=Source.CSV, since=SUMMER[0]) == Imported(
        2, 0, 0
    )
    assert [one.who for one, _ in others] == ["Nobody"]
    assert [problem.line for problem in read.problems] == [4]
    assert await away(db_session) == [("07-01", "07-03", 3, "csv"), ("07-06", "07-06", 2, "csv")]
    assert {one for one, _ in matched} == {ada}


@pytest.mark.usefixtures("pg_url")
async def test_who_is_erased_leaves_numbers_and_no_words():
    async with db.transaction() as session:  # erasing asks for a job, which wants the product's own database
        await _erased(session)


async def _erased(db_session: AsyncSession) -> None:
    ada = await one_member(db_session)
    await people.change(db_session, ADMIN, ada, PersonSettings(skills=("SQL",)), version=None)
    await people.learn(db_session, ADMIN, {"Ada from the second floor": ada})
    event = ReadAbsence(1, (), *SUMMER, uid="ada's holiday")
    await absences.take_in(db_session, ADMIN, [(ada, event)], source=Source.ICAL, since=SUMMER[0])
    row = await people.one(db_session, ADMIN, ada)
    assert row.jira_person_id is not None
    kept = await privacy.personal_data(db_session, ADMIN, row.jira_person_id)
    assert kept["names_in_files"] == [{"alias": "ada from the second floor"}]
    assert [(one["first"], one["uid"]) for one in kept["absences"]] == [("2026-07-01", "ada's holiday")]
    assert await privacy.personal_data(db_session, ADMIN, 999_999) == {}

    site_id = await db_session.scalar(
        text("SELECT site_id FROM jira_person WHERE id = :id"), {"id": row.jira_person_id}
    )
    await privacy.scrub(db_session, site_id)
    assert (await people.one(db_session, ADMIN, ada)).settings.skills == ("SQL",)  # nobody was erased yet
    erased = await erase(db_session, ADMIN, row.jira_person_id, now=NOW)
    await privacy.scrub(db_session, site_id)
    after = await people.one(db_session, ADMIN, ada)
    assert (after.name, after.settings.skills) == (erased.name, ())
    kept = await privacy.personal_data(db_session, ADMIN, row.jira_person_id)
    assert (kept["names_in_files"], [one["uid"] for one in kept["absences"]]) == ([], [None])
    assert await away(db_session) == [("07-01", "07-31", 3, "ical")]
