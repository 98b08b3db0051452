"""Signing in through an identity provider: out to it, back from it, and what it is given about us.

The way there and back is bound to one browser by a cookie of its own. A SAML answer is posted by the provider's page, and
such a request carries no cookie that is SameSite=Lax: so over https this one is SameSite=None. It lives for ten minutes,
is good for one answer, and signs nobody in by itself.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit, sessions
from sprintreports.identity.audit import refusals
from sprintreports.identity.origin import is_asked_for, is_from_here
from sprintreports.identity.permissions import Permission
from sprintreports.identity.proof import ProofNeeded
from sprintreports.identity.secret_tokens import new_token
from sprintreports.identity.sso import attempts, flow, providers, saml
from sprintreports.identity.sso.attempts import Attempt, Purpose
from sprintreports.identity.sso.errors import SignInRefused
from sprintreports.identity.sso.flow import Arrival
from sprintreports.identity.sso.values import Kind, Provider
from sprintreports.kit import clock
from sprintreports.kit.db import transaction
from sprintreports.kit.errors import NotFound, SprintReportsError
from sprintreports.observability import logs
from sprintreports.settings import settings
from sprintreports.ui import entering
from sprintreports.ui.links import address, local_path

log = logs.get("ui.sso")
router = APIRouter(prefix="/session/sso", include_in_schema=False)

_COOKIE = "sprintreports_sso_"
_LARGEST_FORM = 700_000
_MOST_FIELDS = 20
_TESTED = "/sign-in-providers"
_LINKED = "/profile?tab=security"


@router.get("/{slug}/start")
async def start(request: Request, slug: str) -> Response:
    """Send the browser to the provider. `ticket`, `purpose`: a test or link of somebody who is signed in."""
    now = _begun(request)
    signs_in = not any(request.query_params.get(name) for name in ("ticket", "purpose"))
    if signs_in and not is_asked_for(request.headers):
        return _see(address("/sign-in", next=local_path(request.query_params.get("next"))))
    provider: Provider | None = None
    try:
        async with transaction() as session:
            provider = await providers.by_slug(session, slug)
            prepared = await _prepared(session, request, provider, now)
            credential = await providers.credential(session, provider)
        state, browser = new_token(), new_token()
        target, secrets = await flow.depart(provider, credential, state=state, now=now)
        async with transaction() as session:
            await attempts.begin(
                session,
                provider.id,
                state=state,
                browser=browser,
                secrets=secrets,
                target=local_path(request.query_params.get("next")),
                address=entering.client(request),
                now=now,
                prepared=prepared,
            )
    except SprintReportsError as error:
        return await _told(provider, error, None)
    answer = _see(target)
    _bind(answer, provider, state, browser)
    return answer


@router.get("/{slug}/callback")
async def callback(request: Request, slug: str) -> Response:
    """The way back of OpenID Connect and OAuth 2.0."""
    _begun(request)
    given = request.query_params
    if any(len(given.getlist(name)) > 1 for name in given):
        return await _told(None, SignInRefused("This answer says one thing twice.", reason="malformed"), None)
    return await _back(request, slug, state=given.get("state", ""), answer=dict(given), posted=False)


@router.post("/{slug}/acs")
async def acs(request: Request, slug: str) -> Response:
    """The way back of SAML: a form that the provider's page posts."""
    _begun(request)
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _LARGEST_FORM:
            return await _told(None, SignInRefused("This answer is too large.", reason="too_large"), None)
    form = _fields(bytes(body))
    answer = dict(form)
    if len(answer) != len(form):
        return await _told(None, SignInRefused("This answer says one thing twice.", reason="malformed"), None)
    return await _back(request, slug, state=answer.get("RelayState", ""), answer=answer, posted=True)


