"""The envelope of every answer: data, meta and links, or an error."""

from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast
from urllib.parse import urlencode

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field

from sprintreports.api.conditional import tag_of
from sprintreports.api.listing import Asking, Fields, included
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.cache import Kept
from sprintreports.kit.error_codes import Code
from sprintreports.kit.paging import Page

T = TypeVar("T")
R = TypeVar("R")
A = TypeVar("A", bound=BaseModel)


class Links(BaseModel):
    """Where this answer is found again."""

    model_config = ConfigDict(populate_by_name=True)

    self_: str = Field(alias="self", examples=["/api/v1/sprints/7"])


class PageLinks(Links):
    """The neighbouring pages; null where there is none."""

    first: str
    prev: str | None
    next: str | None
    last: str


class PageMeta(BaseModel):
    total: int
    page: int
    per_page: int


class Meta(BaseModel):
    """Nothing is said about a single thing besides the thing itself."""


class One(BaseModel, Generic[T]):
    """One thing."""

    data: T
    meta: Meta
    links: Links


class Many(BaseModel, Generic[T]):
    """One page of a list."""

    data: list[T]
    meta: PageMeta
    links: PageLinks


class Detail(BaseModel):
    field: str
    message: str


class Problem(BaseModel):
    code: Code = Field(examples=["VALIDATION_ERROR"])
    message: str = Field(examples=["Some of the input is not valid: see the details."])
    details: list[Detail]
    request_id: str = Field(examples=["req_3f2a9c0d1e4b5a67"])


class ErrorAnswer(BaseModel):
    """What every refusal and failure looks like."""

    error: Problem


def one(request: Request, data: T) -> One[T]:
    """The envelope of a single thing."""
    return written(request, One(data=data, meta=Meta(), links=Links.model_validate({"self": _here(request)})))


def many(request: Request, page: Page[R], shape: Callable[[R], T], fields: Fields = None) -> Many[T]:
    """The envelope of one page; `shape` turns a row into what REST shows, of which `fields` alone are sent."""
    links = PageLinks.model_validate(
        {
            "self": _here(request),
            "first": _page(request, 1),
            "prev": _page(request, page.page - 1) if page.page > 1 else None,
            "next": _page(request, page.page + 1) if page.page < page.pages else None,
            "last": _page(request, page.pages),
        }
    )
    meta = PageMeta(total=page.total, page=page.page, per_page=page.per_page)
    answer = Many(data=[shape(row) for row in page.items], meta=meta, links=links)
    return written(request, answer, fields)


def whole(request: Request, rows: Sequence[R], shape: Callable[[R], T], fields: Fields = None) -> Many[T]:
    """The envelope of a list that is never long enough to be cut into pages."""
    page = Page(list(rows), total=len(rows), page=1, per_page=max(len(rows), 1))
    return many(request, page, shape, fields)


def cut(rows: Sequence[R], asking: Asking) -> Page[R]:
    """The page that is asked for of a list that is read whole."""
    start = (asking.page - 1) * asking.per_page
    items = list(rows[start : start + asking.per_page])
    return Page(items, total=len(rows), page=asking.page, per_page=asking.per_page)


def arranged(request: Request, shown: Iterable[A], asking: Asking) -> Many[A]:
    """The page that is asked for of a list that is read whole and has no order in the database: what is shown, sorted by it."""
    rows = list(shown)
    for by in reversed(asking.sort):
        known = [row for row in rows if getattr(row, by.name) is not None]
        known.sort(key=lambda row, name=by.name: _comparable(getattr(row, name)), reverse=by.descending)
        rows = known + [row for row in rows if getattr(row, by.name) is None]
    return many(request, cut(rows, asking), lambda row: row, asking.fields)


def _comparable(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class _Answer:
    body: bytes
    tag: str


class KeptAnswers:
    """Answers of reads as the bytes that are sent, up to so many bytes in all.

    Kept under a name of what they were made from, which the database gave in the same transaction, and under all that
    they depend on besides: the address, and what the viewer may see.
    """

    def __init__(self, *, most: int) -> None:
        self._kept = Kept[_Answer](most=most, weigh=lambda answer: len(answer.body))

    async def get(
        self, request: Request, viewer: Viewer, made_from: Hashable | None, make: Callable[[], Awaitable[A]]
    ) -> A:
        """The answer kept, else a new one. `made_from` None: nothing names it, so it is always a new one."""
        if made_from is None:
            return await make()

        async def answer() -> _Answer:
            body = bytes(cast("Response", await make()).body)
            return _Answer(body, tag_of(body))

        key = (made_from, viewer.board_ids, viewer.team_ids, _here(request))
        kept = await self._kept.get(key, answer)
        return _json(kept.body, {"ETag": kept.tag})


def _json(body: bytes | str, headers: dict[str, str] | None = None) -> Any:
    return Response(body, media_type="application/json", headers=headers)


def written(request: Request, answer: A, fields: Fields = None) -> A:
    """A read's answer as the bytes that are sent.

    The models have just been made from our own values: FastAPI would check and copy them once more before it writes
    them, which is most of the time of a long answer. Routes that write keep their own status codes that way.
    """
    if request.method != "GET":
        return answer
    return _json(answer.model_dump_json(by_alias=True, include=included(fields)))


def problem(
    *, code: Code, message: str, request_id: str, details: Sequence[tuple[str, str]] = ()
) -> dict[str, Any]:
    """The body of a refusal or failure."""
    listed = [Detail(field=field, message=sentence) for field, sentence in details]
    shown = ErrorAnswer(error=Problem(code=code, message=message, details=listed, request_id=request_id))
    return shown.model_dump(mode="json")


def _here(request: Request) -> str:
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


def _page(request: Request, number: int) -> str:
    pairs = [pair for pair in request.query_params.multi_items() if pair[0] != "page"]
    return f"{request.url.path}?{urlencode([*pairs, ('page', number)])}"
