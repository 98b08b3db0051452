"""The audit log: who did what, when, from where."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response

from sprintreports.api.answers import written
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Fields, ordered, sparse
from sprintreports.api.parameters import PerPage
from sprintreports.api.routing import Router
from sprintreports.api.schemas.audit import AuditEntriesOut, AuditEntryOut, AuditLinks, AuditMeta
from sprintreports.identity.audit import Outcome
from sprintreports.identity.audit.export import Format, export
from sprintreports.identity.audit.listing import ORDERS, Filters, page
from sprintreports.identity.permissions import Permission
from sprintreports.kit.paging import Sort

router = Router(prefix="/api/v1/audit-entries", tags=["audit"])

Reader = Annotated[Asked, needs(Permission.SETTINGS_READ)]
_TEXT = r"^[^\x00-\x1f]*$"
Word = Annotated[str | None, Query(max_length=120, pattern=_TEXT)]
Moment = Annotated[datetime | None, Query(description="ISO 8601; without an offset it is UTC")]
Before = Annotated[str | None, Query(max_length=60, description="`meta.next` of the page before")]
_MEDIA = {Format.CSV: "text/csv; charset=utf-8", Format.JSON: "application/json"}


@dataclass(frozen=True, slots=True)
class Asking:
    """The filters as the query has them."""

    since: Moment = None
    until: Moment = None
    action: Annotated[
        str | None,
        Query(max_length=60, pattern=_TEXT, description="such as user.created; session. is all of its kind"),
    ] = None
    actor: Annotated[int | None, Query(ge=0, le=2**63 - 1, description="id of a user; 0: the system")] = None
    subject_kind: Word = None
    subject_id: Word = None
    outcome: Annotated[Outcome | None, Query()] = None
    address: Word = None
    request_id: Word = None

    @property
    def filters(self) -> Filters:
        return Filters(
            since=_aware(self.since),
            until=_aware(self.until),
            action=self.action,
            actor=self.actor,
            subject_kind=self.subject_kind,
            subject_id=self.subject_id,
            outcome=self.outcome,
            address=self.address,
            request_id=self.request_id,
        )


@router.get("")
async def listing(
    request: Request,
    asked: Reader,
    asking: Annotated[Asking, Depends()],
    sort: Annotated[Sort, ordered(ORDERS)],
    fields: Annotated[Fields, sparse(AuditEntryOut)],
    *,
    before: Before = None,
    per_page: PerPage = 50,
) -> AuditEntriesOut:
    """What was done, refused or failed, the newest first."""
    found = await page(
        asked.session, asked.viewer, asking.filters, sort=sort, before=before, per_page=per_page
    )
    links = AuditLinks.model_validate(
        {
            "self": _address(request, before),
            "first": _address(request, None),
            "next": _address(request, found.next) if found.next else None,
        }
    )
    answer = AuditEntriesOut(
        data=[AuditEntryOut.of(row) for row in found.rows],
        meta=AuditMeta(per_page=per_page, next=found.next),
        links=links,
    )
    return written(request, answer, fields)


@router.get(
    "/export",
    response_class=Response,
    responses={200: {"content": {media.partition(";")[0]: {} for media in _MEDIA.values()}}},
)
async def file(
    request: Request,
    asked: Reader,
    asking: Annotated[Asking, Depends()],
    *,
    form: Annotated[Format, Query(alias="format")] = Format.CSV,
    before: Before = None,
) -> Response:
    """The same as a file of at most 10,000 entries. A `Link` header leads to the next file where there is one."""
    body, onward = await export(asked.session, asked.viewer, asking.filters, before=before, form=form)
    name = f"audit-{asked.now:%Y%m%d-%H%M%S}.{form.value}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if onward:
        headers["Link"] = f'<{_address(request, onward)}>; rel="next"'
    return Response(body, media_type=_MEDIA[form], headers=headers)


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _address(request: Request, before: str | None) -> str:
    pairs = [pair for pair in request.query_params.multi_items() if pair[0] != "before"]
    query = urlencode([*pairs, *([("before", before)] if before else [])])
    return f"{request.url.path}?{query}" if query else request.url.path
