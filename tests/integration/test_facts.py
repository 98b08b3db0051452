"""Stored facts: always what the segments give, however the data arrived; and the check that says when they are not."""

import random
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira import facts, store
from sprintreports.jira.context import SiteContext
from sprintreports.jira.facts_compute import SprintDates
from sprintreports.jira.facts_invariants import check
from sprintreports.metrics.values import SprintState, Window
from tests.integration.counting import asked
from tests.integration.jira_site import BOARD, NOW, SPRINTS, fill, make_site, rebuild, rows, sprint
from tests.unit.jira.samples import change, day, estimated, issue, item, moved, sprinted, teamed

FACTS = (
    "sprint_segment",
    "sprint_issue_fact",
    "sprint_event",
    "sprint_daily_fact",
    "sprint_summary",
    "sprint_packed",
)


@pytest.fixture
async def site(db_session: AsyncSession) -> SiteContext:
    return await make_site(db_session)


async def stored(session: AsyncSession) -> dict[str, set[str]]:
    return {
        table: {row[0] for row in await rows(session, f"SELECT t::text FROM {table} t")} for table in FACTS
    }


def random_issue(number: int, seed: int) -> list[store.RawIssue]:
    """The same issue as Jira would deliver it after each of its changes."""
    chance = random.Random(f"{seed}-{number}")  # noqa: S311  # a seeded history is not a secret
    at = day(chance.uniform(0, 40))
    created, status, points, team = at, "1", None, "A"
    sprints: tuple[int, ...] = tuple(chance.sample([1, 2, 3, 4], chance.choice([0, 1, 1, 2])))
    pieces: list[bytes] = []
    first = {"status": status, "points": points, "team": team, "sprints": sprints}
    states = [issue(number, created=created, updated=at, **first)]
    for place in range(chance.randint(1, 8)):
        at = min(at + timedelta(hours=chance.uniform(0, 240)), NOW)
        match chance.randrange(4):
            case 0:
                new = chance.choice([other for other in "1234" if other != status])
                what, status = moved(status, new), new
            case 1:
                now = tuple(sorted(chance.sample([1, 2, 3, 4], chance.choice([0, 1, 1, 2]))))
                what, sprints = sprinted(sprints, now), now
            case 2:
                value = chance.choice([None, "1", "2.5", "8"])
                what, points = estimated(points, value), value
            case _:
                other = chance.choice("ABC")
                what, team = teamed(team, other), other
        pieces.append(change(number * 100 + place, at, what))
        values = {
            "status": status,
            "points": float(points) if points else None,
            "team": team,
            "sprints": sprints,
        }
        states.append(issue(number, *pieces, created=created, updated=at, **values))
    return states


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_deltas_end_where_one_full_sync_ends(db_session: AsyncSession, site: SiteContext, seed: int):
    histories = [random_issue(number, seed) for number in range(1, 41)]
    await fill(db_session, site, [states[-1] for states in histories])
    expected = await stored(db_session)
    assert len(expected["sprint_event"]) > 20
    assert await check(db_session) == []
    for table in (*FACTS, "sprint_fact", "issue", "issue_timeline", "issue_sprint", "stored_payload", "change_item", "board_issue",
                  "issue_status_interval"):  # fmt: skip
        await rows(db_session, f"DELETE FROM {table} RETURNING 1")
    longest = max(map(len, histories))
    for step in range(longest):
        await fill(db_session, site, [states[min(step, len(states) - 1)] for states in histories])
        assert await check(db_session, seed=0.1) == []
    assert await stored(db_session) == expected


async def test_the_check_finds_facts_that_are_wrong(db_session: AsyncSession, site: SiteContext):
    await fill(db_session, site, [issue(1, sprints=[1], points=3), issue(2, sprints=[1, 3], points=5)])
    assert await check(db_session) == []
    for table, damage in (
        (
            "sprint_summary",
            "UPDATE sprint_summary SET completed_points = completed_points + 1 WHERE jira_sprint_id = 1",
        ),
        ("sprint_issue_fact", "DELETE FROM sprint_issue_fact WHERE jira_sprint_id = 3"),
        ("sprint_daily_fact", "UPDATE sprint_daily_fact SET day = day + 400 WHERE jira_sprint_id = 1"),
        (
            "sprint_packed",
            "UPDATE sprint_packed p SET report = o.report FROM sprint_packed o WHERE (p.jira_sprint_id, o.jira_sprint_id) = (1, 3)",
        ),
    ):
        await rows(db_session, f"{damage} RETURNING 1")
        assert {found.table for found in await check(db_session)} == {table}
        await facts.rebuild_sprint(db_session, site.site_id, BOARD, 1, now=NOW)
        await facts.rebuild_sprint(db_session, site.site_id, BOARD, 3, now=NOW)
    await rows(db_session, "UPDATE sprint_segment SET points = 1000 RETURNING 1")
    wrong = await check(db_session)
    assert wrong
    assert wrong[0].example
    await store.resegment(db_session, site.site_id, [BOARD], now=NOW)
    await rebuild(db_session, site)
    assert await check(db_session) == []


async def test_attributes_are_those_at_the_sprints_end(db_session: AsyncSession, site: SiteContext):
    later = [
        item("issuetype", "issuetype", ("1", "Story"), ("2", "Bug")),
        item("priority", "priority", ("3", "Medium"), ("1", "High")),
        item("assignee", "assignee", ("ann", "Ann"), ("bob", "Bob")),
    ]
    raw = issue(
        1,
        change(1, day(20), *later),
        sprints=[1, 3],
        type_="Bug",
        assignee="bob",
        priority={"id": "1", "name": "High"},
    )
    await fill(db_session, site, [raw])
    found = await rows(
        db_session,
        "SELECT f.jira_sprint_id, f.type, f.priority, p.account_key FROM sprint_issue_fact f "
        "JOIN jira_person p ON p.id = f.assignee_id ORDER BY 1",
    )
    assert found == [(1, "Story", "Medium", "ann"), (3, "Bug", "High", "bob")]


