"""How a browser gets a session: what the forms of sign-in, of providers and of first steps have in common.

A script never sees a cookie, and the socket that the next page opens carries it from its first event on.
"""

from datetime import timedelta

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit, known_devices, second_factor, sessions, unfinished
from sprintreports.identity.origin import is_same_origin
from sprintreports.identity.unfinished import Step
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock
from sprintreports.observability import logs
from sprintreports.settings import settings
from sprintreports.ui.links import address, local_path

log = logs.get("ui.session")


class NotFromHere(Exception):
    """The form did not come from a page of ours."""


async def own_pages_only(request: Request) -> None:  # async: a thread of its own would keep what it binds
    """The dependency of every form's route: cookies come along with forged forms too, an Origin of ours does not."""
    if not is_same_origin(request.headers, public_url=settings().public_url):
        log.warning("foreign_form_refused", origin=request.headers.get("origin", ""))
        raise NotFromHere
    logs.bind_request_id()
    audit.came_from(client(request))


async def not_from_here(_request: Request, _error: Exception) -> RedirectResponse:
    """What a forged form gets: the sign-in page, with an explanation and no effect."""
    return see("/sign-in?problem=foreign")


async def after_password(
    session: AsyncSession, request: Request, user_id: int, target: str
) -> RedirectResponse:
    """A password was right: sign in, or ask for the second factor first, or have it set up where the role needs it."""
    status = await second_factor.status(session, user_id=user_id)
    if not status.on and not status.required:
        return await enter(session, request, user_id, target, method="password")
    step = Step.CODE if status.on else Step.ENROLMENT
    token = await unfinished.begin(session, user_id=user_id, step=step, target=target, now=clock.now())
    answer = see(address("/sign-in", step=step.value))
    _set(answer, unfinished.COOKIE, token, unfinished.LIFETIME)
    return answer


async def enter(
    session: AsyncSession, request: Request, user_id: int, target: str, *, method: str
) -> RedirectResponse:
    """Sign this browser in and send it on. `method`: how its user showed who they are, for the audit log."""
    answer = see(local_path(target))
    await open_session(session, request, answer, user_id=user_id, method=method)
    return answer


async def open_session(
    session: AsyncSession, request: Request, answer: Response, *, user_id: int, method: str
) -> None:
    """Give the answer's browser a session of its own; what it had before ends, so nobody can have planted it."""
    now = clock.now()
    before = sessions.cookie_of(request.cookies)
    if before:
        await sessions.end(session, before)
    agent = request.headers.get("user-agent", "")
    made = await sessions.create(session, user_id=user_id, user_agent=agent, address=client(request), now=now)
    await known_devices.signed_in(
        session, user_id=user_id, user_agent=agent, address=client(request), now=now
    )
    found = await sessions.resolve(session, made.token, now=now)
    viewer = found.viewer if found else None
    await record(session, viewer, audit.Action.SIGN_IN, user_id, {"method": method})
    set_session(answer, made.token)
    answer.delete_cookie(**sessions.cookie_options(base=unfinished.COOKIE))


async def record(
    session: AsyncSession, viewer: Viewer | None, action: audit.Action, user_id: int, after: dict[str, str]
) -> None:
    """An audit entry about a user."""
    await audit.record(session, viewer, action, subject=("user", user_id), after=after)


def set_session(answer: Response, token: str) -> None:
    """Put the session cookie into an answer."""
    _set(answer, sessions.COOKIE_NAME, token, sessions.longest())


def client(request: Request) -> str:
    """The address that a request came from."""
    return request.client.host if request.client else ""


def see(target: str) -> RedirectResponse:
    """Go on there. 303: the browser follows with GET, so that a reload never posts the form again."""
    return RedirectResponse(target, status_code=303, headers={"Cache-Control": "no-store"})


def _set(answer: Response, base: str, token: str, age: timedelta) -> None:
    answer.set_cookie(value=token, max_age=int(age.total_seconds()), **sessions.cookie_options(base=base))
