"""What a browser sees when a form or a page's own address fails: a sentence and a number, never a stack."""

from html import escape

from fastapi import Request
from fastapi.responses import HTMLResponse
from sqlalchemy.exc import InterfaceError, OperationalError

from sprintreports.observability import logs

log = logs.get("ui.apology")

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Sprint Reports</title>
<script src="/boot.js"></script>
<link rel="stylesheet" href="/tokens.css"><link rel="stylesheet" href="/base.css"><link rel="stylesheet" href="/frame.css">
<link rel="icon" type="image/svg+xml" href="/favicon.svg">
</head>
<body><main class="gate"><div class="gate-card">
<h1>{title}</h1>
<p>{sentence}</p>
<p>If it keeps happening, give an admin this number: <code>{number}</code></p>
<p><a class="button primary" href="/">To the overview</a></p>
</div></main></body>
</html>
"""


async def unexpected(request: Request, error: Exception) -> HTMLResponse:
    """The answer to what nobody expected; the log has the rest."""
    number = logs.request_id() or logs.bind_request_id()
    if isinstance(error, OperationalError | InterfaceError):
        log.warning("database_unreachable", path=request.url.path, error=str(error.orig))
        return _page("The database does not answer", "Wait a moment and try again.", number, status=503)
    log.error("request_failed", path=request.url.path, exc_info=error)
    return _page(
        "Something went wrong on our side", "It has been logged. Go back and try again.", number, status=500
    )


async def unreadable(_request: Request, _error: Exception) -> HTMLResponse:
    """The answer to a form that no page of ours sends. What it held is not repeated."""
    number = logs.request_id() or logs.bind_request_id()
    return _page(
        "This form cannot be read", "Go back, load the page again and fill it in.", number, status=422
    )


def _page(title: str, sentence: str, number: str, *, status: int) -> HTMLResponse:
    body = _PAGE.format(title=escape(title), sentence=escape(sentence), number=escape(number))
    return HTMLResponse(body, status_code=status, headers={"Cache-Control": "no-store"})
