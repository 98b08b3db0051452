"""Sign in with Atlassian (OAuth 2.0): away, back, the choice of a site, and the webhook that such a site registers."""

from typing import Annotated

from fastapi import Request
from fastapi.responses import RedirectResponse

from sprintreports.api.answers import One, one
from sprintreports.api.door import Asked, needs, open_to_all
from sprintreports.api.parameters import Id
from sprintreports.api.routing import Router
from sprintreports.api.schemas.oauth import (
    AppOut,
    BegunOut,
    ChoiceIn,
    GrantOut,
    RegistrationOut,
    SignInIn,
    SignInOut,
    SiteOAuthOut,
)
from sprintreports.identity import sessions
from sprintreports.identity.permissions import Permission
from sprintreports.jira import oauth_sites
from sprintreports.jira.webhooks import dynamic
from sprintreports.kit import clock
from sprintreports.kit.db import transaction

# Atlassian may add parameters of its own to the way back: this router alone lets it.
callback = Router(prefix="/api/v1/oauth/atlassian", tags=["oauth"])
router = Router(prefix="/api/v1", tags=["oauth"])

Reader = Annotated[Asked, needs(Permission.SETTINGS_READ)]
Admin = Annotated[Asked, needs(Permission.SETTINGS_WRITE)]

_RETURNS = open_to_all("a browser on its way back: session and state are checked by the route")


@callback.get(
    "/callback",
    status_code=303,
    response_class=RedirectResponse,
    dependencies=[_RETURNS],
    include_in_schema=False,  # a browser comes here, no program
)
async def come_back(request: Request, state: str = "", code: str = "", error: str = "") -> RedirectResponse:
    """Where Atlassian sends the browser back to. It goes on to the page that it came from, without what it brought."""
    cookie = sessions.cookie_of(request.cookies) or ""
    now = clock.now()
    async with transaction() as session:
        found = await sessions.resolve(session, cookie, now=now)
        if found is None:
            return _on("/sign-in")
        pending = await oauth_sites.come_back(
            session, found.viewer, browser=cookie, state=state, code=code, error=error, now=now
        )
    joint = "&" if "?" in pending.back else "?"
    return _on(f"{pending.back}{joint}oauth={pending.request_id}")


@router.get("/oauth/atlassian")
async def app(request: Request, asked: Reader) -> One[AppOut]:
    """What to enter in Atlassian's developer console."""
    del asked
    return one(request, AppOut.now())


@router.post("/oauth/atlassian/sign-ins", status_code=201)
async def begin(request: Request, body: SignInIn, asked: Admin) -> One[BegunOut]:
    """Begin a sign-in, good for ten minutes and once, for this person and, with a session, this browser alone."""
    by_token = "authorization" in request.headers
    begun = await oauth_sites.begin(
        asked.session,
        asked.viewer,
        client_id=body.client_id,
        client_secret=body.client_secret.get_secret_value(),
        browser="" if by_token else sessions.cookie_of(request.cookies) or "",
        site_id=body.site_id,
        name=body.name,
        back=body.back,
        now=asked.now,
    )
    return one(request, BegunOut.of(begun))


@router.get("/oauth/atlassian/sign-ins/{request_id}")
async def progress(request: Request, request_id: Id, asked: Admin) -> One[SignInOut]:
    """How far one's own sign-in has come."""
    return one(request, SignInOut.of(await oauth_sites.pending(asked.session, asked.viewer, request_id)))


@router.post("/oauth/atlassian/sign-ins/{request_id}/choice")
async def choose(request: Request, request_id: Id, body: ChoiceIn, asked: Admin) -> One[SignInOut]:
    """Connect one of the sites that the account may use."""
    made = await oauth_sites.choose(
        asked.session, asked.viewer, request_id, cloud_id=body.cloud_id, now=asked.now
    )
    return one(request, SignInOut.of(made))


@router.get("/sites/{site_id}/oauth")
async def status(request: Request, site_id: Id, asked: Reader) -> One[SiteOAuthOut]:
    """How a site's sign-in with Atlassian stands, and the webhook that it registered."""
    grant = await oauth_sites.grant(asked.session, asked.viewer, site_id)
    hook = await dynamic.shown(asked.session, asked.viewer, site_id)
    shown = SiteOAuthOut(
        grant=GrantOut.of(grant) if grant else None, webhook=RegistrationOut.of(hook) if hook else None
    )
    return one(request, shown)


@router.put("/sites/{site_id}/oauth/webhook", status_code=202)
async def switch_on(request: Request, site_id: Id, asked: Admin) -> One[SiteOAuthOut]:
    """Register a webhook in Jira, and keep it from ending. A job does it within seconds."""
    await dynamic.want(asked.session, asked.viewer, site_id, wanted=True)
    return await status(request, site_id, asked)


@router.delete("/sites/{site_id}/oauth/webhook", status_code=204)
async def switch_off(site_id: Id, asked: Admin) -> None:
    """Take the webhook back. The syncs go on."""
    await dynamic.want(asked.session, asked.viewer, site_id, wanted=False)


def _on(target: str) -> RedirectResponse:
    # The address that brought a code is to be in no history and no log of another site.
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return RedirectResponse(target, status_code=303, headers=headers)
