"""What the numbers of a site rest on besides its issues, as short digests: what has changed says what is to be done again.

| Changed                                          | Asks for                                                    |
|--------------------------------------------------|-------------------------------------------------------------|
| which boards are chosen                          | the lists of all chosen boards, which each sweep brings     |
| a board's filter                                 | its list, believed at once however much left it             |
| a board's columns, done statuses, sub-task rule, | its segments and facts again, from what is stored           |
| estimation (a known field), zone; a status       | (`store_boards`, `store_statuses`, `boards.set_board`)      |
| the mapping, or the fields that boards estimate  | a replay of the stored payloads                             |
| with                                             |                                                             |
| the fields that are needed, beyond those read    | all issues read again                                       |
| nothing                                          | nothing                                                     |
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira.context import SiteContext
from sprintreports.jira.mapping import FieldMapping
from sprintreports.jira.mapping_values import TIMING
from sprintreports.kit import db

# Another number after a change of the ingest that gives other rows for the same payload.
INGEST = 1

_LATER = frozenset({*TIMING, "scheduling_values"})


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a run has to do besides its sweep."""

    replay: bool = False
    read_all: bool = False


def consequences(
    *, read_with: str | None, now_with: str, fields_read: Collection[str], fields_needed: Iterable[str]
) -> Consequences:
    """Nothing before the first run, which reads all there is with the mapping of now."""
    known = frozenset(fields_read)
    return Consequences(
        replay=read_with is not None and read_with != now_with,
        read_all=bool(known) and not known.issuperset(fields_needed),
    )


def of_reading(site: SiteContext) -> str:
    """The mapping's meaning, with the fields that boards estimate with: what ingest makes rows with."""
    return _digest([INGEST, _meaning(site.mapping), sorted(site.fields.points_fields)])


def of_filter(filter_id: str | None, filter_jql: str | None, sub_query: str | None) -> str:
    """Which issues a board shows. An unreadable filter has its id alone."""
    return _digest([filter_id, " ".join((filter_jql or "").split()), sub_query])


async def keep_reading(session: AsyncSession, site_id: int, print_: str) -> None:
    """All that is stored has been read with this."""
    connection = await db.raw(session)
    await connection.execute(
        "UPDATE site SET read_with = %s WHERE id = %s AND read_with IS DISTINCT FROM %s",
        (print_, site_id, print_),
    )


async def keep_filter(
    session: AsyncSession, site_id: int, jira_board_id: int, print_: str, *, now: datetime
) -> None:
    """The board's issues have been listed with this filter."""
    connection = await db.raw(session)
    await connection.execute(
        "UPDATE board SET listed_with = %s, updated_at = %s WHERE site_id = %s AND jira_board_id = %s "
        "AND listed_with IS DISTINCT FROM %s",
        (print_, now, site_id, jira_board_id, print_),
    )


def _meaning(mapping: FieldMapping) -> object:
    """Without what people read, and whether somebody confirmed it."""
    plain: dict[str, object] = msgspec.to_builtins(mapping.meaning())
    # Without a field for them, what plans are timed by is no news to a site that was read before there was such a thing.
    return {name: value for name, value in plain.items() if value or name not in _LATER}


def _digest(value: object) -> str:
    return hashlib.blake2b(msgspec.json.encode(value, order="deterministic"), digest_size=16).hexdigest()
