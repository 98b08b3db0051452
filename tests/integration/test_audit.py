"""What is done is written down, in the transaction that did it, and stays as it was written."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports import settings as settings_module
from sprintreports.identity import audit, retired_keys
from sprintreports.identity.audit import archive, chain, refusals
from sprintreports.identity.audit.chain import Head
from sprintreports.identity.audit.verify import Kind, Verdict, note_head, noted_head, verify
from sprintreports.identity.viewer import Viewer
from sprintreports.jobs import chores
from sprintreports.kit import clock, crypto, db

NOW = clock.now()
Rows = list[Any]


async def _did(session: AsyncSession, *identifiers: object) -> None:
    for identifier in identifiers:
        await audit.record(
            session,
            Viewer.system(),
            audit.Action.SITE_CHANGED,
            subject=("site", identifier),
            after={"n": 1.5},
        )


async def _sealed(session: AsyncSession, count: int) -> Head:
    await _did(session, *range(count))
    head = await chain.seal(session, now=NOW)
    assert head is not None
    return head


async def _rows(session: AsyncSession, query: str) -> Rows:
    return list((await session.execute(text(query))).mappings())


async def _past_the_triggers(session: AsyncSession, statement: str) -> None:
    """As somebody who owns the database."""
    await session.execute(text("SET LOCAL session_replication_role = replica"))
    await session.execute(text(statement))
    await session.execute(text("SET LOCAL session_replication_role = DEFAULT"))


def _said(verdict: Verdict) -> list[tuple[Kind, int | None, int | None]]:
    return [(finding.kind, finding.entry_id, finding.position) for finding in verdict.findings]


async def test_an_entry_says_who_what_before_after_and_from_where(db_session: AsyncSession):
    audit.came_from("192.0.2.7")
    await audit.record(
        db_session,
        Viewer.system(),
        audit.Action.ROLE_CHANGED,
        subject=("user", 12),
        before={"role": "viewer"},
        after={"role": "admin"},
    )
    audit.came_from("")
    (row,) = await _rows(db_session, "SELECT * FROM audit_entry")
    assert row["action"] == "user.role_changed"
    assert (row["actor_id"], row["subject_kind"], row["subject_id"]) == (0, "user", "12")
    assert (row["before"], row["after"]) == ({"role": "viewer"}, {"role": "admin"})
    assert (row["outcome"], row["address"]) == ("done", "192.0.2.7")


@pytest.mark.parametrize("table", ["audit_entry", "audit_seal", "audit_archive"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET {}", "DELETE FROM {}", "TRUNCATE {}"])
async def test_the_database_refuses_to_change_or_remove_any_of_it(
    db_session: AsyncSession, tmp_path: Path, table: str, statement: str
):
    await _sealed(db_session, 2)
    await archive.archive(db_session, folder=tmp_path, days=1, now=NOW + timedelta(days=2), most=1)
    column = {"audit_entry": "outcome = 'x'", "audit_seal": "position = 7", "audit_archive": "file = ''"}[
        table
    ]
    with pytest.raises(DBAPIError, match="append-only"):
        async with db_session.begin_nested():
            await db_session.execute(text(statement.format(table, column)))


async def test_an_untouched_log_is_sound_and_says_where_it_ends(db_session: AsyncSession, tmp_path: Path):
    head = await _sealed(db_session, 5)
    await _did(db_session, "waits")
    verdict = await verify(db_session, folder=tmp_path)
    assert (verdict.entries, verdict.waiting, verdict.head, verdict.sound) == (5, 1, head, True)
    assert Head.of(str(head)) == head


@pytest.mark.parametrize(
    "change",
    [
        "outcome = 'refused'", "actor_id = 7", "at = at - interval '1 s'", "after = '{}'", "before = '{}'",
        "address = 'x'", "subject_id = 'x'", "subject_kind = 'x'", "action = 'x'", "request_id = 'x'",
        "mac = mac || '\\x00'",
    ],
)  # fmt: skip
async def test_a_changed_row_is_found(db_session: AsyncSession, tmp_path: Path, change: str):
    await _sealed(db_session, 5)
    (third,) = await _rows(db_session, "SELECT entry_id FROM audit_seal WHERE position = 3")
    await _past_the_triggers(db_session, f"UPDATE audit_entry SET {change} WHERE id = {third['entry_id']}")
    verdict = await verify(db_session, folder=tmp_path)
    assert _said(verdict) == [(Kind.CHANGED, third["entry_id"], 3)]


async def test_a_removed_row_is_found_with_its_seal_or_without(db_session: AsyncSession, tmp_path: Path):
    await _sealed(db_session, 6)
    ids = [
        row["entry_id"]
        for row in await _rows(db_session, "SELECT entry_id FROM audit_seal ORDER BY position")
    ]
    await _past_the_triggers(db_session, f"DELETE FROM audit_entry WHERE id IN ({ids[1]}, {ids[3]})")
    await _past_the_triggers(db_session, f"DELETE FROM audit_seal WHERE entry_id = {ids[3]}")
    verdict = await verify(db_session, folder=tmp_path)
    assert _said(verdict) == [(Kind.REMOVED, ids[1], 2), (Kind.REMOVED, None, 4)]


async def test_an_inserted_row_is_found_and_never_sealed(db_session: AsyncSession, tmp_path: Path):
    await _sealed(db_session, 2)
    copied = "at, action, outcome, actor_id, subject_kind, subject_id, address, request_id, mac"
    await db_session.execute(
        text(
            f"WITH made AS (INSERT INTO audit_entry ({copied}) SELECT {copied} FROM audit_entry LIMIT 1 RETURNING id) "
            "INSERT INTO audit_unsealed SELECT id FROM made"
        )
    )
    (forged,) = await _rows(db_session, "SELECT max(id) AS id FROM audit_entry")
    for _ in range(2):  # before the chain has looked at it, and after
        verdict = await verify(db_session, folder=tmp_path)
        assert _said(verdict) == [(Kind.INSERTED, forged["id"], None)]
        assert await chain.seal(db_session, now=NOW) is None


async def test_entries_that_changed_places_are_found(db_session: AsyncSession, tmp_path: Path):
    await _sealed(db_session, 4)
    ids = [
        row["entry_id"]
        for row in await _rows(db_session, "SELECT entry_id FROM audit_seal ORDER BY position")
    ]
    await _past_the_triggers(db_session, f"UPDATE audit_seal SET entry_id = -1 WHERE entry_id = {ids[1]}")
    await _past_the_triggers(
        db_session, f"UPDATE audit_seal SET entry_id = {ids[1]} WHERE entry_id = {ids[2]}"
    )
    await _past_the_triggers(db_session, f"UPDATE audit_seal SET entry_id = {ids[2]} WHERE entry_id = -1")
    verdict = await verify(db_session, folder=tmp_path)
    assert _said(verdict) == [(Kind.SEAL, ids[2], 2), (Kind.SEAL, ids[1], 3)]


async def test_an_end_that_was_cut_off_is_noticed_by_the_head_that_was_noted(
    db_session: AsyncSession, tmp_path: Path
):
    note_head(tmp_path, await _sealed(db_session, 4))
    await _past_the_triggers(
        db_session, "DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_seal WHERE position > 2)"
    )
    await _past_the_triggers(db_session, "DELETE FROM audit_seal WHERE position > 2")
    assert _said(await verify(db_session, folder=tmp_path)) == [(Kind.REMOVED, None, 3)]
    assert noted_head(tmp_path) is not None
    assert noted_head(tmp_path / "elsewhere") is None
    # A chain that was begun again and grew as long as the old one is another chain.
    await _sealed(db_session, 2)
    assert [finding.kind for finding in (await verify(db_session, folder=tmp_path)).findings] == [Kind.HEAD]


async def test_who_lacks_the_key_cannot_seal(
    db_session: AsyncSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    own = crypto.code
    monkeypatch.setattr(crypto, "code", lambda purpose, content: own(f"not {purpose}", content))
    await _did(db_session, 1)
    monkeypatch.undo()
    assert [finding.kind for finding in (await verify(db_session, folder=tmp_path)).findings] == [
        Kind.INSERTED
    ]


async def test_old_entries_go_to_a_file_and_the_chain_goes_on(db_session: AsyncSession, tmp_path: Path):
    await _sealed(db_session, 5)
    later = NOW + timedelta(days=400)
    assert await archive.archive(db_session, folder=tmp_path, days=0, now=later) == 0
    assert await archive.archive(db_session, folder=tmp_path, days=401, now=later) == 0
    assert await archive.archive(db_session, folder=tmp_path, days=365, now=later, most=3) == 3
    assert await archive.archive(db_session, folder=tmp_path, days=365, now=later, most=3) == 2
    assert await _rows(db_session, "SELECT 1 FROM audit_entry UNION ALL SELECT 1 FROM audit_seal") == []
    head = await _sealed(db_session, 2)
    verdict = await verify(db_session, folder=tmp_path)
    assert (verdict.sound, verdict.entries, verdict.archived, verdict.head) == (True, 7, 5, head)
    assert head.position == 7

    first, second = sorted((tmp_path / "audit").iterdir())
    assert first.stat().st_mode & 0o077 == 0
    links = list(archive.links_of(first.read_bytes()))
    kept = first.read_bytes()
    changed = [archive.Link(one.position, one.hash, one.entry) for one in links[:2]]
    archive._write(first, changed)
    assert _said(await verify(db_session, folder=tmp_path)) == [
        (Kind.ARCHIVE, None, 1), (Kind.REMOVED, None, 3),
    ]  # fmt: skip
    first.write_bytes(kept)
    second.unlink()
    assert _said(await verify(db_session, folder=tmp_path)) == [(Kind.ARCHIVE, None, 4)]


async def test_entries_of_an_earlier_key_are_still_checked(
    pg_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async with db.transaction() as session:
        await _sealed(session, 3)
    old = settings_module.settings().secret_key.get_secret_value()
    monkeypatch.setenv("SPRINTREPORTS_SECRET_KEY", "bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmU=")
    monkeypatch.setenv("SPRINTREPORTS_SECRET_KEY_OLD", old)
    settings_module.reload()
    crypto.forget_key()
    async with db.transaction() as session:
        await retired_keys.keep(session, now=NOW)
        await _sealed(session, 2)
    monkeypatch.delenv("SPRINTREPORTS_SECRET_KEY_OLD")
    settings_module.reload()
    crypto.forget_key()
    async with db.transaction() as session:
        verdict = await verify(session, folder=tmp_path)
        assert (verdict.entries, verdict.findings) == (5, [])
    monkeypatch.undo()
    settings_module.reload()
    crypto.forget_key()


@pytest.mark.usefixtures("pg_url")
async def test_writers_and_the_chain_do_not_wait_for_each_other(tmp_path: Path):
    async with db.transaction() as slow:
        await _did(slow, "slow")
        async with db.transaction() as quick:
            await _did(quick, "quick")
        async with db.transaction() as sealer:
            first = await chain.seal(sealer, now=NOW)
            async with db.transaction() as meanwhile:  # while the chain is locked
                await _did(meanwhile, "meanwhile")
                assert await chain.seal(meanwhile, now=NOW) is None
    async with db.transaction() as session:
        second = await chain.seal(session, now=NOW)
        assert (first and first.position, second and second.position) == (1, 3)
        verdict = await verify(session, folder=tmp_path, expected=first)
        assert (verdict.entries, verdict.findings) == (3, [])


def _command(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sprintreports", *arguments], env={**os.environ, **variables}, capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.usefixtures("pg_url")
async def test_the_worker_seals_and_the_command_verifies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SPRINTREPORTS_DATA_DIR", str(tmp_path))
    settings_module.reload()
    async with db.transaction() as session:
        await _did(session, 1, 2, 3)
    await chores.seal()
    await chores.archive_audit()  # nothing is old enough
    head = noted_head(tmp_path)
    assert head is not None
    told = await asyncio.to_thread(_command, "audit", "verify")
    assert (told.returncode, told.stderr) == (0, "")
    assert f"The chain ends at {head}" in told.stdout
    async with db.transaction() as session:
        await _past_the_triggers(session, "UPDATE audit_entry SET actor_id = 9 WHERE subject_id = '2'")
    told = await asyncio.to_thread(_command, "audit", "verify", "--head", str(head))
    assert told.returncode == 1
    assert "(position 2) was changed." in told.stdout
    assert "not as it was written" in told.stderr
    told = await asyncio.to_thread(_command, "audit", "verify", "--head", f"9:{head.hash.hex()}")
    assert "its end was cut off" in told.stdout
    assert "POSITION:HASH" in (await asyncio.to_thread(_command, "audit", "verify", "--head", "x")).stderr


@pytest.mark.usefixtures("pg_url")
async def test_a_chain_that_was_cut_grows_on_and_is_still_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SPRINTREPORTS_DATA_DIR", str(tmp_path))
    settings_module.reload()
    async with db.transaction() as session:
        await _did(session, 1, 2, 3)
    await chores.seal()
    noted = noted_head(tmp_path)
    async with db.transaction() as session:
        await _past_the_triggers(session, "DELETE FROM audit_entry WHERE subject_id = '3'")
        await _past_the_triggers(session, "DELETE FROM audit_seal WHERE position = 3")
        await _did(session, 4, 5)
    await chores.seal()
    assert noted_head(tmp_path) == noted
    async with db.transaction() as session:
        found = await verify(session, folder=tmp_path)
    assert [finding.kind for finding in found.findings] == [Kind.HEAD]
    assert "made anew" in found.findings[0].sentence


@pytest.mark.usefixtures("pg_url")
async def test_a_door_writes_at_most_once_a_second_and_counts_all(monkeypatch: pytest.MonkeyPatch):
    at = 100.0
    monkeypatch.setattr(clock, "monotonic", lambda: at)
    opened = 0

    @asynccontextmanager
    async def counted() -> AsyncIterator[AsyncSession]:
        nonlocal opened
        opened += 1
        async with db.transaction() as session:
            yield session

    for _ in range(50):
        await refusals.told(counted, None, what="a flood", reason="No.", now=NOW)
    at = 102.0
    await refusals.told(counted, None, what="a flood", reason="No.", now=NOW)
    assert opened == 2
    async with db.transaction() as session:
        await refusals.tell_repeats(session, now=NOW + timedelta(minutes=2))
        first, again = await _rows(session, "SELECT after FROM audit_entry ORDER BY id")
        assert (first["after"], again["after"]["again"]) == ({"reason": "No."}, 50)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    said=st.dictionaries(
        st.text(max_size=5),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5),
            lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=3), part, max_size=3),
            max_leaves=5,
        ),
        max_size=4,
    )
)
async def test_whatever_is_said_reads_back_as_it_was_sealed(db_session: AsyncSession, said: dict[str, Any]):
    await audit.record(db_session, None, audit.Action.SETTING_CHANGED, before=said)
    assert (await verify(db_session, folder=Path("/nowhere"))).sound


async def test_the_same_refusal_is_written_once_a_minute_and_then_how_often(db_session: AsyncSession):
    for second in range(10):
        at = NOW + timedelta(seconds=second)
        await refusals.refused(db_session, None, what="GET /api/v1/sites", reason="No.", now=at)
    await refusals.refused(db_session, None, what="GET /api/v1/boards", reason="No.", now=NOW)
    query = "SELECT subject_id, outcome, after FROM audit_entry ORDER BY id"
    assert [row["subject_id"] for row in await _rows(db_session, query)] == [
        "GET /api/v1/sites", "GET /api/v1/boards",
    ]  # fmt: skip
    assert await refusals.tell_repeats(db_session, now=NOW + timedelta(seconds=59)) == 0
    assert await refusals.tell_repeats(db_session, now=NOW + timedelta(seconds=61)) == 1
    told = (await _rows(db_session, query))[-1]
    assert (told["subject_id"], told["outcome"], told["after"]["again"]) == (
        "GET /api/v1/sites",
        "refused",
        9,
    )
    assert await _rows(db_session, "SELECT 1 FROM audit_repeat") == []
