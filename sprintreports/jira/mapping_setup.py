"""A site's field mapping: guessed from its boards and fields, shown with reasons, confirmed by an admin."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from sprintreports.identity import audit
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import mapping, sites
from sprintreports.jira.client import JiraClient
from sprintreports.jira.errors import JiraError
from sprintreports.jira.mapping import FieldChoice, FieldMapping, Slot
from sprintreports.jira.mapping_values import Override
from sprintreports.jira.payloads import BoardConfiguration, FieldPayload
from sprintreports.jira.sync.requests import Mode, request
from sprintreports.jira.tables import Board, Site

CONFIGURATIONS_READ = 25  # enough to see which field each project estimates with


class Effect(StrEnum):
    """What a new mapping asks for: nothing, a replay of what is stored, or a full sync, since fields are new to us."""

    NONE = "none"
    REPLAY = "replay"
    READ = "read"

    def __bool__(self) -> bool:
        """Whether anything follows."""
        return self is not Effect.NONE


@dataclass(frozen=True, slots=True)
class KnownProject:
    """A project by its key. `name`: "" where only a board names it."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Places:
    """Where exceptions can hold."""

    projects: tuple[KnownProject, ...]
    types: tuple[str, ...]


async def current(session: AsyncSession, viewer: Viewer, site_id: int) -> FieldMapping:
    """The mapping as it is stored; an empty one before the first guess."""
    viewer.require(Permission.SETTINGS_READ)
    return msgspec.convert((await sites.load(session, site_id)).mapping, FieldMapping)


async def guess(session: AsyncSession, viewer: Viewer, site_id: int, *, now: datetime) -> FieldMapping:
    """Guess the mapping from Jira's field list and the chosen boards (all, when none is), and keep it unconfirmed.

    A mapping that is confirmed, or that stored issues were read with, is not replaced: the guess is only returned.
    Raises a JiraError.
    """
    viewer.require(Permission.SETTINGS_WRITE)
    site = await sites.load(session, site_id)
    boards = list(
        await session.scalars(
            select(Board)
            .where(col(Board.site_id) == site_id, col(Board.deleted_at).is_(None))
            .order_by(col(Board.selected).desc(), col(Board.type) == "kanban", col(Board.jira_board_id))
            .limit(CONFIGURATIONS_READ)
        )
    )
    chosen = [board for board in boards if board.selected] or boards
    client = await sites.open_client(site)
    try:
        fields = await client.fields()
        found = await asyncio.gather(*(_configuration(client, board) for board in chosen))
    finally:
        await client.aclose()
    guessed = mapping.guess(fields, [pair for pair in found if pair is not None])
    if not site.mapping.get("confirmed") and site.last_synced_at is None:
        _keep(site, guessed, now=now)
        await session.flush()
    return guessed


async def choices(session: AsyncSession, viewer: Viewer, site_id: int) -> dict[Slot, list[FieldChoice]]:
    """For each slot the fields that can fill it, fitting ones first, as Jira lists them now."""
    viewer.require(Permission.SETTINGS_WRITE)
    fields = await _fields(await sites.load(session, site_id))
    return {slot: mapping.choices(fields, slot) for slot in Slot}


async def confirm(
    session: AsyncSession,
    viewer: Viewer,
    site_id: int,
    *,
    changes: Mapping[str, str | None],
    points_by_project: Mapping[str, str] | None = None,
    overrides: Sequence[Override] | None = None,
    pattern: str | None = None,
    values: Mapping[str, str] | None = None,
    now: datetime,
) -> tuple[FieldMapping, Effect]:
    """Confirm the mapping with an admin's changes (slot → field id); queue what must follow, and say which it is.

    `overrides`, `pattern` (of the discipline) and `values` (of the scheduling field): None leaves them as they are. Raises Invalid for fields that Jira
    lacks and for exceptions that cannot be.
    """
    viewer.require(Permission.SETTINGS_WRITE)
    site = await sites.load(session, site_id)
    before = msgspec.convert(site.mapping, FieldMapping)
    projects = {project.key for project in (await places(session, viewer, site_id)).projects}
    after = mapping.confirm(
        await _fields(site),
        before,
        changes,
        points_by_project,
        overrides=overrides,
        pattern=pattern,
        projects=projects or None,
        values=values,
    )
    _keep(site, after, now=now)
    await session.flush()
    await audit.record_change(
        session, viewer, audit.Action.MAPPING_CHANGED, subject=("site", site_id),
        before=msgspec.to_builtins(before), after=msgspec.to_builtins(after),
    )  # fmt: skip
    effect, _ = effect_of(site, before, after)
    if effect:
        await request(session, viewer, site_id, mode=Mode.REPLAY if effect is Effect.REPLAY else Mode.FULL)
    return after, effect


def effect_of(site: Site, before: FieldMapping, after: FieldMapping) -> tuple[Effect, tuple[str, ...]]:
    """What a new mapping asks for, and the fields of it that no sync has read yet."""
    if before.meaning() == after.meaning() or site.last_synced_at is None:
        return Effect.NONE, ()
    read = frozenset(site.settings.get("fields_read", ()))
    missing = tuple(field for field in mapping.wanted_fields(after) if field not in read)
    return (Effect.READ if missing else Effect.REPLAY), missing


async def places(session: AsyncSession, viewer: Viewer, site_id: int) -> Places:
    """The projects and issue types that exceptions can name: those of synced issues and of the site's boards."""
    viewer.require(Permission.SETTINGS_READ)
    await sites.load(session, site_id)
    named = await session.execute(
        text(
            "SELECT key, max(name) FROM (SELECT key, name FROM project WHERE site_id = :site UNION ALL "
            "SELECT project_key, '' FROM board WHERE site_id = :site AND project_key IS NOT NULL "
            "AND deleted_at IS NULL) AS known(key, name) GROUP BY key ORDER BY key"
        ),
        {"site": site_id},
    )
    types = await session.scalars(
        text("SELECT DISTINCT type FROM issue WHERE site_id = :site AND deleted_at IS NULL ORDER BY type"),
        {"site": site_id},
    )
    return Places(tuple(KnownProject(*row) for row in named), tuple(types))


async def stored_issues(session: AsyncSession, site_id: int) -> int:
    """How many issues a replay reads again."""
    found = await session.scalar(
        text("SELECT count(*) FROM stored_payload WHERE site_id = :site AND kind = 'issue'"),
        {"site": site_id},
    )
    return int(found or 0)


async def _fields(site: Site) -> list[FieldPayload]:
    client = await sites.open_client(site)
    try:
        return await client.fields()
    finally:
        await client.aclose()


async def _configuration(client: JiraClient, board: Board) -> tuple[str | None, BoardConfiguration] | None:
    """A board that cannot be read does not help to guess; the sync says what is wrong with it."""
    try:
        return board.project_key, await client.board_configuration(board.jira_board_id)
    except JiraError:
        return None


def _keep(site: Site, chosen: FieldMapping, *, now: datetime) -> None:
    site.mapping = msgspec.to_builtins(chosen)
    site.updated_at = now
