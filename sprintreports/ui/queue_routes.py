"""A version of a queue for whoever has it open in a browser: as a page to print, and as a file to keep."""

from html import escape

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from sprintreports.identity import audit, sessions
from sprintreports.identity.audit.refusals import told
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, limits
from sprintreports.kit.db import transaction
from sprintreports.kit.errors import Forbidden, NotFound, SprintReportsError
from sprintreports.kit.limits import TooFast
from sprintreports.observability import logs
from sprintreports.planning.queues import files
from sprintreports.planning.queues.exports.printed_style import POLICY, STYLE
from sprintreports.planning.queues.files import Content, Format
from sprintreports.settings import settings
from sprintreports.ui.entering import client
from sprintreports.ui.links import address, identifier

router = APIRouter(include_in_schema=False)

_HEADERS = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}


@router.get("/queues/print")
async def printed(request: Request) -> Response:
    """The page to print: `queue`, and a `version` unless it is the last, and a `zone` for its times."""
    return await _answered(request, Format.HTML)


@router.get("/queues/file")
async def file(request: Request) -> Response:
    """The same as a file of a `format`."""
    asked = request.query_params.get("format", "")
    if asked not in set(Format) - {Format.HTML}:
        return _said("There is no such format. Choose CSV, XLSX, JSON or iCal beside the queue.", status=400)
    return await _answered(request, Format(asked))


async def _answered(request: Request, form: Format) -> Response:
    logs.bind_request_id()
    audit.came_from(client(request))
    try:
        content = await _read(request, form)
    except TooFast as error:
        return _said(error.message, status=429, more={"Retry-After": str(error.retry_after)})
    except SprintReportsError as error:
        return _said(error.message, status=error.status)
    if content is None:
        back = f"{request.url.path}?{request.url.query}"
        return RedirectResponse(address("/sign-in", next=back), status_code=303)
    headers = dict(_HEADERS)
    if form is not Format.HTML:
        headers["Content-Disposition"] = f'attachment; filename="{content.named(form)}"'
    return Response(await files.written(content, form), media_type=files.MEDIA[form], headers=headers)


async def _read(request: Request, form: Format) -> Content | None:
    """What the file is written from; None where nobody has signed in. A refusal is told in the audit log, as everywhere."""
    viewer: Viewer | None = None
    try:
        async with transaction() as session:
            found = await sessions.resolve(session, sessions.cookie_of(request.cookies), now=clock.now())
            if found is None:
                return None
            viewer = found.viewer
            per_minute = settings().requests_per_minute
            (await limits.hit("user", str(viewer.user_id), per_minute=per_minute)).require()
            viewer.require(Permission.QUEUES_READ)
            asked = request.query_params
            return await files.read(
                session,
                viewer,
                _number(asked.get("queue")),
                form=form,
                number=_number(asked["version"], most=2**31 - 1) if asked.get("version") else None,
                zone=asked.get("zone") or None,
            )
    except Forbidden as error:
        what = f"GET {request.url.path}"
        await told(transaction, viewer, what=what, reason=error.message, now=clock.now())
        raise


def _number(text: str | None, *, most: int = 2**63 - 1) -> int:
    """Raises NotFound for what no number of ours is."""
    value = identifier(text)
    if value is None or value > most:
        raise NotFound("There is no such queue. Choose one from the list of the sprint's queues.")
    return value


def _said(sentence: str, *, status: int, more: dict[str, str] | None = None) -> HTMLResponse:
    page = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>This did not work · Sprint Reports</title><style>{STYLE}</style></head><body><main>"
        f'<h1>This did not work</h1><p>{escape(sentence)}</p><p><a href="/queues">To the queues</a></p></main></body></html>\n'
    )
    return HTMLResponse(page, status_code=status, headers={**_HEADERS, **(more or {})})
