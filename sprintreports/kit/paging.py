"""A page of a longer list, and the order that it was cut from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sprintreports.kit.errors import FieldProblem, Invalid

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Items of one page (numbered from 1) and how many there are in all."""

    items: list[T]
    total: int
    page: int
    per_page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.per_page


@dataclass(frozen=True, slots=True)
class By:
    """One thing to sort by."""

    name: str
    descending: bool = False

    @property
    def way(self) -> str:
        return "DESC" if self.descending else "ASC"


Sort = tuple[By, ...]  # what comes first decides first; empty: the list's own order


def sorting(text: str, *, allowed: Iterable[str]) -> Sort:
    """`name,-created` as it is meant: by name, then the last created first. Raises Invalid, naming what there is."""
    wanted = [part.strip() for part in text.split(",")] if text.strip() else []
    found = tuple(By(part.removeprefix("-"), part.startswith("-")) for part in wanted)
    known = list(allowed)
    problems = [
        *(
            f"Nothing can be sorted by {one.name or 'an empty name'!r}. Use {', '.join(known)}, with - in front for "
            "the other way round."
            for one in found
            if one.name not in known
        ),
        *(["Name each only once."] if len({one.name for one in found}) < len(found) else []),
    ]
    if problems:
        raise Invalid(
            "The list cannot be sorted like this: see the details.",
            details=tuple(FieldProblem("sort", problem) for problem in dict.fromkeys(problems)),
        )
    return found


def order_by(sort: Sequence[By], orders: Mapping[str, str], *, usual: str, last: str) -> str:
    """An ORDER BY clause. `orders`: SQL by name, with {way}; `usual`: where nothing is asked for; `last`: what tells
    apart what is equal, so that pages fit together."""
    wanted = ", ".join(orders[one.name].format(way=one.way) for one in sort)
    return f"ORDER BY {wanted or usual}, {last}"
