"""When people are away: list, add, change, delete, import. Issues that are absent in Jira are in `absences.py`."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import Body, Query, Request, Response
from pydantic import WithJsonSchema

from sprintreports.api.answers import Many, One, arranged, one
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id, OptionalId
from sprintreports.api.routing import Router
from sprintreports.api.schemas.team_absences import (
    AbsenceImportOut,
    TeamAbsenceChange,
    TeamAbsenceIn,
    TeamAbsenceOut,
)
from sprintreports.identity.permissions import Permission
from sprintreports.kit.error_codes import Code
from sprintreports.kit.errors import FieldProblem, Invalid, SprintReportsError
from sprintreports.planning import absence_files, absences, people, teams
from sprintreports.planning.absences import AbsenceRow, Source
from sprintreports.planning.capacity.calendars import TeamCalendar, check_calendar
from sprintreports.planning.importing.ical import Window
from sprintreports.planning.importing.reading import EARLIEST, LATEST

router = Router(prefix="/api/v1/absences", tags=["absences"])

_ORDERS = ("first_day", "last_day", "person_name", "part", "source")
_USUAL = timedelta(days=90)
_IMPORTED = timedelta(days=366)
_LONGEST = timedelta(days=732)
_SOURCES = {"text/calendar": Source.ICAL, "text/csv": Source.CSV}

Reader = Annotated[Asked, needs(Permission.CAPACITY_READ)]
Manager = Annotated[Asked, needs(Permission.CAPACITY_WRITE)]
FirstDay = Annotated[
    date | None,
    Query(description="the first day of interest; default: today, in UTC", examples=["2026-05-01"]),
]
LastDay = Annotated[
    date | None, Query(description="the last day of interest; at most two years on", examples=["2026-07-31"])
]
_TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
File = Annotated[
    bytes,
    WithJsonSchema(_TEXT),
    Body(media_type="text/csv", description="the file as it is; its Content-Type says what it is"),
]
_CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:4711@calendar.example.org
DTSTART;VALUE=DATE:20260504
DTEND;VALUE=DATE:20260506
SUMMARY:Grace Hopper: away
END:VEVENT
END:VCALENDAR
"""
_TABLE = "name,from,to,half\nGrace Hopper,2026-05-04,2026-05-05,\nAda Lovelace,2026-05-08,,morning\n"
# What the two kinds of files look like; that the route takes both is not for FastAPI to find out.
_FILES: dict[str, Any] = {
    "requestBody": {
        "content": {
            "text/calendar": {"schema": _TEXT, "examples": {"calendar": {"value": _CALENDAR}}},
            "text/csv": {"examples": {"table": {"value": _TABLE}}},
        }
    }
}


class NoSuchFile(SprintReportsError):
    """Send a calendar with Content-Type: text/calendar, or a table with Content-Type: text/csv."""

    status = 415
    code = Code.UNSUPPORTED_MEDIA_TYPE


@router.get("")
async def listing(
    request: Request,
    asked: Reader,
    asking: Annotated[Asking, listed(TeamAbsenceOut, _ORDERS)],
    *,
    first_day: FirstDay = None,
    last_day: LastDay = None,
    team: OptionalId = None,
    person: OptionalId = None,
) -> Many[TeamAbsenceOut]:
    """Who is away between two days (unless said otherwise: in the next 90 days), by the first day of the absence."""
    first, last = _days(asked, first_day, last_day, usual=_USUAL)
    if team is not None:
        await teams.one(asked.session, asked.viewer, team)
    found = await absences.listing(
        asked.session,
        asked.viewer,
        first=first,
        last=last,
        team_ids=None if team is None else [team],
        person_ids=None if person is None else [person],
    )
    return arranged(request, await _shown(asked, found), asking)


@router.post("", status_code=201)
async def add(
    request: Request, response: Response, body: TeamAbsenceIn, asked: Manager
) -> One[TeamAbsenceOut]:
    """Somebody is away, for all their teams."""
    added = await absences.add(asked.session, asked.viewer, body.absence())
    response.headers["Location"] = f"{router.prefix}/{added.id}"
    return one(request, (await _shown(asked, [added]))[0])


