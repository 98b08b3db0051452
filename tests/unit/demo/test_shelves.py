"""Issues by project: a query finds on its shelves what it finds among all issues."""

import pytest

from sprintreports.demo.jql import Query, parse
from sprintreports.demo.shelves import Shelves
from sprintreports.demo.site import Row


def row(number: int, project: str, *, sprint: int = 0) -> Row:
    ids = {"SHOP": "10", "APP": "20", "TEN": "30"}
    return Row(
        number,
        f"{project}-{number}",
        number,
        ids[project],
        project,
        frozenset({sprint}),
        number,
        number,
        -number,
        "3",
    )


ROWS = [row(1, "SHOP", sprint=7), row(2, "APP", sprint=7), row(3, "SHOP"), row(4, "TEN", sprint=9)]
SHELVED = {
    "project = shop": 2, "project in (APP, 30)": 2, "filter = 1 AND sprint = 7": 1, "(filter = 1) ORDER BY rank": 2,
    "sprint = 7 AND project = APP": 1, "key in (SHOP-3, APP-2, GONE-1)": 2, "project = GONE": 0,
    "filter in (1, 2)": 3,
}  # fmt: skip
EVERYWHERE = {"sprint = 7": 2, "id in (1, 4)": 2, "key in (SHOP-3, 4)": 2, "": 4}


def query(text: str) -> Query:
    return parse(text, filters={"1": "project = SHOP", "2": "project = APP"}.get, zone="UTC")


@pytest.mark.parametrize(("text", "count"), [*SHELVED.items(), *EVERYWHERE.items()])
def test_the_same_is_found(text: str, count: int):
    asked = query(text)
    assert (asked.projects is None) is (text in EVERYWHERE)
    found = asked.select(Shelves().of(ROWS, asked.projects))
    assert found == asked.select(ROWS)
    assert len(found) == count


@pytest.mark.parametrize(("text", "count"), [("id in (1, 4, 9)", 2), ("project = SHOP AND id in (1, 2)", 1)])
def test_the_same_is_found_by_ids(text: str, count: int):
    asked = query(text)
    found = asked.select(Shelves().named(ROWS, asked.ids or ()))
    assert found == asked.select(ROWS)
    assert len(found) == count


def test_other_issues_are_put_in_order_anew():
    shelves = Shelves()
    assert [one.number for one in shelves.of(ROWS, {"SHOP", "10"})] == [1, 3]
    assert [one.number for one in shelves.of(ROWS[2:], {"SHOP"})] == [3]
    assert shelves.of(ROWS, None) is ROWS
