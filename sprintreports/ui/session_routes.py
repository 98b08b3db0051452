"""Sign-in, sign-out and the very first admin: plain forms and full navigation, so that the cookie is HttpOnly.

A script never sees the cookie, and the socket that the next page opens carries it from its first event on.
"""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import first_run, passwords, sessions, users
from sprintreports.identity.origin import is_same_origin
from sprintreports.kit import clock
from sprintreports.kit.db import transaction
from sprintreports.kit.errors import SprintReportsError
from sprintreports.observability import logs
from sprintreports.settings import settings
from sprintreports.ui.links import address, local_path

log = logs.get("ui.session")


class NotFromHere(Exception):
    """The form did not come from a page of ours."""


def _own_pages_only(request: Request) -> None:
    if not is_same_origin(request.headers, public_url=settings().public_url):
        log.warning("foreign_form_refused", origin=request.headers.get("origin", ""))
        raise NotFromHere


router = APIRouter(prefix="/session", include_in_schema=False, dependencies=[Depends(_own_pages_only)])

Text = Annotated[str, Form(max_length=1000)]


@router.post("/sign-in")
async def sign_in(
    request: Request,
    login: Text = "",
    password: Text = "",
    target: Annotated[str, Form(alias="next", max_length=2000)] = "",
) -> RedirectResponse:
    """Sign in, then on to the page that asked for it."""
    logs.bind_request_id()
    async with passwords.turn(), transaction() as session:
        outcome = await users.authenticate(
            session, login=login, password=password, address=_client(request), now=clock.now()
        )
        if outcome.user is not None:
            return await _signed_in(session, request, outcome.user.id, local_path(target))
    problem = "wait" if outcome.retry_after else "wrong"
    wait = outcome.retry_after or None
    onward = local_path(target)
    return _see(address("/sign-in", problem=problem, seconds=wait, next=None if onward == "/" else onward))


@router.post("/sign-out")
async def sign_out(request: Request) -> RedirectResponse:
    """End this session and forget its cookie."""
    logs.bind_request_id()
    token = request.cookies.get(sessions.COOKIE_NAME)
    if token:
        async with transaction() as session:
            await sessions.end(session, token)
    answer = _see("/sign-in?problem=left")
    answer.delete_cookie(**sessions.cookie_options(secure=_secure()))
    return answer


@router.post("/first-admin")
async def first_admin(
    request: Request, code: Text = "", name: Text = "", email: Text = "", password: Text = ""
) -> RedirectResponse:
    """Make the first admin with the setup code, sign them in, and go on with connecting Jira."""
    logs.bind_request_id()
    try:
        async with transaction() as session:
            user = await first_run.claim(
                session, setup_code=code, email=email, password=password, name=name, now=clock.now()
            )
            return await _signed_in(session, request, user.id, "/setup")
    except SprintReportsError as error:
        reasons = " ".join(detail.message for detail in error.details) or error.message
        return _see(address("/setup", problem=reasons, name=name[:200], email=email[:255]))


async def _signed_in(session: AsyncSession, request: Request, user_id: int, target: str) -> RedirectResponse:
    made = await sessions.create(
        session,
        user_id=user_id,
        user_agent=request.headers.get("user-agent", ""),
        address=_client(request),
        now=clock.now(),
    )
    answer = _see(target)
    age = int(sessions.ABSOLUTE.total_seconds())
    answer.set_cookie(value=made.token, max_age=age, **sessions.cookie_options(secure=_secure()))
    return answer


def _secure() -> bool:
    return urlsplit(settings().public_url).scheme == "https"


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


def _see(target: str) -> RedirectResponse:
    # 303: the browser follows with GET, so that a reload never posts the form again.
    return RedirectResponse(target, status_code=303, headers={"Cache-Control": "no-store"})


async def not_from_here(_request: Request, _error: Exception) -> RedirectResponse:
    """What a forged form gets: the sign-in page, with an explanation and no effect."""
    return _see("/sign-in?problem=foreign")