@router.get("/{absence_id}")
async def single(request: Request, absence_id: Id, asked: Reader) -> One[TeamAbsenceOut]:
    """One absence."""
    found = await absences.one(asked.session, asked.viewer, absence_id)
    return one(request, (await _shown(asked, [found]))[0])


@router.patch("/{absence_id}")
async def change(
    request: Request, absence_id: Id, body: TeamAbsenceChange, asked: Manager
) -> One[TeamAbsenceOut]:
    """Move, shorten or lengthen an absence, or make it one of half days."""
    before = await absences.one(asked.session, asked.viewer, absence_id)
    wanted = body.absence(before.as_absence)
    found = await absences.change(asked.session, asked.viewer, absence_id, wanted)
    return one(request, (await _shown(asked, [found]))[0])


@router.delete("/{absence_id}", status_code=204)
async def remove(absence_id: Id, asked: Manager) -> None:
    """They are there after all."""
    await absences.remove(asked.session, asked.viewer, absence_id)


@router.post("/import", openapi_extra=_FILES)
async def take_in(
    request: Request,
    body: File,
    asked: Manager,
    *,
    first_day: FirstDay = None,
    last_day: LastDay = None,
    zone: Annotated[
        str,
        Query(
            max_length=64,
            description="by whose clock timed events take half days",
            examples=["Europe/Berlin"],
        ),
    ] = "UTC",
    team: OptionalId = None,
    dry: Annotated[bool, Query(description="say what would become of the file, and store nothing")] = False,
) -> One[AbsenceImportOut]:
    """Import absences from a calendar (iCalendar) or a table (CSV): of all your teams' members, or of one team's.

    They are taken from `first_day` on, of a calendar up to `last_day` (a year on), and what begins after that is left alone.
    What cannot be read is named by its line, who is not found is listed, all else is stored. What is there already is not stored twice.
    An event that was imported before is as the calendar has it now. docs/capacity.md says what is read.
    """
    first, last = _days(asked, first_day, last_day, usual=_IMPORTED)
    check_calendar(TeamCalendar(zone))
    source = _SOURCES.get(request.headers.get("content-type", "").partition(";")[0].strip().lower())
    if source is None:
        raise NoSuchFile
    if team is not None:
        await teams.one(asked.session, asked.viewer, team)
    file = await absence_files.read([body], source=source, window=Window(first, last), zone=zone)
    done = None
    if dry:
        found = await absence_files.whose(asked.session, asked.viewer, file, team_id=team)
    else:
        done, found = await absence_files.take_in(asked.session, asked.viewer, file, team_id=team)
    return one(request, AbsenceImportOut.of(file.found, done, found))


def _days(
    asked: Asked, first_day: date | None, last_day: date | None, *, usual: timedelta
) -> tuple[date, date]:
    """Raises Invalid for days that nobody plans with, and for too many of them."""
    first = first_day or asked.now.date()
    problem = ""
    if not EARLIEST <= first <= LATEST or (last_day is not None and not EARLIEST <= last_day <= LATEST):
        problem = f"Use days between {EARLIEST.year} and {LATEST.year}."
        raise Invalid(problem, details=(FieldProblem("first_day", problem),))
    last = last_day or first + usual
    if last < first:
        problem = "The last day is before the first. Swap the two."
    elif last - first > _LONGEST:
        problem = "Ask for two years at most."
    if problem:
        raise Invalid(problem, details=(FieldProblem("last_day", problem),))
    return first, last


async def _shown(asked: Asked, rows: Iterable[AbsenceRow]) -> list[TeamAbsenceOut]:
    found = list(rows)
    known = await people.listing(asked.session, asked.viewer, ids={row.person_id for row in found})
    names = {person.id: person.name for person in known}
    return [TeamAbsenceOut.of(row, names) for row in found]
