"""What admins change about sites, boards and webhooks is in the audit log, with before and after and without a secret."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira import boards, sites, sync, webhooks
from sprintreports.jira.boards import BoardSettings
from sprintreports.jira.sync import steering
from sprintreports.kit import db
from sprintreports.metrics.values import Unit
from tests.integration.jira_site import NOW, make_site

ADMIN = replace(Viewer.system(), user_id=7)


async def _entries(session: AsyncSession) -> list[tuple[Any, ...]]:
    found = await session.execute(
        text("SELECT action, actor_id, subject_kind, before, after FROM audit_entry ORDER BY id")
    )
    return [tuple(row) for row in found]


@pytest.mark.usefixtures("pg_url")
async def test_sites_boards_and_webhooks():
    async with db.transaction() as session:
        await _told(session)


async def _told(db_session: AsyncSession):
    site = (await make_site(db_session)).site_id
    found = await boards.listing(db_session, ADMIN, site)
    (board,) = [one.board_id for one in found if one.selected]
    others = [one.board_id for one in found if not one.selected]
    await sites.change(db_session, ADMIN, site, name="Renamed", now=NOW)
    await sites.change(db_session, ADMIN, site, name="Renamed", now=NOW)  # nothing differs: nothing is told
    await steering.pause(db_session, ADMIN, site, now=NOW)
    await steering.resume(db_session, ADMIN, site, now=NOW)
    await steering.set_schedule(db_session, ADMIN, site, minutes=60, now=NOW)
    await boards.set_board(db_session, ADMIN, board, BoardSettings(unit=Unit.HOURS), now=NOW)
    await boards.choose(db_session, ADMIN, site, board_ids=[board, *others], now=NOW)
    made = await webhooks.renew(db_session, ADMIN, site, now=NOW)
    await webhooks.forget(db_session, ADMIN, site)
    run = await sync.request(db_session, ADMIN, site)
    await sync.cancel(db_session, ADMIN, run, now=NOW)
    await sync.request(db_session, Viewer.system(), site)  # the schedule's: nobody asked
    await sites.delete(db_session, ADMIN, site, now=NOW)

    entries = await _entries(db_session)
    said = [(action, before, after) for action, _, _, before, after in entries]
    assert said[0] == ("site.changed", {"name": said[0][1]["name"]}, {"name": "Renamed"})
    assert said[1:4] == [
        ("site.changed", {"paused": False}, {"paused": True}),
        ("site.changed", {"paused": True}, {"paused": False}),
        ("site.changed", {"sync_minutes": None}, {"sync_minutes": 60}),
    ]
    assert said[4] == ("board.changed", {"unit": "points"}, {"unit": "hours"})
    expected = (
        [] if not others else [("board.chosen", {"boards": [board]}, {"boards": sorted([board, *others])})]
    )
    rest = said[5:]
    assert rest[: len(expected)] == expected
    assert [action for action, _, _ in rest[len(expected) :]] == [
        "webhook.changed", "webhook.changed", "sync.requested", "sync.cancelled", "site.deleted",
    ]  # fmt: skip
    assert {(actor, kind) for _, actor, kind, _, _ in entries} == {(7, "site"), (7, "board")}
    assert made.secret is not None
    assert made.secret not in str(entries)
