"""docs/privacy.md knows every column of every table: a new one has to be called personal or not."""

import re
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

DOC = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text()
_ROW = re.compile(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
_OTHER = re.compile(r"^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def personal() -> set[str]:
    return {
        f"{table}.{column}"
        for table, columns, *_ in _ROW.findall(DOC)
        for column in re.findall(r"`(\w+)`", columns)
    }


def others() -> set[str]:
    lines = _OTHER.findall(DOC)[0].splitlines()
    return {
        f"{table}.{column}"
        for table, _, columns in (line.partition(": ") for line in lines)
        for column in columns.split()
    }


async def test_every_column_is_classified(db_session: AsyncSession):
    found = await db_session.scalars(
        text(
            "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND table_name !~ '^(change_item_p\\d+|procrastinate_.*|alembic_version)$' "
            "AND table_name IN (SELECT tablename FROM pg_tables)"
        )
    )
    present = set(found)
    assert present - personal() - others() == set(), "docs/privacy.md: personal or not?"
    assert personal() | others() == present, "docs/privacy.md names columns that are gone"
    assert not personal() & others()


async def test_whatever_refers_to_a_person_is_personal(db_session: AsyncSession):
    """A column that points to an account or a person in Jira is about somebody."""
    found = await db_session.execute(
        text(
            "SELECT c.conrelid::regclass::text || '.' || a.attname FROM pg_constraint c "
            "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey) "
            "WHERE c.contype = 'f' AND c.confrelid IN ('user_account'::regclass, 'jira_person'::regclass)"
        )
    )
    assert {name for (name,) in found} <= personal()


def test_each_says_what_for_how_long_and_what_erasure_does():
    rows = _ROW.findall(DOC)
    assert len(rows) > 20
    assert all(cell.strip() for row in rows for cell in row)
