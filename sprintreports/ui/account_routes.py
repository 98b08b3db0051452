"""What somebody does about their own way in, by plain forms: show again who they are, change the password, end sessions."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit, passwords, proof, sessions
from sprintreports.identity.sessions import Session
from sprintreports.kit import clock
from sprintreports.kit.db import transaction
from sprintreports.kit.errors import Invalid
from sprintreports.ui import said
from sprintreports.ui.entering import client, open_session, own_pages_only, record, see, set_session
from sprintreports.ui.links import address, identifier

router = APIRouter(prefix="/session", include_in_schema=False, dependencies=[Depends(own_pages_only)])

Text = Annotated[str, Form(max_length=1000)]
_TAB = {"tab": "security"}
_SIGN_IN = "/sign-in?next=" + "%2Fprofile%3Ftab%3Dsecurity"


@router.post("/proof")
async def prove(request: Request, password: Text = "", code: Text = "") -> RedirectResponse:
    """Show again who one is; for ten minutes that allows to change how one signs in. The cookie is a new one."""

    async def work(session: AsyncSession, own: Session) -> RedirectResponse:
        found = await proof.by_password(
            session, own.viewer, password=password, code=code, address=client(request), now=clock.now()
        )
        if not found.given:
            return _back(**said.code_of(found.message, wait=found.retry_after))
        answer = _back(done="proved")
        set_session(answer, await sessions.prove(session, own.id, now=clock.now()))
        return answer

    return await _for_own(request, work)


@router.post("/password")
async def change_password(
    request: Request, current: Text = "", new: Text = "", again: Text = ""
) -> RedirectResponse:
    """Change one's password: all sessions and tokens end, and this browser gets a new session."""
    if new != again:
        return _back(**said.code_of(said.NOT_THE_SAME))

    async def work(session: AsyncSession, own: Session) -> RedirectResponse:
        found = await proof.change_password(
            session, own.viewer, current=current, new=new, address=client(request), now=clock.now()
        )
        if not found.given:
            return _back(**said.code_of(found.message, wait=found.retry_after))
        answer = _back(done="password")
        await open_session(session, request, answer, user_id=own.viewer.user_id, method="password changed")
        return answer

    try:
        return await _for_own(request, work)
    except Invalid as error:
        return _back(**said.code_of_error(error))


@router.post("/end")
async def end(request: Request, which: Text = "") -> RedirectResponse:
    """Sign out one of one's own sessions, by its id, or all `others`."""

    async def work(session: AsyncSession, own: Session) -> RedirectResponse:
        if not own.proved_lately(clock.now()):
            return _back(**said.code_of_error(proof.ProofNeeded()))
        user_id, one = own.viewer.user_id, identifier(which)
        if which == "others":
            ended = await sessions.end_all(session, user_id=user_id, but=own.id)
        else:
            ended = int(one is not None and await sessions.end_one(session, user_id=user_id, session_id=one))
        if ended:
            await record(
                session,
                own.viewer,
                audit.Action.SESSIONS_ENDED,
                user_id,
                {"which": which, "ended": str(ended)},
            )
        return _back(done="ended")

    return await _for_own(request, work)


async def _for_own(
    request: Request, work: Callable[[AsyncSession, Session], Awaitable[RedirectResponse]]
) -> RedirectResponse:
    async with passwords.turn(), transaction() as session:
        own = await sessions.resolve(session, sessions.cookie_of(request.cookies), now=clock.now())
        return see(_SIGN_IN) if own is None else await work(session, own)


def _back(**told: str) -> RedirectResponse:
    return see(address("/profile", _TAB, **told))
