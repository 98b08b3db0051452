"""What every list takes: a page, an order, and the fields to show. Declared once, the same everywhere."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import BaseModel

from sprintreports.api.parameters import PageNumber, PerPage
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.kit.paging import Sort, sorting

Fields = frozenset[str] | None  # the models' own names of the fields to show; None: all


@dataclass(frozen=True, slots=True)
class Asking:
    """What of a list is asked for, in which order, and which fields of each thing."""

    page: int
    per_page: int
    sort: Sort
    fields: Fields


def listed(shape: type[BaseModel], orders: Iterable[str], *, per_page: int = 25) -> Any:
    """The dependency of a list of `shape` that can be sorted by `orders`: `asking: Annotated[Asking, listed(…)]`."""
    allowed, usual = tuple(orders), per_page

    async def asking(
        page: PageNumber = 1,
        per_page: PerPage = usual,
        sort: Annotated[str, _sort_query(allowed)] = "",
        fields: Annotated[str, _fields_query(shape)] = "",
    ) -> Asking:
        return Asking(page, per_page, sorting(sort, allowed=allowed), chosen(shape, fields))

    return Depends(asking)


def sparse(shape: type[BaseModel]) -> Any:
    """The dependency of a list that is always whole: `fields: Annotated[Fields, sparse(…)]`."""

    async def fields_asked(fields: Annotated[str, _fields_query(shape)] = "") -> Fields:
        return chosen(shape, fields)

    return Depends(fields_asked)


def ordered(orders: Iterable[str]) -> Any:
    """The dependency of a list that is not cut into numbered pages: `sort: Annotated[Sort, ordered(…)]`."""
    allowed = tuple(orders)

    async def sort_asked(sort: Annotated[str, _sort_query(allowed)] = "") -> Sort:
        return sorting(sort, allowed=allowed)

    return Depends(sort_asked)


def chosen(shape: type[BaseModel], text: str) -> Fields:
    """The fields that a text with commas names. Raises Invalid, naming those that there are."""
    if not text.strip():
        return None
    known = _names(shape)
    wanted = [part.strip() for part in text.split(",")]
    unknown = [name for name in dict.fromkeys(wanted) if name not in known]
    if unknown:
        sentence = "There is no field {name!r} here. Use {known}."
        raise Invalid(
            "Not all of these fields exist: see the details.",
            details=tuple(
                FieldProblem("fields", sentence.format(name=name, known=", ".join(known))) for name in unknown
            ),
        )
    return frozenset(known[name] for name in wanted)


def included(fields: Fields) -> dict[str, Any] | None:
    """What pydantic is to write of a list's envelope."""
    if fields is None:
        return None
    return {"data": {"__all__": set(fields)}, "meta": True, "links": True}


def _names(shape: type[BaseModel]) -> dict[str, str]:
    """Fields by the names that answers give them."""
    return {
        (field.serialization_alias or field.alias or name): name for name, field in shape.model_fields.items()
    }


def _sort_query(allowed: Iterable[str]) -> Any:
    names = list(allowed)
    return Query(
        max_length=200,
        json_schema_extra={"pattern": _listing_of("|".join(names), before="-?")},
        description=f"names with commas between them, `-` in front for the other way round: {', '.join(names)}",
        examples=[f"-{names[0]}"],
    )


def _fields_query(shape: type[BaseModel]) -> Any:
    names = list(_names(shape))
    return Query(
        max_length=1000,
        json_schema_extra={"pattern": _listing_of("|".join(names))},
        description=f"only these fields of each, with commas between them: {', '.join(names)}",
        examples=[",".join(names[:2])],
    )


def _listing_of(choice: str, *, before: str = "") -> str:
    """What the document says of names with commas between them. What breaks it is refused in our words, not by this."""
    return f"^({before}({choice})(,{before}({choice}))*)?$"