async def test_days_are_the_boards(db_session: AsyncSession, site: SiteContext):
    late = day(5).replace(hour=23, minute=30)
    await fill(
        db_session, site, [issue(1, change(1, late, moved("1", "3")), status="3", sprints=[1], points=3)]
    )
    query = "SELECT min(day) FROM sprint_daily_fact WHERE jira_sprint_id = 1 AND done_points > 0"
    assert await rows(db_session, query) == [(day(5).date(),)]
    await rows(db_session, "UPDATE board SET zone = 'Pacific/Auckland' RETURNING 1")
    await facts.rebuild_sprint(db_session, site.site_id, BOARD, 1, now=NOW)
    assert await rows(db_session, query) == [(day(6).date(),)]


async def test_a_running_sprint_is_counted_until_now(db_session: AsyncSession, site: SiteContext):
    await fill(
        db_session, site, [issue(1, change(1, day(55), moved("1", "3")), status="3", sprints=[3], points=3)]
    )
    query = "SELECT completed_points FROM sprint_summary WHERE jira_sprint_id = 3 AND discipline_id = -1"
    assert await rows(db_session, query) == [(0,)]
    await facts.rebuild_sprint(db_session, site.site_id, BOARD, 3, now=day(56))
    assert await rows(db_session, query) == [(3_000,)]


async def test_a_running_sprint_gets_a_row_on_each_new_day(db_session: AsyncSession, site: SiteContext):
    await fill(db_session, site, [issue(1, sprints=[1, 3], points=3)])
    late = day(56).replace(hour=23, minute=58)
    await facts.rebuild_sprint(db_session, site.site_id, BOARD, 3, now=late)
    for minutes, touched in ((1, []), (2, [(3,)])):
        await facts.touch_of_a_new_day(db_session, site.site_id, now=late + timedelta(minutes=minutes))
        assert await rows(db_session, "SELECT jira_sprint_id FROM sprint_touched") == touched


async def test_a_reopened_sprint_runs_again(db_session: AsyncSession, site: SiteContext):
    await fill(
        db_session, site, [issue(1, change(1, day(40), moved("1", "3")), status="3", sprints=[2], points=3)]
    )
    query = "SELECT completed_points, not_completed_points FROM sprint_summary WHERE jira_sprint_id = 2 AND discipline_id = -1"
    assert await rows(db_session, query) == [(0, 3_000)]
    reopened = [SPRINTS[0], sprint(2, "active", 17, 31), *SPRINTS[2:]]
    await store.store_sprints(db_session, site, BOARD, reopened, now=NOW)
    await rebuild(db_session, site)
    assert await rows(db_session, query) == [(3_000, 0)]


@pytest.mark.parametrize(
    ("dates", "window"),
    [
        (SprintDates(SprintState.FUTURE, day(1), day(9), None, None), Window(None, NOW, closed=False)),
        (SprintDates(SprintState.ACTIVE, day(1), day(9), day(2), None), Window(day(2), NOW, closed=False)),
        (SprintDates(SprintState.ACTIVE, day(1), day(9), None, None), Window(day(1), NOW, closed=False)),
        (SprintDates(SprintState.ACTIVE, None, None, None, None), Window(None, NOW, closed=False)),
        (SprintDates(SprintState.CLOSED, day(1), day(9), None, day(8)), Window(day(1), day(8), closed=True)),
        (SprintDates(SprintState.CLOSED, day(1), day(9), None, None), Window(day(1), day(9), closed=True)),
        (SprintDates(SprintState.CLOSED, None, None, None, None), Window(None, NOW, closed=True)),
        (SprintDates(SprintState.UNKNOWN, day(1), None, None, day(8)), Window(day(1), day(8), closed=True)),
    ],
)
def test_windows(dates: SprintDates, window: Window):
    assert dates.window(NOW) == window


async def test_many_sprints_are_rebuilt_with_the_statements_of_one(
    db_session: AsyncSession, site: SiteContext
):
    await fill(
        db_session, site, [issue(number, sprints=[1, 2, 3, 4][: number % 4 + 1]) for number in range(1, 9)]
    )
    counts: list[int] = []
    for sprints in ("= 1", "> 0"):
        await rows(
            db_session,
            "INSERT INTO sprint_touched SELECT site_id, jira_board_id, jira_sprint_id, rebuilt_at FROM sprint_fact "
            f"WHERE jira_sprint_id {sprints} RETURNING 1",
        )
        with asked() as statements:
            await facts.rebuild_touched(db_session, site.site_id, now=NOW)
        counts.append(len(statements))
    assert counts[1] == counts[0]
    assert await check(db_session) == []


async def test_giant_sprints_are_rebuilt_one_by_one(
    db_session: AsyncSession, site: SiteContext, monkeypatch: pytest.MonkeyPatch
):
    issues = [issue(number, sprints=[1, 2, 3]) for number in range(1, 5)]
    await fill(db_session, site, issues)
    expected = await stored(db_session)
    monkeypatch.setattr(facts, "_PORTION", 5)
    await rows(
        db_session,
        "INSERT INTO sprint_touched SELECT site_id, jira_board_id, jira_sprint_id, rebuilt_at FROM sprint_fact RETURNING 1",
    )
    with asked() as statements:
        assert await facts.rebuild_touched(db_session, site.site_id, now=NOW) == 0
    assert sum("DELETE FROM sprint_touched" in statement for statement in statements) == 3
    assert await stored(db_session) == expected
