"""A report for whoever has a link to it, without an account: one page that reads nothing else and tells nobody where it is.

What has expired, was revoked or never was gets one and the same answer, and so does every token that is none.
"""

import asyncio
import contextlib
from html import escape
from typing import Annotated
from weakref import WeakKeyDictionary

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit, passwords
from sprintreports.kit import clock, limits
from sprintreports.kit.db import transaction
from sprintreports.kit.errors import SprintReportsError
from sprintreports.kit.limits import TooFast
from sprintreports.observability import logs
from sprintreports.reports.document.blocks import Document
from sprintreports.reports.export.html import as_html
from sprintreports.reports.library import shares
from sprintreports.reports.library.shares import (
    PER_ADDRESS,
    DeadLink,
    Found,
    PasswordNeeded,
    TooManyTries,
    WrongPassword,
)
from sprintreports.ui.entering import client, own_pages_only

router = APIRouter(prefix=shares.PATH, include_in_schema=False)

_PRIVATE = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "X-Content-Type-Options": "nosniff",
}
# The page says by hashes which scripts are its own; here no network at all, and no access to what this address keeps in the browser.
_REPORT = {
    **_PRIVATE,
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; connect-src 'none'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "sandbox allow-scripts allow-downloads allow-modals allow-popups allow-popups-to-escape-sandbox"
    ),
}
# A form without a referrer would be sent with the origin "null", so this page, which links nowhere, keeps it for ourselves.
_PLAIN = {
    **_PRIVATE,
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
}
_STYLE = (
    ":root{color-scheme:light dark}body{margin:0;font:16px/1.5 system-ui,sans-serif;color:#1c2024;background:#fff}"
    "main{max-width:26rem;margin:12vh auto;padding:0 1.5rem}h1{font-size:1.4rem}label{display:block;margin:1rem 0 .3rem}"
    "input{width:100%;box-sizing:border-box;padding:.6rem;font:inherit;border:1px solid #80838d;border-radius:6px}"
    "button{margin-top:1rem;padding:.6rem 1.2rem;font:inherit;border:0;border-radius:6px;background:#1f4fbf;color:#fff}"
    "p[role=alert]{color:#b3261e}"
    "@media(prefers-color-scheme:dark){body{color:#edeef0;background:#111113}input{background:#18191b;color:#edeef0}"
    "p[role=alert]{color:#ff9592}}"
)

# A large report takes a core for a second or two, and anybody who has a link may ask: so many at once, the others wait.
_AT_ONCE = 2
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()

Password = Annotated[str, Form(max_length=1000)]


@router.get("/{token}")
async def look(request: Request, token: str) -> Response:
    """The report, or where the link has a password the form that asks for it."""
    logs.bind_request_id()
    audit.came_from(client(request))
    return await _answered(request, token, None)


@router.post("/{token}", dependencies=[Depends(own_pages_only)])
async def look_with(request: Request, token: str, password: Password = "") -> Response:
    """The report behind a link with a password."""
    return await _answered(request, token, password)


async def _answered(request: Request, token: str, password: str | None) -> Response:
    try:
        (await limits.hit("shared", client(request), per_minute=PER_ADDRESS)).require()
        # Of a password's turns, which sign-ins wait for too, none is kept while the report is made.
        first = contextlib.nullcontext() if password is None else passwords.turn()
        async with first, transaction() as session:
            found = await shares.find(session, token, now=clock.now())
            refused = await _refused(session, found, password, address=client(request))
            if refused is not None:
                return refused
        async with _turn():
            async with transaction() as session:
                document = await shares.opened(session, found, now=clock.now())
            return await _page(document)
    except TooFast as error:
        return _said(error.message, status=429, more={"Retry-After": str(error.retry_after)})
    except DeadLink:
        return _said(DeadLink().message, status=404)
    except SprintReportsError as error:
        return _said(error.message, status=error.status)


def _turn() -> asyncio.Semaphore:
    """Wait here before a report is made for whoever has a link: people who have signed in do not."""
    return _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(_AT_ONCE))


async def _refused(
    session: AsyncSession, found: Found, password: str | None, *, address: str
) -> Response | None:
    """The form again, where the password is missing or wrong; the transaction goes on, so that the try counts."""
    try:
        await shares.unlock(session, found, password, address=address, now=clock.now())
    except PasswordNeeded:
        return _form("")
    except WrongPassword as error:
        return _form(error.message, status=401)
    except TooManyTries as error:
        return _form(error.message, status=429, more={"Retry-After": str(error.retry_after)})
    return None


async def _page(document: Document) -> Response:
    """The same file of HTML that can be exported, written beside the event loop."""
    return HTMLResponse(await asyncio.to_thread(as_html, document), headers=_REPORT)


def _form(problem: str, *, status: int = 200, more: dict[str, str] | None = None) -> HTMLResponse:
    told = f'<p role="alert" id="problem">{escape(problem)}</p>' if problem else ""
    described = ' aria-describedby="problem" aria-invalid="true"' if problem else ""
    body = (
        "<h1>This report is protected</h1><p>Enter the password that came with the link.</p>"
        f'{told}<form method="post"><label for="password">Password</label>'
        f'<input id="password" name="password" type="password" autocomplete="off" required autofocus{described}>'
        "<button>Show the report</button></form>"
    )
    return _written("A protected report", body, status=status, more=more)


def _said(sentence: str, *, status: int, more: dict[str, str] | None = None) -> HTMLResponse:
    title = "This report cannot be shown"
    return _written(title, f"<h1>{title}</h1><p>{escape(sentence)}</p>", status=status, more=more)


def _written(title: str, body: str, *, status: int, more: dict[str, str] | None) -> HTMLResponse:
    page = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="robots" content="noindex">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title} · Sprint Reports</title><style>{_STYLE}</style></head><body><main>{body}</main></body></html>\n"
    )
    return HTMLResponse(page, status_code=status, headers={**_PLAIN, **(more or {})})