@router.get("/{slug}/metadata")
async def metadata(slug: str) -> Response:
    """What a SAML provider is given about us."""
    try:
        async with transaction() as session:
            provider = await providers.by_slug(session, slug)
            if provider.kind is not Kind.SAML:
                raise NotFound("This provider does not speak SAML, so there is no metadata.")
            credential = await providers.credential(session, provider)
        text = await asyncio.to_thread(saml.metadata, provider, credential)
    except SprintReportsError as error:
        return _page(error.status, error.message, title="There is no such metadata")
    name = f"sprint-reports-{slug}.xml"
    return Response(
        text,
        media_type="application/samlmetadata+xml; charset=utf-8",
        headers={"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-cache"},
    )


def _fields(body: bytes) -> list[tuple[str, str]]:
    """The fields of a form; none where there are more than any provider sends."""
    try:
        return parse_qsl(body.decode("utf-8", "replace"), max_num_fields=_MOST_FIELDS)
    except ValueError:
        return []


async def _back(
    request: Request, slug: str, *, state: str, answer: Mapping[str, str], posted: bool
) -> Response:
    now = _begun(request)
    provider: Provider | None = None
    attempt: Attempt | None = None
    try:
        async with transaction() as session:
            provider = await providers.by_slug(session, slug)
            if posted is not (provider.kind is Kind.SAML):
                raise SignInRefused("This provider answers in another way.", reason="malformed")
            browser = request.cookies.get(_cookie_name(state))
            attempt = await attempts.take(
                session, state=state, browser=browser, provider_id=provider.id, now=now
            )
            if attempt.purpose is Purpose.SIGN_IN and not provider.enabled:
                raise SignInRefused("This provider is switched off. Sign in another way.", reason="disabled")
            credential = await providers.credential(session, provider)
        arrival = await flow.arrive(provider, credential, answer, attempt.secrets, now=now)
        async with transaction() as session:
            response = await _arrived(session, request, provider, attempt, arrival, now)
    except SprintReportsError as error:
        response = await _told(provider, error, attempt)
    response.delete_cookie(_cookie_name(state), **_cookie_options(provider))
    return response


async def _arrived(
    session: AsyncSession,
    request: Request,
    provider: Provider,
    attempt: Attempt,
    arrival: Arrival,
    now: datetime,
) -> Response:
    if attempt.purpose is Purpose.TEST:
        found = await flow.tested(session, provider, arrival)
        await attempts.keep_result(session, attempt, found, now=now)
        return _see(address(_TESTED, provider=provider.id, tested=attempt.id))
    if attempt.purpose is Purpose.LINK:
        user_id = await _asker(session, request, now)
        if user_id is None and provider.kind is Kind.SAML:
            # A form of another site brings no session along; the attempt's own cookie has fitted.
            user_id = attempt.user_id
        if user_id is None or user_id != attempt.user_id:
            raise SignInRefused("You have signed out meanwhile. Sign in, then link again.", reason="ticket")
        await flow.link(session, provider, arrival, user_id=user_id, now=now)
        return _see(_LINKED)
    user_id = await flow.enter(session, provider, arrival, now=now)
    return await entering.enter(session, request, user_id, attempt.target, method=f"provider:{provider.slug}")


async def _prepared(session: AsyncSession, request: Request, provider: Provider, now: datetime) -> int | None:
    ticket, purpose = (request.query_params.get(name, "") for name in ("ticket", "purpose"))
    if ticket:
        user_id = await _asker(session, request, now)
        return await attempts.redeem(session, ticket, provider_id=provider.id, user_id=user_id, now=now)
    if purpose:
        return await _from_own_page(session, request, provider, purpose, now)
    if not provider.enabled:
        raise SignInRefused("This provider is switched off. Sign in another way.", reason="disabled")
    return None


