"""Sign-in in one or two steps, sign-out and the very first admin: plain forms and full navigation."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit, first_run, passwords, second_factor, sessions, unfinished, users
from sprintreports.identity.second_factor import Checked
from sprintreports.identity.unfinished import Step, Unfinished
from sprintreports.kit import clock
from sprintreports.kit.db import transaction
from sprintreports.kit.errors import SprintReportsError
from sprintreports.ui import said
from sprintreports.ui.entering import (
    after_password,
    client,
    enter,
    open_session,
    own_pages_only,
    record,
    see,
)
from sprintreports.ui.links import address, local_path

router = APIRouter(prefix="/session", include_in_schema=False, dependencies=[Depends(own_pages_only)])

Text = Annotated[str, Form(max_length=1000)]
_LATE = "/sign-in?problem=late"


class CodeIn(BaseModel):
    """The first code of an app that is being set up."""

    code: str = Field(max_length=100)


@router.post("/sign-in")
async def sign_in(
    request: Request,
    login: Text = "",
    password: Text = "",
    target: Annotated[str, Form(alias="next", max_length=2000)] = "",
) -> RedirectResponse:
    """Check the password, then on to the second factor or to the page that asked for it."""
    onward = local_path(target)
    async with passwords.turn(), transaction() as session:
        outcome = await users.authenticate(
            session, login=login, password=password, address=client(request), now=clock.now()
        )
        if outcome.user is not None:
            return await after_password(session, request, outcome.user.id, onward)
    problem = "off" if outcome.off else "wait" if outcome.retry_after else "wrong"
    wait = outcome.retry_after or None
    return see(address("/sign-in", problem=problem, seconds=wait, next=None if onward == "/" else onward))


@router.post("/second-factor")
async def give_code(request: Request, code: Text = "") -> RedirectResponse:
    """The second step: a code of the authenticator app, or a recovery code."""
    async with transaction() as session:
        pending = await _pending(session, request, Step.CODE)
        if pending is None:
            return see(_LATE)
        user_id = pending.viewer.user_id
        checked = await second_factor.check(
            session, user_id=user_id, code=code, now=clock.now(), address=client(request)
        )
        if checked.passed:
            await unfinished.finish(session, pending)
            method = "password and recovery code" if checked.by_recovery_code else "password and app"
            return await enter(session, request, user_id, pending.target, method=method)
    problem, wait = ("wait", checked.retry_after) if checked.retry_after else ("code", None)
    return see(address("/sign-in", step=Step.CODE.value, problem=problem, seconds=wait))


@router.post("/enrolment")
async def begin_enrolment(request: Request) -> Response:
    """What the authenticator app is fed with, where a role needs one. For the browser's script, as JSON."""
    async with transaction() as session:
        pending = await _pending(session, request, Step.ENROLMENT)
        if pending is None:
            return _no_longer()
        made = await second_factor.begin(session, pending.viewer, now=clock.now())
    return _json({"secret": made.secret, "uri": made.uri, "picture": made.picture})


@router.post("/enrolment/confirmation")
async def confirm_enrolment(request: Request, body: CodeIn) -> Response:
    """The app's first code: signs in, and answers with the recovery codes and where to go on."""
    async with transaction() as session:
        pending = await _pending(session, request, Step.ENROLMENT)
        if pending is None:
            return _no_longer()
        viewer = pending.viewer
        found = await second_factor.confirm(
            session, viewer, code=body.code, now=clock.now(), address=client(request)
        )
        if isinstance(found, Checked):
            return _problem(found.message, 429 if found.retry_after else 422)
        await unfinished.finish(session, pending)
        answer = _json({"recovery_codes": found, "next": local_path(pending.target)})
        method = "password, app set up"
        await open_session(session, request, answer, user_id=viewer.user_id, method=method)
        return answer


@router.post("/break-glass")
async def break_glass(request: Request, token: Text = "") -> RedirectResponse:
    """Sign a super admin in by the one-time link of `sprintreports break-glass`."""
    async with transaction() as session:
        pending = await unfinished.resolve(session, token, now=clock.now())
        if pending is None or pending.step is not Step.BREAK_GLASS:
            return see(_LATE)
        await unfinished.finish(session, pending)
        user_id = pending.viewer.user_id
        await record(session, pending.viewer, audit.Action.BREAK_GLASS, user_id, {"step": "link used"})
        return await enter(session, request, user_id, "/", method="emergency link")


@router.post("/sign-out")
async def sign_out(request: Request) -> RedirectResponse:
    """End this session and forget its cookie."""
    answer = see("/sign-in?problem=left")
    token = sessions.cookie_of(request.cookies)
    if token:
        async with transaction() as session:
            found = await sessions.resolve(session, token, now=clock.now(), notes=False)
            if found is not None:
                await record(session, found.viewer, audit.Action.SIGN_OUT, found.viewer.user_id, {})
            await sessions.end(session, token)
    answer.delete_cookie(**sessions.cookie_options())
    return answer


@router.post("/first-admin")
async def first_admin(
    request: Request, code: Text = "", name: Text = "", email: Text = "", password: Text = ""
) -> RedirectResponse:
    """Make the first admin with the setup code, sign them in, and go on with connecting Jira."""
    try:
        async with transaction() as session:
            user = await first_run.claim(
                session, setup_code=code, email=email, password=password, name=name, now=clock.now()
            )
            return await enter(session, request, user.id, "/setup", method="setup code")
    except SprintReportsError as error:
        return see(address("/setup", said.code_of_error(error), name=name[:200], email=email[:255]))


async def _pending(session: AsyncSession, request: Request, step: Step) -> Unfinished | None:
    token = request.cookies.get(sessions.cookie_name(unfinished.COOKIE))
    found = await unfinished.resolve(session, token, now=clock.now())
    return found if found is not None and found.step is step else None


def _json(data: dict[str, object], status: int = 200) -> Response:
    return JSONResponse({"data": data}, status_code=status, headers={"Cache-Control": "no-store"})


def _problem(message: str, status: int) -> Response:
    return JSONResponse(
        {"error": {"message": message, "details": []}},
        status_code=status,
        headers={"Cache-Control": "no-store"},
    )


def _no_longer() -> Response:
    return _problem("This sign-in took too long. Go back to the sign-in page and begin again.", 409)
