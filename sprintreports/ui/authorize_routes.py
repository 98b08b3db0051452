"""GET and POST /authorize: a registered program asks a person for consent (RFC 6749, 4.1; RFC 9207).

Everything is checked again when the form comes back: what stood in it was in somebody's browser.
"""

from collections.abc import Iterable

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from sprintreports.identity import sessions
from sprintreports.identity.clients import authorizing
from sprintreports.identity.clients.authorizing import Denied, NotAskedRight
from sprintreports.kit import clock, limits
from sprintreports.kit.db import transaction
from sprintreports.kit.limits import TooFast
from sprintreports.settings import settings
from sprintreports.ui import consent_page
from sprintreports.ui.entering import client, own_pages_only
from sprintreports.ui.links import address

router = APIRouter(include_in_schema=False)

_Pairs = list[tuple[str, str]]


@router.get("/authorize")
async def ask(request: Request) -> Response:
    """Ask the person, who signs in first where they have not."""
    return await _answered(request, request.query_params.multi_items(), decision="")


@router.post("/authorize", dependencies=[Depends(own_pages_only)])
async def decide(request: Request) -> Response:
    """Send the program its code, or the news that it gets none."""
    form = await request.form()
    pairs = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    decision = dict(pairs).get("decision", "deny")
    return await _answered(request, [pair for pair in pairs if pair[0] != "decision"], decision=decision)


async def _answered(request: Request, pairs: _Pairs, *, decision: str) -> Response:
    try:
        per_minute = settings().anonymous_requests_per_minute
        (await limits.hit("address", client(request), per_minute=per_minute)).require()
        return await _decided(request, pairs, decision=decision)
    except NotAskedRight as error:
        return _page(consent_page.problem(error.message), status=400)
    except TooFast as error:
        return _page(consent_page.problem(error.message), status=429, retry_after=error.retry_after)
    except Denied as denied:
        return _on(denied.address)


async def _decided(request: Request, pairs: _Pairs, *, decision: str) -> Response:
    now = clock.now()
    async with transaction() as session:
        asked = await authorizing.checked(session, _by_name(pairs))
        found = await sessions.resolve(session, sessions.cookie_of(request.cookies), now=now)
        if found is None:
            back = f"{request.url.path}?{request.url.query}" if request.method == "GET" else "/"
            return RedirectResponse(address("/sign-in", next=back), status_code=303)
        offered = authorizing.offered(asked, found.viewer)
        if decision == "allow":
            return _on(await authorizing.consent(session, found.viewer, asked, now=now))
        if decision:
            raise Denied("access_denied", "The person did not allow it.", asked)
    page = consent_page.consent(asked, found.viewer, offered, pairs)
    return _page(page, policy=consent_page.policy(asked.redirect_uri))


def _by_name(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _page(content: str, *, status: int = 200, policy: str = "", retry_after: int = 0) -> HTMLResponse:
    headers = {
        "Content-Security-Policy": policy or consent_page.policy(),
        "Cache-Control": "no-store",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",  # with none at all, browsers leave out the Origin that the form is known by
        **({"Retry-After": str(retry_after)} if retry_after else {}),
    }
    return HTMLResponse(content, status_code=status, headers=headers)


def _on(target: str) -> RedirectResponse:
    # 303: the form's fields are never sent on. The address carries a code: it is to be in no log of another site.
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return RedirectResponse(target, status_code=303, headers=headers)
