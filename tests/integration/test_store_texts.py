"""What people typed into Jira, stored as they typed it: any text, any payload, names that change."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira import store
from sprintreports.jira.context import SiteContext
from sprintreports.jira.store_copy import copy, merge
from sprintreports.kit import db
from tests.integration.jira_site import fill, make_site, rows
from tests.unit.jira.samples import change, day, issue, item, moved, person


@pytest.fixture
async def site(db_session: AsyncSession) -> SiteContext:
    return await make_site(db_session)


async def test_payloads_come_back_as_they_were_received(db_session: AsyncSession, site: SiteContext):
    raw = issue(1, change(1, day(1), moved("1", "2")), status="2", summary='naïve 💩 \\ \t "')
    await fill(db_session, site, [raw])
    stored = await rows(db_session, "SELECT body FROM stored_payload")
    assert store.raw_of(1, stored[0][0]) == raw


@pytest.mark.parametrize(
    "summary",
    ["tab\there", "line\nbreak\r", "back\\slash \\N \\.", "nul\0in", "\u202ertl", "💩", "", "'; --", '{"a"}'],
)
async def test_any_text_is_stored(db_session: AsyncSession, site: SiteContext, summary: str):
    await fill(db_session, site, [issue(1, sprints=[1], summary=summary, team=summary or None)])
    assert await rows(db_session, "SELECT summary FROM issue") == [(summary.replace("\0", ""),)]


async def test_copy_writes_lists(db_session: AsyncSession, site: SiteContext):
    await fill(db_session, site, [issue(1)])
    connection = await db.raw(db_session)
    await connection.execute("CREATE TEMP TABLE lists (words text[]) ON COMMIT DROP")
    words = ['a"b', "c\\d", "e,f", "", "NULL", "{}", "\t\n"]
    await copy(connection, "lists", ("words",), [(words,), ([],)])
    assert await rows(db_session, "SELECT words FROM lists") == [(words,), ([],)]


async def test_names_of_people_follow_jira(db_session: AsyncSession, site: SiteContext):
    await fill(db_session, site, [issue(1, assignee="bob")])
    renamed = issue(1, updated=day(90), reporter={**person("bob"), "displayName": "Robert"})
    await fill(db_session, site, [renamed])
    stale = item("assignee", "assignee", ("bob", "Old Bob"), (None, None))
    await fill(db_session, site, [issue(2, change(1, day(1), stale, author="ann"))])
    assert await rows(db_session, "SELECT name FROM jira_person WHERE account_key = 'bob'") == [("Robert",)]


_TEXTS = (
    *(f"a{chr(code)}b" for code in range(1, 0xA1)), "\\n", "\\\\u0000", '\\"', '"]\n["', "null", "\\N", "\\.", "\n\\.\n",
    ",", "", " ", "\u2028", "💩", "true",
)  # fmt: skip


@pytest.mark.parametrize("times", [1, 20], ids=["few", "many"])
async def test_every_character_comes_back_by_copy_and_by_merge(db_session: AsyncSession, times: int):
    """`times`: a merge of few rows takes another way than one of many."""
    connection = await db.raw(db_session)
    query = "CREATE TEMP TABLE texts (id int PRIMARY KEY, word text, gone text, body bytea, words text[]) ON COMMIT DROP"
    await connection.execute(query)
    columns = ("id", "word", "gone", "body", "words")
    wanted = [(number, word, None, word.encode(), [word, ""]) for number, word in enumerate(_TEXTS * times)]
    half = len(wanted) // 2
    await copy(connection, "texts", columns, wanted[:half])
    dirty = [(number, f"\0{word}\ud800", *more) for number, word, *more in wanted]
    assert await merge(connection, "texts", columns, dirty, key=("id",)) == len(wanted) - half
    assert await rows(db_session, "SELECT * FROM texts ORDER BY id") == wanted
