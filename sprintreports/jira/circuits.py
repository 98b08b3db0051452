"""The circuit breaker of a site: who asks a Jira that cannot answer, or does not let us in, only makes it worse.

closed → open after three failures in a row, or at once where the sign-in fails (Jira locks accounts that go on trying);
open → half-open when its time has come, for one request that decides; each opening lasts twice as long as the one before.
An opening without an end is a failed sign-in: new credentials, a good test or "Try now" end it. The state is kept with the
site, so that all jobs in all processes heed it.
"""

from datetime import UTC, datetime, timedelta
from enum import StrEnum

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from sprintreports.jira import site_notices
from sprintreports.jira.errors import (
    JiraRateLimited,
    JiraSignInFailed,
    JiraUnavailable,
    JiraUnreachable,
    NotAJira,
)
from sprintreports.jira.tables import Site
from sprintreports.kit.errors import SprintReportsError
from sprintreports.observability import logs

THRESHOLD = 3
FIRST_OPENING = timedelta(minutes=1)
LONGEST_OPENING = timedelta(hours=1)
PROBE_LEASE = timedelta(
    minutes=2
)  # a process that died while it asked does not hold the others up for longer
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_DEFAULT_PAUSE = 60.0

log = logs.get("jira.circuits")


class State(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Cause(StrEnum):
    NONE = ""
    UNREACHABLE = "unreachable"
    SIGN_IN = "sign_in"
    RATE_LIMIT = "rate_limit"


class Gate(StrEnum):
    """What whoever wants to ask the Jira may do: go on, make the one probe first, or leave it alone."""

    GO = "go"
    PROBE = "probe"
    SHUT = "shut"


class Circuit(msgspec.Struct, frozen=True):
    """`failures`: in a row; `openings`: since the last good answer. `until` None while open: until somebody acts."""

    state: State = State.CLOSED
    cause: Cause = Cause.NONE
    reason: str = ""
    since: datetime | None = None
    until: datetime | None = None
    failures: int = 0
    openings: int = 0

    def gate(self, now: datetime) -> Gate:
        if self.state is State.CLOSED:
            return Gate.GO
        return Gate.PROBE if self.until is not None and now >= self.until else Gate.SHUT

    def probing(self, now: datetime) -> "Circuit":
        """Half-open for one process; the lease ends by itself."""
        return msgspec.structs.replace(self, state=State.HALF_OPEN, until=now + PROBE_LEASE)

    def probed(self, now: datetime) -> "Circuit":
        """Closed on trial after a good probe: the next failure opens it again, for longer than before."""
        return msgspec.structs.replace(
            self, state=State.CLOSED, since=now, until=None, failures=THRESHOLD - 1
        )

    def impatient(self) -> "Circuit":
        """Somebody wants it tried now."""
        return (
            self
            if self.state is State.CLOSED
            else msgspec.structs.replace(self, state=State.OPEN, until=self.since or LONG_AGO)
        )

    def failed(self, error: SprintReportsError, now: datetime) -> "Circuit":
        """After a failure. One that says nothing of the site as a whole changes nothing."""
        cause = _cause(error)
        if cause is Cause.NONE:
            return self
        failures = self.failures + 1
        if cause is Cause.UNREACHABLE and failures < THRESHOLD and self.state is State.CLOSED:
            return msgspec.structs.replace(self, failures=failures, cause=cause, reason=error.message)
        openings = self.openings + 1
        return Circuit(
            State.OPEN,
            cause,
            error.message,
            since=now if self.state is State.CLOSED or self.since is None else self.since,
            until=_until(error, cause, openings, now),
            failures=failures,
            openings=openings,
        )


def of(site: Site) -> Circuit:
    """The site's circuit."""
    return read(site.circuit)


def read(stored: object) -> Circuit:
    """The circuit from its stored form."""
    return msgspec.convert(stored, Circuit, strict=False)


def keep(site: Site, circuit: Circuit) -> None:
    """Store it with the site, in the caller's transaction, and say in the log what changed."""
    before = of(site)
    if circuit == before:
        return
    site.circuit = msgspec.to_builtins(circuit)
    if circuit.state is not before.state:
        log.warning(
            "circuit_changed",
            site_id=site.id,
            state=circuit.state.value,
            cause=circuit.cause.value,
            until=circuit.until.isoformat() if circuit.until else None,
            openings=circuit.openings,
        )


def note(site: Site, error: SprintReportsError | None, *, now: datetime) -> None:
    """Count how asking the Jira went: None is a good end, which closes the circuit."""
    keep(site, Circuit() if error is None else of(site).failed(error, now))


async def heard(
    session: AsyncSession, site_id: int, error: SprintReportsError | None, *, now: datetime
) -> None:
    """`note` for a site of which only the id is at hand."""
    site = await locked(session, site_id)
    if site is not None:
        note(site, error, now=now)
        await tell(session, site, now=now)


async def tell(session: AsyncSession, site: Site, *, now: datetime) -> bool:
    """Tell those who manage sites that this Jira is left alone, where it is; whether it is. A mere limit passes by itself."""
    circuit = of(site)
    if circuit.state is not State.OPEN or circuit.cause not in (Cause.SIGN_IN, Cause.UNREACHABLE):
        return False
    sign_in = circuit.cause is Cause.SIGN_IN
    await site_notices.unreadable(session, site, reason=circuit.reason, sign_in=sign_in, now=now)
    return True


async def open_now(session: AsyncSession, site_id: int, *, now: datetime) -> bool:
    """Whether jobs may ask this site's Jira: it is not paused, and its circuit is closed."""
    site = await session.get(Site, site_id, populate_existing=True)
    return site is None or (site.paused_at is None and of(site).gate(now) is Gate.GO)


async def locked(session: AsyncSession, site_id: int) -> Site | None:
    """The site's row, for this transaction alone."""
    query = select(Site).where(col(Site.id) == site_id, col(Site.deleted_at).is_(None)).with_for_update()
    return await session.scalar(query.execution_options(populate_existing=True))


def _cause(error: SprintReportsError) -> Cause:
    match error:
        case JiraSignInFailed():
            return Cause.SIGN_IN
        case JiraRateLimited():
            return Cause.RATE_LIMIT
        case JiraUnreachable() | JiraUnavailable() | NotAJira():
            return Cause.UNREACHABLE
        case _:
            return Cause.NONE


def _until(error: SprintReportsError, cause: Cause, openings: int, now: datetime) -> datetime | None:
    if cause is Cause.SIGN_IN:
        return None
    if isinstance(error, JiraRateLimited):
        return now + timedelta(seconds=error.retry_after or _DEFAULT_PAUSE)
    return now + min(LONGEST_OPENING, FIRST_OPENING * 2 ** min(openings - 1, 10))
