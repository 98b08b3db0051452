"""A page of a list by the number in the address. Lists get shorter, and addresses stay: past the end, the last page is shown."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from sprintreports.kit.paging import Page
from sprintreports.ui.links import number

T = TypeVar("T")
_HIGHEST = 100_000


def asked_page(parameters: Mapping[str, str], name: str = "page") -> int:
    """The page that the address asks for."""
    return number(parameters.get(name), default=1, lowest=1, highest=_HIGHEST)


async def last_at_most(read: Callable[[int], Awaitable[T]], at: int, *, of: Callable[[T], Page[Any]]) -> T:
    """What `read` finds for this page, else for the last one. `of`: where its page is."""
    found = await read(at)
    page = of(found)
    return await read(page.pages) if page.page > page.pages else found


async def page_at(read: Callable[[int], Awaitable[Page[T]]], at: int) -> Page[T]:
    """The page of this number, else the last one."""
    return await last_at_most(read, at, of=lambda page: page)
