"""One's own sessions, second factor and password; and how people may sign in."""

from typing import Annotated, Any

from fastapi import Request, Response
from starlette.responses import JSONResponse

from sprintreports.api import failures
from sprintreports.api.answers import ErrorAnswer, Many, One, arranged, one
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id
from sprintreports.api.proving import proved
from sprintreports.api.routing import Router
from sprintreports.api.schemas.me import (
    CodeIn,
    CodesOut,
    EndedOut,
    EnrolmentOut,
    PasswordIn,
    PolicyIn,
    PolicyOut,
    SecondFactorOut,
    SessionOut,
)
from sprintreports.identity import audit, proof, second_factor, sessions, sign_in_policy
from sprintreports.identity.permissions import Permission
from sprintreports.identity.second_factor import Checked
from sprintreports.kit.error_codes import Code
from sprintreports.kit.errors import NotFound

router = Router(prefix="/api/v1", tags=["users"])

_WAIT: dict[int | str, dict[str, Any]] = {429: {"model": ErrorAnswer, "description": "Too many tries"}}

_SESSION_ORDERS = ("last_seen_at", "created_at", "expires_at", "device", "address")

Own = Annotated[Asked, needs(None)]
Admin = Annotated[Asked, needs(Permission.SETTINGS_WRITE)]


@router.get("/users/me/sessions")
async def list_sessions(
    request: Request, asked: Own, asking: Annotated[Asking, listed(SessionOut, _SESSION_ORDERS)]
) -> Many[SessionOut]:
    """The browsers that one is signed in with, the last used first."""
    current = await _current(request, asked)
    rows = await sessions.listing(asked.session, user_id=asked.viewer.user_id, now=asked.now)
    return arranged(request, (SessionOut.of(row, current=current) for row in rows), asking)


@router.delete("/users/me/sessions")
async def end_others(request: Request, asked: Own) -> One[EndedOut]:
    """Sign out all browsers but the one that asks; asked with a token, all of them."""
    await proved(request, asked)
    current = await _current(request, asked)
    ended = await sessions.end_all(asked.session, user_id=asked.viewer.user_id, but=current)
    await _audit_ended(asked, "others", ended)
    return one(request, EndedOut(ended=ended))


@router.delete("/users/me/sessions/{session_id}", status_code=204)
async def end_one(request: Request, session_id: Id, asked: Own) -> Response:
    """Sign out one browser of one's own."""
    await proved(request, asked)
    if not await sessions.end_one(asked.session, user_id=asked.viewer.user_id, session_id=session_id):
        raise NotFound("There is no such session of yours.")
    await _audit_ended(asked, str(session_id), 1)
    return Response(status_code=204)


@router.get("/users/me/second-factor")
async def show_second_factor(request: Request, asked: Own) -> One[SecondFactorOut]:
    """Whether one has a second factor, and whether one's role needs it."""
    status = await second_factor.status(asked.session, user_id=asked.viewer.user_id)
    return one(request, SecondFactorOut.of(status))


@router.post("/users/me/second-factor", status_code=201)
async def begin_second_factor(request: Request, asked: Own) -> One[EnrolmentOut]:
    """A new secret for an authenticator app. It counts once its first code was confirmed; until then an old one does."""
    await proved(request, asked)
    return one(
        request, EnrolmentOut.of(await second_factor.begin(asked.session, asked.viewer, now=asked.now))
    )


@router.post(
    "/users/me/second-factor/confirmation",
    response_model=One[CodesOut],
    responses=_WAIT,
)
async def confirm_second_factor(request: Request, body: CodeIn, asked: Own) -> One[CodesOut] | JSONResponse:
    """Switch the second factor on with the app's first code. Answers with the recovery codes, once."""
    await proved(request, asked)
    found = await second_factor.confirm(
        asked.session, asked.viewer, code=body.code, now=asked.now, address=_address(request)
    )
    if isinstance(found, Checked):
        return _refused("code", found.message, found.retry_after)
    return one(request, CodesOut(recovery_codes=found))


@router.post("/users/me/second-factor/recovery-codes", status_code=201)
async def renew_recovery_codes(request: Request, asked: Own) -> One[CodesOut]:
    """New recovery codes; the old ones are worth nothing any more."""
    await proved(request, asked)
    codes = await second_factor.renew_codes(asked.session, asked.viewer, now=asked.now)
    return one(request, CodesOut(recovery_codes=codes))


@router.delete("/users/me/second-factor", status_code=204)
async def switch_second_factor_off(request: Request, asked: Own) -> Response:
    """Do without a second factor, where the role allows it."""
    await proved(request, asked)
    await second_factor.switch_off(asked.session, asked.viewer)
    return Response(status_code=204)


@router.post("/users/me/password", status_code=204, responses=_WAIT)
async def change_password(request: Request, body: PasswordIn, asked: Own) -> Response:
    """Change one's password, with the current one. All sessions and tokens end: sign in again."""
    found = await proof.change_password(
        asked.session,
        asked.viewer,
        current=body.current_password.get_secret_value(),
        new=body.new_password.get_secret_value(),
        address=_address(request),
        now=asked.now,
    )
    # Not raised: the failed try must be committed to be counted.
    return (
        Response(status_code=204)
        if found.given
        else _refused("current_password", found.message, found.retry_after)
    )


@router.get("/sign-in-policy")
async def show_policy(
    request: Request, asked: Annotated[Asked, needs(Permission.SETTINGS_READ)]
) -> One[PolicyOut]:
    """Whether passwords open anything here, and which roles need a second factor."""
    return one(request, PolicyOut.of(await sign_in_policy.read(asked.session)))


@router.put("/sign-in-policy")
async def change_policy(request: Request, body: PolicyIn, asked: Admin) -> One[PolicyOut]:
    """Set how people may sign in. Passwords can be switched off once another way in is switched on."""
    policy = await sign_in_policy.change(
        asked.session,
        asked.viewer,
        local_sign_in=body.local_sign_in,
        second_factor_roles=body.second_factor_roles,
        now=asked.now,
    )
    return one(request, PolicyOut.of(policy))


@router.delete("/users/{user_id}/second-factor", status_code=204)
async def reset_second_factor(
    user_id: Id, asked: Annotated[Asked, needs(Permission.USERS_WRITE)]
) -> Response:
    """Take away the second factor of somebody who has lost it: make sure that it is they who ask for it."""
    await second_factor.reset(asked.session, asked.viewer, user_id=user_id)
    return Response(status_code=204)


async def _current(request: Request, asked: Asked) -> int | None:
    if "authorization" in request.headers:
        return None
    own = await sessions.resolve(asked.session, sessions.cookie_of(request.cookies), now=asked.now)
    return own.id if own else None


async def _audit_ended(asked: Asked, which: str, ended: int) -> None:
    await audit.record(
        asked.session,
        asked.viewer,
        audit.Action.SESSIONS_ENDED,
        subject=("user", asked.viewer.user_id),
        after={"which": which, "ended": ended},
    )


def _refused(field: str, message: str, retry_after: int) -> JSONResponse:
    if retry_after:
        headers = {"Retry-After": str(retry_after)}
        return failures.refusal(Code.TOO_MANY_REQUESTS, message, headers=headers)
    return failures.refusal(Code.VALIDATION_ERROR, message, details=[(field, message)])


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
