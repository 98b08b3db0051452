"""One run, from its queue to its end: locked, resumed where it stood, and ended with a sentence if it fails."""

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.exc import SQLAlchemyError

from sprintreports.jira import sites
from sprintreports.jira.client import JiraClient
from sprintreports.jira.errors import JiraRateLimited, JiraUnavailable, JiraUnreachable
from sprintreports.jira.sync import computing, issues, meta, ranking, replaying, runs, strays
from sprintreports.jira.sync.beside import Beside, OpenHelper
from sprintreports.jira.sync.cursor import Phase
from sprintreports.jira.sync.errors import SyncCancelled, SyncPaused, SyncRunning
from sprintreports.jira.sync.lock import only_one
from sprintreports.jira.sync.requests import Mode
from sprintreports.jira.sync.work import Clock, Listener, UnitOfWork, Work, log
from sprintreports.jira.tables import Site
from sprintreports.kit.errors import SprintReportsError
from sprintreports.observability import counters, logs

Phases = tuple[tuple[Phase, tuple[Callable[[Work], Awaitable[None]], ...]], ...]
OpenClient = Callable[[Site], Awaitable[JiraClient]]


class End(StrEnum):
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    PAUSED = "paused"  # back in line, to go on where it stands


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended. `passing`: the failure may be over soon, so the same run can be tried again."""

    run_id: int
    end: End
    error: str | None = None
    passing: bool = False
    retry_after: float | None = None
    issues: int = 0
    changed: int = 0


async def run(
    unit: UnitOfWork,
    *,
    run_id: int,
    now: Clock,
    open_client: OpenClient = sites.open_client,
    listener: Listener | None = None,
    open_helper: OpenHelper | None = None,
) -> Outcome:
    """Do a run's work, or what is left of it. Failures that people can do something about end in the outcome.

    `open_helper`: starts a second process that helps where there is much to do.
    Raises SyncRunNotFound, SyncRunning when another process works on the site, and what nobody foresaw.
    """
    async with unit() as session:
        started = await runs.start(session, run_id, now=now())
    if started is None:
        return Outcome(run_id, End.DONE)
    with_log = {"run_id": run_id, "site_id": started.site_id}
    try:
        async with only_one(unit, started.site_id):
            log.info("sync_started", mode=started.mode, phase=started.cursor.phase.value, **with_log)
            beside = Beside(open_helper)
            try:
                await _work(unit, started, now, open_client, listener, beside)
            finally:
                await beside.close()
    except SyncCancelled:
        return await _ended(unit, started, End.CANCELLED, now, None)
    except SyncPaused:
        async with unit() as session:
            await runs.rest(session, run_id, now=now())
        log.info("sync_paused", **with_log)
        return Outcome(run_id, End.PAUSED)
    except SyncRunning:
        raise
    except SprintReportsError as error:
        log.warning("sync_failed", error=error.message, code=error.code, **with_log)
        return await _ended(unit, started, End.FAILED, now, error)
    except Exception:
        log.exception("sync_broke", **with_log)
        # Where the database itself is what broke, the run stays "running", and the next worker goes on with it.
        with contextlib.suppress(SQLAlchemyError, OSError):
            await _ended(unit, started, End.FAILED, now, SprintReportsError())
        raise
    return await _ended(unit, started, End.DONE, now, None)


async def _work(
    unit: UnitOfWork,
    run_: runs.Run,
    now: Clock,
    open_client: OpenClient,
    listener: Listener | None,
    beside: Beside,
) -> None:
    async with unit() as session:
        site = await sites.load(session, run_.site_id)
    if run_.mode == Mode.INCREMENTAL and run_.cursor.since is None:
        run_.cursor.since = runs.read_until(site)
    if run_.mode == Mode.REPLAY:
        await _do(Work(unit, run_, None, now, listener=listener, beside=beside), _REPLAYING)
        return
    run_.wire = client = await open_client(site)
    try:
        work = Work(
            unit,
            run_,
            client,
            now,
            owner_zone=site.time_zone,
            fields=_fields(site),
            listener=listener,
            beside=beside,
        )
        await _do(work, _READING)
    finally:
        await client.aclose()


async def _do(work: Work, phases: Phases) -> None:
    """The phases from the one that the cursor stands in."""
    names = [phase for phase, _ in phases]
    standing = work.run.cursor.phase
    for phase, steps in phases[names.index(standing) if standing in names else 0 :]:
        await work.enter(phase)
        for step in steps:
            await step(work)


def _fields(site: Site) -> tuple[str, ...]:
    """What the run's own first phase chose, for one that is resumed after it."""
    return tuple(site.settings.get("fields_read", ()))


_READING: Phases = (
    (Phase.META, (meta.read_meta,)),
    (Phase.SPRINTS, (meta.read_sprints, replaying.read_stored_first)),
    (Phase.ISSUES, (issues.read_issues,)),
    (Phase.STRAYS, (strays.read_strays, strays.name_incoherent_dates)),
    (Phase.RANKS, (ranking.read_ranks,)),
    (Phase.FACTS, (computing.compute_facts,)),
)
_REPLAYING: Phases = (
    (Phase.REPLAY, (replaying.read_stored,)),
    (Phase.FACTS, (computing.compute_facts,)),
)


async def _ended(
    unit: UnitOfWork, run_: runs.Run, end: End, now: Clock, error: SprintReportsError | None
) -> Outcome:
    sentence = error.message if error else None
    async with unit() as session:
        await runs.end(session, run_, end, error=error, request_id=logs.request_id(), now=now())
    if end is End.DONE:
        counters.LAST_SYNC.labels(run_.site_id).set(now().timestamp())
    cursor = run_.cursor
    log.info(
        "sync_ended",
        end=end.value,
        run_id=run_.run_id,
        site_id=run_.site_id,
        issues=cursor.done,
        changed=cursor.changed,
    )
    return Outcome(
        run_.run_id,
        end,
        sentence,
        passing=isinstance(error, JiraUnreachable | JiraUnavailable | JiraRateLimited),
        retry_after=error.retry_after if isinstance(error, JiraRateLimited) else None,
        issues=cursor.done,
        changed=cursor.changed,
    )