async def _from_own_page(
    session: AsyncSession, request: Request, provider: Provider, purpose: str, now: datetime
) -> int:
    """A test or link that somebody who is signed in has begun by a link of ours; another site's link begins none."""
    found = await sessions.resolve(session, sessions.cookie_of(request.cookies), now=now)
    own = is_from_here(request.headers, public_url=settings().public_url)
    if found is None or purpose not in {Purpose.TEST, Purpose.LINK} or not own:
        raise SignInRefused("Begin this on the page of ours, signed in.", reason="foreign")
    if purpose == Purpose.TEST:
        found.viewer.require(Permission.SETTINGS_WRITE)
    elif not provider.enabled:
        raise SignInRefused("This provider is switched off. Sign in another way.", reason="disabled")
    elif not found.proved_lately(now):
        raise ProofNeeded
    user_id = found.viewer.user_id
    made = await attempts.prepare(session, provider.id, Purpose(purpose), user_id=user_id, now=now)
    return made.id


async def _asker(session: AsyncSession, request: Request, now: datetime) -> int | None:
    found = await sessions.resolve(session, sessions.cookie_of(request.cookies), now=now)
    return found.viewer.user_id if found else None


def _begun(request: Request) -> datetime:
    logs.bind_request_id()
    audit.came_from(entering.client(request))
    return clock.now()


async def _told(provider: Provider | None, error: SprintReportsError, attempt: Attempt | None) -> Response:
    """What came of it in words: on a page, or, for a test, where the admin who made it looks."""
    reason = error.reason if isinstance(error, SignInRefused) else error.code.lower()
    log.warning("sso_refused", provider=provider.slug if provider else "", reason=reason)
    async with transaction() as session:
        await _record(session, provider, reason, attempt)
        if attempt is not None and attempt.purpose is Purpose.TEST and provider is not None:
            await attempts.keep_result(session, attempt, {"refused": error.message}, now=clock.now())
            return _see(address(_TESTED, provider=provider.id, tested=attempt.id))
    return _page(error.status, error.message)


async def _record(
    session: AsyncSession, provider: Provider | None, reason: str, attempt: Attempt | None
) -> None:
    """Each refusal is an audit entry; what anybody can send us without an attempt is counted where it repeats."""
    name = str(provider.id) if provider else ""
    if attempt is None:
        what = f"{name} {reason}".strip()
        action = audit.Action.SIGN_IN
        await refusals.refused(
            session, None, what=what, reason=reason, now=clock.now(), action=action, kind="provider"
        )
        return
    after = {"reason": reason, "purpose": attempt.purpose.value}
    outcome = audit.Outcome.REFUSED
    subject = ("provider", name)
    await audit.record(session, None, audit.Action.SIGN_IN, subject=subject, after=after, outcome=outcome)


def _cookie_name(state: str) -> str:
    """One cookie an attempt, so that two tabs do not end each other's."""
    part = "".join(sign for sign in state[:10] if sign.isascii() and (sign.isalnum() or sign in "-_"))
    return sessions.cookie_name(f"{_COOKIE}{part}")


def _cookie_options(provider: Provider | None) -> dict[str, Any]:
    secure = sessions.over_tls()
    crosses = provider is not None and provider.kind is Kind.SAML and secure
    return {"path": "/", "httponly": True, "secure": secure, "samesite": "none" if crosses else "lax"}


def _bind(answer: RedirectResponse, provider: Provider, state: str, browser: str) -> None:
    age = int(attempts.LIFETIME.total_seconds())
    answer.set_cookie(_cookie_name(state), browser, max_age=age, **_cookie_options(provider))


def _see(target: str) -> RedirectResponse:
    # What the provider's answer holds in its address is nobody else's.
    answer = entering.see(target)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _page(status: int, message: str, *, title: str = "You are not signed in") -> HTMLResponse:
    """A page of a few words: nothing of the answer that was refused is shown again."""
    text = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Sprint Reports</title>
<style>:root{{color-scheme:light dark}}body{{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;
padding:0 1.25rem}}.fine{{opacity:.75;font-size:.875rem}}</style></head>
<body><main><h1>{title}</h1><p role="alert">{escape(message)}</p>
<p><a href="/sign-in">Go to the sign-in page</a></p>
<p class="fine">Number of this request: {escape(logs.request_id())}</p></main></body></html>"""
    return HTMLResponse(text, status_code=status, headers={"Cache-Control": "no-store"})
