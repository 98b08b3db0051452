"""The JQL subset: what it selects, how it sorts, and how it refuses."""

import pytest

from sprintreports.demo.jql import JqlError, Query, parse
from sprintreports.demo.site import Row


def row(
    number: int,
    *,
    project: str = "SHOP",
    sprints: tuple[int, ...] = (),
    created: int = 0,
    updated: int = 0,
    status: str = "1",
) -> Row:
    return Row(
        id=10_000 + number,
        key=f"{project}-{number}",
        number=number,
        project_id="1" if project == "SHOP" else "2",
        project_key=project,
        sprints=frozenset(sprints),
        created=created,
        updated=updated,
        rank=-number,
        priority="3",
        status=status,
    )


ROWS = [
    row(1, sprints=(7,), created=1000, updated=5000),
    row(2, sprints=(7, 9), created=3000, updated=5000),
    row(10, created=2000, updated=9000, status="3"),
    row(3, project="APP", sprints=(9,), created=2000, updated=1000),
]
FILTERS = {
    "20001": "project in (SHOP) ORDER BY Rank ASC", "20002": "filter = 20001 AND sprint = 9",
    "20003": "project = APP", "20004": "sprint = 7",
}  # fmt: skip


def query(text: str) -> Query:
    return parse(text, filters=FILTERS.get, zone="Europe/Berlin")


def keys(text: str) -> list[str]:
    return [found.key for found in query(text).select(ROWS)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("project = SHOP ORDER BY key", ["SHOP-1", "SHOP-2", "SHOP-10"]),
        ("project in (SHOP, APP) order by created, key DESC", ["SHOP-1", "SHOP-10", "APP-3", "SHOP-2"]),
        ('project = "app"', ["APP-3"]),
        ("key in (SHOP-2, APP-3) ORDER BY id", ["SHOP-2", "APP-3"]),
        ("id in (10001, 10010) ORDER BY updated DESC", ["SHOP-10", "SHOP-1"]),
        ("issuekey = SHOP-1", ["SHOP-1"]),
        ("sprint = 9 ORDER BY key ASC", ["APP-3", "SHOP-2"]),
        ("updated >= 5000 AND updated < 9000 ORDER BY id", ["SHOP-1", "SHOP-2"]),
        ("created > 2000", ["SHOP-2"]),
        ("created <= 1000", ["SHOP-1"]),
        ("(project = SHOP AND (sprint = 7)) ORDER BY Rank", ["SHOP-2", "SHOP-1"]),
        ("filter = 20001 AND status IN (1, 4) ORDER BY Rank ASC, key ASC", ["SHOP-2", "SHOP-1"]),
        ("status = 3", ["SHOP-10"]),
        ("filter = 20001 ORDER BY created DESC", ["SHOP-2", "SHOP-10", "SHOP-1"]),
        ("filter = 20002", ["SHOP-2"]),
        ("PROJECT=SHOP and SPRINT=7 Order By KEY desc", ["SHOP-2", "SHOP-1"]),
    ],
)
def test_it_selects_and_sorts(text: str, found: list[str]) -> None:
    assert keys(text) == found


def test_a_date_without_a_zone_is_read_in_the_zone_of_the_token_owner() -> None:
    # 01:00 in Berlin in winter is midnight UTC.
    midnight = 1_736_899_200_000
    rows = [row(1, updated=midnight - 1), row(2, updated=midnight)]
    selected = query('updated >= "2025-01-15 01:00"').select(rows)
    assert [found.key for found in selected] == ["SHOP-2"]


@pytest.mark.parametrize(
    ("text", "projects", "ids"),
    [
        ("filter = 20001", {"SHOP"}, None),
        ("filter in (20001, 20003)", {"SHOP", "APP"}, None),
        ("filter in (20001, 20004)", None, None),
        ("id in (10001, 10003)", None, {10001, 10003}),
        ("project = SHOP AND id = 10001", {"SHOP"}, {10001}),
        ("key in (SHOP-1, APP-3)", {"SHOP", "APP"}, None),
    ],
)
def test_where_to_look_is_known_beforehand(
    text: str, projects: set[str] | None, ids: set[int] | None
) -> None:
    asked = query(text)
    assert (asked.projects, asked.ids) == (projects, ids)


def test_several_filters_find_what_any_of_them_finds() -> None:
    assert set(keys("filter in (20001, 20003)")) == {"SHOP-1", "SHOP-2", "SHOP-10", "APP-3"}
    assert set(keys("filter in (20003, 20004)")) == {"SHOP-1", "SHOP-2", "APP-3"}


def test_ties_are_broken_by_id() -> None:
    assert keys("updated >= 0 ORDER BY priority") == ["SHOP-1", "SHOP-2", "APP-3", "SHOP-10"]


@pytest.mark.parametrize("text", ["", "ORDER BY created"])
def test_a_query_without_a_restriction_is_unbounded(text: str) -> None:
    assert query(text).where is None


@pytest.mark.parametrize(
    "text",
    [
        "project = SHOP OR project = APP",
        "project != SHOP",
        "NOT project = SHOP",
        "status = Done",
        "project = ",
        "project in SHOP",
        "project in (SHOP",
        "(project = SHOP",
        "project = SHOP)",
        "project = SHOP ORDER created",
        "project = SHOP ORDER BY weather",
        "project = SHOP ORDER BY created,",
        "updated = 5",
        'updated >= "yesterday"',
        "updated >= -1d",
        "sprint in openSprints()",
        "sprint = Storefront",
        "filter = 999",
        'project = "unfinished',
        "project = SHOP;",
        "= SHOP",
        "project = SHOP AND",
        "project = SHOP sprint = 7",
    ],
)
def test_anything_else_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(JqlError, match=r"\w+"):
        query(text)
