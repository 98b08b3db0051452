"""What is asked of the database meanwhile, through SQLAlchemy or past it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

_FRAME = ("SAVEPOINT", "RELEASE", "ROLLBACK")


@contextmanager
def asked() -> Iterator[list[str]]:
    """The statements, in their order. BEGIN, COMMIT and savepoints are not among them."""
    seen: list[str] = []
    execute = psycopg.AsyncCursor.execute

    async def noted(self: Any, query: Any, *values: Any, **options: Any) -> Any:
        statement = query.decode() if isinstance(query, bytes) else str(query)
        if not statement.startswith(_FRAME):
            seen.append(statement)
        return await execute(self, query, *values, **options)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(psycopg.AsyncCursor, "execute", noted)
        yield seen
