"""Work on what came in: ask Jira for what the hints name, keep the answer on the road of the sync, rebuild the numbers.

A batch names each issue once, however many deliveries speak of it. Whatever goes wrong leaves the deliveries waiting, and
working on one twice changes nothing.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira import circuits, facts, sites, sync
from sprintreports.jira.board_turns import look_again
from sprintreports.jira.client import JiraClient
from sprintreports.jira.errors import JiraError, JiraRateLimited
from sprintreports.jira.sync.errors import NoBoardChosen
from sprintreports.jira.sync.work import Clock, UnitOfWork
from sprintreports.jira.tables import Site
from sprintreports.jira.webhooks import notices
from sprintreports.jira.webhooks.deliveries import Outcome
from sprintreports.jira.webhooks.fetching import Fetch
from sprintreports.jira.webhooks.inbox import RECEIVING
from sprintreports.kit import db
from sprintreports.kit.errors import SprintReportsError
from sprintreports.observability import counters, logs

BATCH = 1000
MOST_TRIES = 6
FACTS_A_PAGE = 20
_FIRST_WAIT = timedelta(seconds=10)

OpenClient = Callable[[Site], Awaitable[JiraClient]]

log = logs.get("jira.webhooks")


@dataclass(slots=True)
class _Taken:
    """One delivery at work, and what is to be said of it."""

    delivery_id: int
    tries: int
    notice: notices.Notice
    outcome: Outcome = Outcome.WAITING
    note: str = ""

    def settle(self, outcome: Outcome, note: str) -> None:
        self.outcome, self.note = outcome, note


@dataclass(slots=True)
class _Batch:
    unit: UnitOfWork
    site_id: int
    now: Clock
    taken: list[_Taken] = field(default_factory=list[_Taken])


async def process(
    unit: UnitOfWork, site_id: int, *, now: Clock, open_client: OpenClient = sites.open_client
) -> bool:
    """Work on the oldest waiting deliveries of a site; whether there may be more.

    Raises SyncRunning when somebody else works on the site, SiteNotFound when it is gone.
    """
    async with unit() as session:
        if not await circuits.open_now(session, site_id, now=now()):
            return False  # paused, or its Jira is left alone: what came in waits
    async with sync.only_one(unit, site_id):
        batch = _Batch(unit, site_id, now)
        await _take(batch)
        if not batch.taken:
            return False
        try:
            await _work(batch, open_client)
        except SprintReportsError as error:
            await _put_back(batch, error)
            return False
        await _settle(batch)
    return len(batch.taken) == BATCH


async def _take(batch: _Batch) -> None:
    """Count the try before it begins, so that a delivery that brings the worker down is not tried for ever."""
    async with batch.unit() as session:
        connection = await db.raw(session)
        # Whoever is about to commit a delivery holds this lock together with others: wait for them.
        await connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", (RECEIVING, batch.site_id))
        cursor = await connection.execute(
            "UPDATE webhook_delivery SET tries = tries + 1 WHERE id IN (SELECT id FROM webhook_delivery "
            "WHERE site_id = %s AND outcome = 'waiting' AND (not_before IS NULL OR not_before <= %s) "
            "ORDER BY id LIMIT %s) RETURNING id, tries, body",
            (batch.site_id, batch.now(), BATCH),
        )
        rows = sorted(await cursor.fetchall())
    batch.taken = [_Taken(number, tries, notices.read(bytes(body))) for number, tries, body in rows]


async def _work(batch: _Batch, open_client: OpenClient) -> None:
    for taken in batch.taken:
        if taken.tries > MOST_TRIES:
            note = (
                "It was taken up several times and never ended. The next sync brings what it would have told."
            )
            taken.settle(Outcome.FAILED, note)
        elif not taken.notice.concerns_us:
            taken.settle(Outcome.IGNORED, "It names no issue, sprint or board.")
    at_work = [taken for taken in batch.taken if taken.outcome is Outcome.WAITING]
    async with batch.unit() as session:
        site = await sites.load(session, batch.site_id)
    fields = tuple(site.settings.get("fields_read", ()))
    if site.last_synced_at is None or not fields:
        for taken in at_work:
            taken.settle(
                Outcome.IGNORED, "The site has not been synced yet. Its first sync reads everything."
            )
        return
    if at_work:
        await _ask(batch, at_work, site, fields, open_client)


async def _ask(
    batch: _Batch, at_work: Sequence[_Taken], site: Site, fields: tuple[str, ...], open_client: OpenClient
) -> None:
    plan = notices.Plan.of(taken.notice for taken in at_work)
    client = await open_client(site)
    try:
        fetch = Fetch(batch.unit, client, batch.site_id, fields, batch.now)
        await fetch.sprints(plan.sprints)
        await fetch.issues(plan)
    finally:
        await client.aclose()
    if plan.boards:
        await _ask_for_a_sync(batch, plan.boards)
    left = 1
    while left:
        async with batch.unit() as session:
            left = await facts.rebuild_touched(session, batch.site_id, now=batch.now(), limit=FACTS_A_PAGE)
    for taken in at_work:
        taken.settle(*_verdict(taken.notice, fetch))


def _verdict(notice: notices.Notice, fetch: Fetch) -> tuple[Outcome, str]:
    if notice.issue_id in fetch.refused:
        return Outcome.FAILED, fetch.refused[notice.issue_id]
    if notice.issue_id is not None:
        return Outcome.DONE, fetch.notes.get(notice.issue_id, "")
    if notice.board_id is not None:
        return Outcome.DONE, "A sync was asked for, which reads the board's settings again."
    return Outcome.DONE, ""


async def _ask_for_a_sync(batch: _Batch, boards: Collection[int]) -> None:
    """A board's filter or columns concern all of its issues: that is the sync's work."""
    async with batch.unit() as session:
        await look_again(session, batch.site_id, boards)
        try:
            await sync.request(session, Viewer.system(), batch.site_id)
        except NoBoardChosen:
            log.info("webhook_without_boards", site_id=batch.site_id)


async def _settle(batch: _Batch) -> None:
    async with batch.unit() as session:
        await _write(session, batch, not_before=None)
        await session.execute(select(func.pg_notify("sprintreports_numbers", str(batch.site_id))))
    for taken in batch.taken:
        counters.WEBHOOKS.labels(taken.outcome.value).inc()
    log.info("webhooks_processed", site_id=batch.site_id, deliveries=len(batch.taken))


async def _put_back(batch: _Batch, error: SprintReportsError) -> None:
    """Let them wait, longer each time; after the last try say why they failed."""
    wait = _FIRST_WAIT * 2 ** (max(taken.tries for taken in batch.taken) - 1)
    asked = error.retry_after if isinstance(error, JiraRateLimited) else None
    if asked:
        wait = max(wait, timedelta(seconds=asked))
    for taken in batch.taken:
        if taken.outcome is Outcome.WAITING:
            last = taken.tries >= MOST_TRIES or not isinstance(error, JiraError)
            taken.settle(Outcome.FAILED if last else Outcome.WAITING, error.message)
    async with batch.unit() as session:
        await circuits.heard(session, batch.site_id, error, now=batch.now())
        await _write(session, batch, not_before=batch.now() + wait)
    log.warning("webhooks_put_back", site_id=batch.site_id, error=error.message, wait=wait.total_seconds())


async def _write(session: AsyncSession, batch: _Batch, *, not_before: datetime | None) -> None:
    connection = await db.raw(session)
    now = batch.now()
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "UPDATE webhook_delivery SET outcome = %s, note = %s, processed_at = %s, not_before = %s WHERE id = %s",
            [
                (
                    taken.outcome.value,
                    taken.note,
                    None if taken.outcome is Outcome.WAITING else now,
                    not_before if taken.outcome is Outcome.WAITING else None,
                    taken.delivery_id,
                )
                for taken in batch.taken
            ],
        )
