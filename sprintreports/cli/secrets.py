"""Stored secrets, from the command line: the key looked at before a start, and all of them sealed anew with a new one."""

import asyncio

from sqlalchemy.exc import OperationalError, ProgrammingError

from sprintreports.cli.database import database
from sprintreports.identity import audit, key_check, retired_keys
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, crypto, db, sealed, trust
from sprintreports.kit.sealed import SealedColumn
from sprintreports.observability import logs
from sprintreports.reports.sealed import COLUMNS

log = logs.get("cli.secrets")


async def check() -> None:
    """Raises SecretKeyMissing, KeyOfOtherData or NotTrusted. A database that does not answer, or has no tables yet, is not asked."""
    crypto.load()
    try:
        with trust.of_database():
            async with db.transaction() as session:
                await key_check.ensure(session, COLUMNS)
    except (OperationalError, ProgrammingError) as error:
        log.warning("key_not_checked", error=str(error.orig))


def check_first() -> None:
    """The same for a process that has no event loop yet."""

    async def work() -> None:
        await check()
        await db.dispose()

    asyncio.run(work())


def rotate() -> None:
    """Seal every stored secret anew with the present key, a hundred rows a transaction. Can be stopped and run again."""
    logs.configure("WARNING")
    with database():
        done, unopened = asyncio.run(_rotate())
    print(f"{done} secrets were sealed anew with the present key.")
    for place, count in unopened.items():
        print(f"{count} of {place} cannot be opened by any key that is set, and stay as they are.")
    if unopened:
        print("Name the key that sealed them in SPRINTREPORTS_SECRET_KEY_OLD and run this again.")
    elif len(crypto.key_ids()) > 1:
        print("Nothing needs the earlier keys any more: take them out of SPRINTREPORTS_SECRET_KEY_OLD.")


async def _rotate() -> tuple[int, dict[str, int]]:
    async with db.transaction() as session:
        await key_check.ensure(session, COLUMNS)
        await retired_keys.keep(session, now=clock.now())
    done, unopened = 0, dict[str, int]()
    for place in COLUMNS:
        renewed, stuck = await _renew(place)
        done += renewed
        if stuck:
            unopened[str(place)] = stuck
    async with db.transaction() as session:
        await audit.record(
            session, Viewer.system(), audit.Action.SECRETS_ROTATED,
            after={"sealed": done, "not_opened": unopened, "key_id": crypto.key_ids()[0].hex()},
        )  # fmt: skip
    await db.dispose()
    return done, unopened


async def _renew(place: SealedColumn) -> tuple[int, int]:
    done, stuck, after, more = 0, 0, None, True
    while more:
        async with db.transaction() as session:
            found = await sealed.renew(session, place, after=after)
        done, stuck, after = done + found.done, stuck + found.unopened, found.after
        more = after is not None
    return done, stuck
