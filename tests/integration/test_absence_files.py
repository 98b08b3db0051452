"""Files of absences, by the page and over REST: the same reading, the same limits, and nothing beyond what was read is touched."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Role
from sprintreports.kit import db
from sprintreports.kit.errors import Invalid
from sprintreports.planning import absence_files, absences, members
from sprintreports.planning.absence_files import Read
from sprintreports.planning.absences import Source
from sprintreports.planning.importing.ical import Window
from sprintreports.planning.importing.reading import MOST_BYTES
from sprintreports.ui.pages.team.absence_import import AbsenceImport
from tests.integration.planning_site import ADMIN, PlanningSite, planning_site
from tests.integration.planning_support import asking, person
from tests.integration.test_page_events import Tab, tab
from tests.integration.test_planning_capacity import QA, WEB, planned
from tests.integration.test_planning_pages import mia
from tests.integration.test_planning_pages import planned as on_pages
from tests.integration.test_users_page import fire

__all__ = ["mia", "tab"]
HALF_YEAR = Window(date(2026, 7, 1), date(2026, 12, 31))
TWO_YEARS = Window(date(2026, 7, 1), date(2028, 6, 30))
EVENT = """BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20260706
DTEND;VALUE=DATE:20260707
RRULE:FREQ=MONTHLY;BYDAY=1MO
SUMMARY:{name}
END:VEVENT
"""


@pytest.fixture
async def site(db_session: AsyncSession) -> PlanningSite:
    return await planning_site(db_session)


def calendar(*names: str) -> list[bytes]:
    events = "".join(EVENT.format(name=name) for name in names)
    return [f"BEGIN:VCALENDAR\n{events}END:VCALENDAR\n".encode()]


async def read(name: str, window: Window) -> Read:
    return await absence_files.read(calendar(name), source=Source.ICAL, window=window, zone="UTC")


async def test_a_shorter_look_at_a_calendar_leaves_what_lies_beyond_it(db_session: AsyncSession) -> None:
    _, ids, _ = await planned(db_session)
    (ada,) = {row.person.name for row in await members.listing(db_session, ADMIN, team_ids=[ids[WEB]])}
    done, _ = await absence_files.take_in(db_session, ADMIN, await read(ada, TWO_YEARS))
    assert (done.added, done.kept, done.replaced) == (24, 0, 0)
    short = await read(ada, HALF_YEAR)
    done, whose = await absence_files.take_in(db_session, ADMIN, short, team_id=ids[WEB])
    assert (done.added, done.kept, done.replaced) == (0, 6, 0)
    assert [one.first.month for _, one in whose.matched] == [7, 8, 9, 10, 11, 12]
    stored = await absences.listing(db_session, ADMIN, first=date(2026, 1, 1), last=date(2029, 1, 1))
    assert len(stored) == 24


async def test_a_teams_file_is_about_its_members_alone(db_session: AsyncSession) -> None:
    _, ids, people = await planned(db_session)
    listed = await members.listing(db_session, ADMIN, team_ids=[ids[QA]])
    names = {row.person.id: row.person.name for row in listed}
    file = await read(names[people["bela"]], HALF_YEAR)
    for team, matched, unnamed in ((None, 6, 0), (ids[QA], 6, 0), (ids[WEB], 0, 6)):
        seen = await absence_files.preview(db_session, ADMIN, file, team_id=team)
        whose = await absence_files.whose(db_session, ADMIN, file, team_id=team)
        assert (len(seen.away), seen.fresh, len(whose.matched)) == (matched, matched, matched)
        assert sum(one.count for one in seen.unnamed) == unnamed
    stranger = {names[people["bela"]]: people["bela"]}
    with pytest.raises(Invalid, match="members of this team"):
        await absence_files.take_in(db_session, ADMIN, file, team_id=ids[WEB], settled=stranger)
    settled = {names[people["bela"]]: people["ada"]}
    done, _ = await absence_files.take_in(db_session, ADMIN, file, team_id=ids[WEB], settled=settled)
    assert done.added == 6


async def test_what_overlaps_in_a_file_is_stored_and_counts_once(db_session: AsyncSession) -> None:
    _, ids, _ = await planned(db_session)
    (ada,) = {row.person.name for row in await members.listing(db_session, ADMIN, team_ids=[ids[WEB]])}
    lines = f"name,from,to,half\n{ada},2026-07-06,2026-07-10,\n{ada},2026-07-08,2026-07-08,morning\n{ada},2026-07-06,2026-07-10,\n"
    file = await absence_files.read([lines.encode()], source=Source.CSV, window=HALF_YEAR, zone="UTC")
    done, _ = await absence_files.take_in(db_session, ADMIN, file)
    assert (done.added, done.kept) == (2, 0)
    again, _ = await absence_files.take_in(db_session, ADMIN, file)
    assert (again.added, again.kept) == (0, 2)


async def test_a_calendar_of_fifty_megabytes_is_refused_on_the_page_before_it_is_read(
    mia: Tab, site: PlanningSite
) -> None:
    ids = await on_pages(mia, site)
    await mia.open(AbsenceImport, f"/team?team={ids[QA]}&tab=month")
    page = mia.of(AbsenceImport)
    piece = "BEGIN:VEVENT\n" * 40_000  # half a megabyte
    taken = 0
    for at in range(100):
        await fire(page, "take", "away.ics", piece, at, at == 99)
        if page.complaint:
            break
        taken += len(piece)
    assert page.complaint.startswith("This file is larger than 5 MB.")
    assert MOST_BYTES - len(piece) < taken <= MOST_BYTES
    assert (page.looked, page.lines, page._pieces) == (False, [], [])  # nothing of it is kept


@dataclass
class Large:
    """A body that is made while it is sent. sent: how much of it was asked for."""

    pieces: int
    sent: int = field(default=0)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(self.pieces):
            self.sent += 1
            yield b"BEGIN:VEVENT\n" * 40_000


@pytest.mark.parametrize("told", [True, False], ids=["with its length", "without its length"])
async def test_a_calendar_of_fifty_megabytes_is_refused_over_rest(pg_url: str, told: bool) -> None:
    async with db.transaction() as session:
        await planned(session)
    body = Large(100)
    size = {"Content-Length": str(100 * 40_000 * len(b"BEGIN:VEVENT\n"))} if told else {}
    async with asking() as client:
        api = await person(client, Role.MANAGER)
        answer = await api.answer(
            "POST", "/absences/import", content=body, headers={"Content-Type": "text/calendar"} | size
        )
        assert answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE
        assert len(answer.json()["error"]["message"]) > 20
        assert body.sent <= 3  # of a hundred pieces
        assert await api("GET", "/absences?first_day=2026-01-01") == []


async def test_days_of_no_calendar_are_refused_by_name(db_session: AsyncSession) -> None:
    _, ids, _ = await planned(db_session)
    (ada,) = {row.person.name for row in await members.listing(db_session, ADMIN, team_ids=[ids[WEB]])}
    lines = f"name,from,to\n{ada},2026-07-10,2026-07-06\n{ada},2026-02-30,\n{ada},1066-10-14,\n{ada},2026-07-06,\n"
    file = await absence_files.read([lines.encode()], source=Source.CSV, window=HALF_YEAR, zone="UTC")
    assert [one.line for one in file.found.problems] == [2, 3, 4]
    seen = await absence_files.preview(db_session, ADMIN, file, team_id=ids[WEB])
    assert (seen.left_out, [one.absence.first for one in seen.away]) == (3, [date(2026, 7, 6)])
