"""Schedules: what is done by itself, as the person whose schedule it is."""

from typing import Annotated

from fastapi import Query, Request

from sprintreports.api.answers import Many, One, many, one
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id, Search
from sprintreports.api.routing import Router
from sprintreports.api.schemas.schedules import ScheduleIn, ScheduleOut, SchedulePatch, ScheduleRunOut
from sprintreports.identity.permissions import Permission
from sprintreports.reports.schedules import store

router = Router(prefix="/api/v1/schedules", tags=["schedules"])

Reader = Annotated[Asked, needs(Permission.REPORTS_READ)]
Paused = Annotated[bool | None, Query(description="only those that are paused, or that run")]


@router.get("")
async def listing(
    request: Request,
    asked: Reader,
    asking: Annotated[Asking, listed(ScheduleOut, store.ORDERS)],
    *,
    search: Search = "",
    paused: Paused = None,
) -> Many[ScheduleOut]:
    """Your schedules, and everybody's where you may read settings; by name. `search` looks at names and owners."""
    found = await store.listing(
        asked.session,
        asked.viewer,
        search=search,
        paused=paused,
        sort=asking.sort,
        page=asking.page,
        per_page=asking.per_page,
    )
    return many(request, found, ScheduleOut.of, asking.fields)


@router.post("", status_code=201)
async def create(request: Request, body: ScheduleIn, asked: Reader) -> One[ScheduleOut]:
    """Have a report sent or a baseline taken by itself from now on. It runs as you, with your rights at that time.

    A mail to yourself takes the right to read reports; everything else, to write them on every board that the report speaks of.
    """
    made = await store.create(asked.session, asked.viewer, body.wanted(), now=asked.now)
    return one(request, ScheduleOut.of(made))


@router.get("/{schedule_id}")
async def single(request: Request, schedule_id: Id, asked: Reader) -> One[ScheduleOut]:
    """One schedule."""
    return one(request, ScheduleOut.of(await store.one(asked.session, asked.viewer, schedule_id)))


@router.patch("/{schedule_id}")
async def update(request: Request, schedule_id: Id, body: SchedulePatch, asked: Reader) -> One[ScheduleOut]:
    """Change, pause or resume your own schedule; `settings:write` pauses anybody's. Another time or board holds from now on."""
    session, viewer = asked.session, asked.viewer
    found = await store.one(session, viewer, schedule_id)
    if body.changes:
        wanted = body.wanted(found.wanted)
        found = await store.change(session, viewer, schedule_id, wanted, now=asked.now)
    if body.paused is not None:
        steer = store.pause if body.paused else store.resume
        found = await steer(session, viewer, schedule_id, now=asked.now)
    return one(request, ScheduleOut.of(found))


@router.delete("/{schedule_id}", status_code=204)
async def delete(schedule_id: Id, asked: Reader) -> None:
    """Delete your own schedule; `settings:write` deletes anybody's. What it made stays."""
    await store.delete(asked.session, asked.viewer, schedule_id, now=asked.now)


@router.get("/{schedule_id}/runs")
async def runs(
    request: Request,
    schedule_id: Id,
    asked: Reader,
    asking: Annotated[Asking, listed(ScheduleRunOut, store.RUN_ORDERS)],
) -> Many[ScheduleRunOut]:
    """What became of a schedule, the last run first; for half a year."""
    found = await store.runs(
        asked.session,
        asked.viewer,
        schedule_id,
        sort=asking.sort,
        page=asking.page,
        per_page=asking.per_page,
    )
    return many(request, found, ScheduleRunOut.of, asking.fields)


@router.post("/{schedule_id}/runs", status_code=201)
async def run_now(request: Request, schedule_id: Id, asked: Reader) -> One[ScheduleRunOut]:
    """Run your own schedule once, now, paused or not. A run that waits already is the same one."""
    return one(
        request,
        ScheduleRunOut.of(await store.run_now(asked.session, asked.viewer, schedule_id, now=asked.now)),
    )
