"""Calendars: a team's month day by day, and the countries whose public holidays are known."""

import asyncio
from datetime import date
from typing import Annotated

from fastapi import Query, Request

from sprintreports.api.answers import Many, One, arranged, one
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id, Search
from sprintreports.api.routing import Router
from sprintreports.api.schemas.calendars import CountryOut, MonthOut
from sprintreports.identity.permissions import Permission
from sprintreports.planning import team_month
from sprintreports.planning.capacity.calendars import regions
from sprintreports.planning.capacity.countries import countries

router = Router(prefix="/api/v1", tags=["teams"])

_ORDERS = ("name", "country")

Reader = Annotated[Asked, needs(Permission.CAPACITY_READ)]
InMonth = Annotated[
    date | None, Query(description="a day of the month; default: this month, in UTC", examples=["2026-05-01"])
]


@router.get("/teams/{team_id}/month")
async def month(request: Request, team_id: Id, asked: Reader, *, day: InMonth = None) -> One[MonthOut]:
    """A month day by day: who works, is away, is on holiday, member by member."""
    first = (day or asked.now.date()).replace(day=1)
    rows = await team_month.month(asked.session, asked.viewer, team_id, year=first.year, number=first.month)
    return one(request, MonthOut.of(rows, team_id=team_id, first_day=first))


@router.get("/holiday-countries", dependencies=[needs(Permission.CAPACITY_READ)])
async def known(
    request: Request,
    asking: Annotated[Asking, listed(CountryOut, _ORDERS, per_page=100)],
    *,
    search: Search = "",
) -> Many[CountryOut]:
    """The countries whose public holidays are known, by name, and their parts with holidays of their own."""
    named = await asyncio.to_thread(countries)  # the first time reads a large module
    wanted = search.strip().casefold()
    found = [
        CountryOut(country=country, name=name, subdivisions=list(regions()[country]))
        for country, name in named.items()
        if wanted in name.casefold() or wanted == country.casefold()
    ]
    return arranged(request, found, asking)
