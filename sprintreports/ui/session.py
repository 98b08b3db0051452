"""One event, one transaction: who asks, what they may do, and what becomes of an error.

Every handler of a page wears one of four decorators, under `@rx.event`:

- `@loads(permission)`: reads for a page. A failure is told in the page, in place of its content.
- `@refreshes(permission)`: the same for a page that loads itself again; nobody waits for it, so our own failures stay silent.
- `@acts(permission)`: does something. A failure is told beside the form (`complaint`), or in a toast.
- `@public`: for visitors who have not signed in: sign-in and the very first set-up.

Work of seconds between two transactions is a `Meanwhile`.

Each opens the transaction, resolves the viewer from the HttpOnly cookie, counts the event for their session and demands the
permission before the handler runs. `guard.py` refuses every handler that wears none of them.
"""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial, wraps
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import reflex as rx
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.charts.writing import write_as
from sprintreports.identity import audit, sessions
from sprintreports.identity.audit.refusals import told
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, limits
from sprintreports.kit.db import transaction
from sprintreports.kit.errors import Forbidden, SprintReportsError, Unauthenticated, Unavailable
from sprintreports.observability import logs
from sprintreports.reports.baselines import alarms
from sprintreports.reports.baselines.canonical import NotAsItWas
from sprintreports.settings import settings
from sprintreports.ui import telling
from sprintreports.ui.binding import browser_zone, cuts, session_cookie, start_afresh
from sprintreports.ui.dates import zone_named

log = logs.get("ui.events")

Handler = Callable[..., Awaitable[Any]]

RULE = "__event_rule__"
PUBLIC = "public"
# A page load is half a dozen events, and nobody opens two hundred pages a minute.
EVENTS_PER_MINUTE = 1200
_TOO_FAST = (
    "Your browser asks more quickly than anybody reads. Wait {seconds} seconds, then load the page again."
)
_GENERIC = "Something went wrong on our side. Try again; if it keeps happening, give an admin this number"


class DatabaseUnreachable(Unavailable):
    """The database does not answer. The page shows its numbers again as soon as it does."""


class Answer(StrEnum):
    """Where a handler's failure is told."""

    PAGE = "page"
    TOAST = "toast"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Visit:
    """What a handler works with: its transaction, who asks, when, and in which time zone they live.

    `cuts`: how many page loads of this tab were cut off by the next one (`ui/showing.py`).
    """

    session: AsyncSession
    asker: Viewer | None
    now: datetime
    zone: ZoneInfo
    cuts: int = 0
    opened: sessions.Session | None = None

    @property
    def viewer(self) -> Viewer:
        if self.asker is None:
            raise Unauthenticated
        return self.asker


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What a handler returns that has work of seconds before it: its transaction ends, `work` is done without any, and
    `then` goes on with what came of it, in a transaction of its own and as who the visitor is by then.
    """

    work: Callable[[], Awaitable[Any]]
    then: Callable[[Any], Awaitable[Any]]


_visit: ContextVar[Visit] = ContextVar("visit")
_asker: ContextVar[Viewer | None] = ContextVar("asker", default=None)  # who a refusal is told of


def visit() -> Visit:
    """The visit of the event that is being handled."""
    return _visit.get()


def here(state: rx.State) -> str:
    """The address of the page that the event came from: path and query, nothing else."""
    url = state.router.url
    return f"{url.path}?{url.query}" if url.query else url.path


def sign_in_address(state: rx.State) -> str:
    return "/sign-in?next=" + quote(here(state), safe="")


def loads(permission: Permission) -> Callable[[Handler], Handler]:
    """Mark a handler that reads for a page."""
    return lambda handler: _guarded(handler, permission, Answer.PAGE)


def acts(permission: Permission) -> Callable[[Handler], Handler]:
    """Mark a handler that does something."""
    return lambda handler: _guarded(handler, permission, Answer.TOAST)


def refreshes(permission: Permission) -> Callable[[Handler], Handler]:
    """Mark a handler by which a page loads itself again. When that fails on our side, what is shown stays."""
    return lambda handler: _guarded(handler, permission, Answer.LATER)


def public(handler: Handler) -> Handler:
    """Mark a handler that visitors may call who have not signed in."""
    return _guarded(handler, None, Answer.PAGE)


def _guarded(handler: Handler, permission: Permission | None, answer: Answer) -> Handler:
    @wraps(handler)
    async def run(self: rx.State, *args: Any, **kwargs: Any) -> Any:
        request_id = logs.bind_request_id()
        audit.came_from(self.router.session.client_ip)
        _asker.set(None)
        try:
            return await _in_steps(
                self,
                partial(handler, self, *args, **kwargs),
                permission,
                notes=answer is not Answer.LATER,  # what a page does by itself keeps no session alive
            )
        except Unauthenticated:
            await start_afresh(self)  # what an ended session had loaded goes with it
            return telling.leave(sign_in_address(self))
        except limits.TooFast as error:
            log.warning("events_too_fast", handler=handler.__qualname__)
            if answer is Answer.LATER:
                return None
            return _tell(self, answer, _TOO_FAST.format(seconds=error.retry_after), "")
        except SprintReportsError as error:
            log.info("event_refused", handler=handler.__qualname__, code=error.code, reason=error.message)
            await _audited(error, what=handler.__qualname__)
            if answer is not Answer.TOAST and error.status < 500:
                _forget(self)
            return _tell(self, answer, telling.sentence(error), request_id if error.status >= 500 else "")
        except OperationalError as error:
            log.warning("database_unreachable", handler=handler.__qualname__, error=str(error.orig))
            return _tell(self, answer, DatabaseUnreachable().message, request_id)
        except Exception:
            log.exception("event_failed", handler=handler.__qualname__)
            return _tell(self, answer, f"{_GENERIC}:", request_id)

    setattr(run, RULE, permission or PUBLIC)
    return run


async def _audited(error: SprintReportsError, *, what: str) -> None:
    """What the audit log is to know of, after the event's own transaction has ended."""
    if isinstance(error, Forbidden):
        await told(transaction, _asker.get(), what=what, reason=error.message, now=clock.now())
    if isinstance(error, NotAsItWas):
        await alarms.told(transaction, _asker.get(), error, now=clock.now())


