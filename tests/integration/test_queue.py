"""A job is enqueued in the caller's transaction, and one that waits already costs the caller nothing of theirs."""

import pytest
from sqlalchemy import text

from sprintreports.kit import db, queue


async def _jobs() -> int:
    async with db.transaction() as session:
        found = await session.execute(text("SELECT count(*) FROM procrastinate_jobs"))
        return int(found.scalar_one())


async def _defer_and_fail() -> None:
    async with db.transaction() as session:
        assert await queue.defer(session, "jira.facts", {"site_id": 1}) is not None
        raise RuntimeError("the caller fails")


async def test_a_job_is_forgotten_with_its_transaction(pg_url: str):
    with pytest.raises(RuntimeError, match="the caller fails"):
        await _defer_and_fail()
    assert await _jobs() == 0


async def test_what_the_caller_wrote_stays_when_the_same_job_waits_already(pg_url: str):
    async with db.transaction() as session:
        await db.raw(session)  # the connection is known before the job is deferred
        assert await queue.defer(session, "jira.facts", {"site_id": 1}, queueing_lock="one") is not None
    async with db.transaction() as session:
        await session.execute(text("CREATE TABLE mine (number integer)"))
        await db.raw(session)
        assert await queue.defer(session, "jira.facts", {"site_id": 1}, queueing_lock="one") is None
        await session.execute(text("INSERT INTO mine VALUES (7)"))
    async with db.transaction() as session:
        assert (await session.execute(text("SELECT number FROM mine"))).scalars().all() == [7]
    assert await _jobs() == 1
