"""The page that the address asks for, held within the list; what an error tells, each sentence once."""

import asyncio

import pytest

from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.kit.paging import Page
from sprintreports.ui import telling
from sprintreports.ui.paged import asked_page, page_at


@pytest.mark.parametrize(
    ("asked", "shown", "reads"), [(1, 1, [1]), (3, 3, [3]), (4, 3, [4, 3]), (9999, 3, [9999, 3])]
)
def test_past_the_end_the_last_page_is_shown(asked: int, shown: int, reads: list[int]):
    read: list[int] = []

    async def page(number: int) -> Page[int]:
        read.append(number)
        return Page(list(range(52))[(number - 1) * 25 : number * 25], total=52, page=number, per_page=25)

    found = asyncio.run(page_at(page, asked))
    assert (found.page, read) == (shown, reads)
    assert found.items


def test_an_empty_list_has_one_page():
    async def page(number: int) -> Page[int]:
        return Page([], total=0, page=number, per_page=25)

    assert asyncio.run(page_at(page, 7)).page == 1


def test_a_number_from_the_address_that_is_none_is_the_first():
    assert [asked_page({"page": text}) for text in ("", "0", "-1", "x", "3")] == [1, 1, 1, 1, 3]
    assert asked_page({"page": "9" * 12}) == 100_000


def test_an_error_tells_each_sentence_once():
    short = "Choose at least 12 characters."
    named = "Give it a name."
    assert telling.sentence(Invalid(short, details=(FieldProblem("password", short),))) == short
    several = Invalid(details=(FieldProblem("name", named), FieldProblem("scopes", named)))
    assert telling.sentence(several) == f"Some of the input is not valid: {named}"
    assert telling.sentence(Invalid("No.")) == "No."