async def _in_steps(
    state: rx.State, handler: Callable[[], Awaitable[Any]], permission: Permission | None, *, notes: bool
) -> Any:
    """A transaction, and one more after each work of seconds that a step asks for."""
    step = handler
    while True:
        async with transaction() as session:
            token = _visit.set(await _resolve(state, session, permission, notes=notes))
            try:
                said = await step()
            finally:
                _visit.reset(token)
        if not isinstance(said, Meanwhile):
            return said
        step = partial(said.then, await said.work())


async def _resolve(
    state: rx.State, session: AsyncSession, permission: Permission | None, *, notes: bool
) -> Visit:
    now = clock.now()
    found = await sessions.resolve(session, session_cookie(state), now=now, notes=notes)
    viewer = found.viewer if found else None
    _asker.set(viewer)
    await _count(state, found)
    if permission is not None:
        if viewer is None:
            raise Unauthenticated
        viewer.require(permission)
    chosen = viewer.time_zone if viewer else None
    write_as(viewer.locale if viewer else None)
    zone = zone_named(chosen or browser_zone(state))
    return Visit(session, viewer, now, zone, await cuts(state), found)


async def _count(state: rx.State, opened: sessions.Session | None) -> None:
    """Count the event, for the session or for a visitor's address. Raises TooFast."""
    if opened is not None:
        standing = await limits.hit("events", str(opened.id), per_minute=EVENTS_PER_MINUTE)
    else:
        per_minute = settings().anonymous_requests_per_minute
        standing = await limits.hit("address", state.router.session.client_ip, per_minute=per_minute)
    standing.require()


def _forget(state: rx.State) -> None:
    """What a page showed before it was refused must not stay behind: access may have been taken away."""
    if hasattr(state, "problem"):
        state.reset()


def _tell(state: Any, answer: Answer, message: str, request_id: str) -> Any:
    if answer is Answer.LATER and request_id:
        return None  # nobody asked for it, and the next change brings another try
    if answer is not Answer.TOAST and hasattr(state, "problem"):
        state.status = "failed"
        state.problem = message
        state.problem_id = request_id
        return None
    if answer is Answer.TOAST and hasattr(state, "complaint"):
        state.complaint = f"{message} {request_id}".strip()
        return None
    return telling.bad(message, detail=request_id)
