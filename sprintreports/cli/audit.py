"""The audit log, from the command line: look whether every entry is as it was written."""

import asyncio

from sprintreports.cli.database import database
from sprintreports.identity.audit.chain import Head
from sprintreports.identity.audit.verify import Verdict, noted_head
from sprintreports.identity.audit.verify import verify as walk
from sprintreports.kit import db
from sprintreports.kit.errors import Invalid, SprintReportsError
from sprintreports.observability import logs
from sprintreports.settings import settings

_SHOWN = 50


class NotSound(SprintReportsError):
    """The audit log was tampered with, or a part of it is missing."""


def verify(*, head: str) -> None:
    """Walk the whole chain; exit code 1 and the findings when something is wrong."""
    logs.configure("ERROR")
    expected = _head(head)

    async def work() -> Verdict:
        async with db.transaction() as session:
            found = await walk(session, folder=settings().data_dir, expected=expected)
        await db.dispose()
        return found

    with database():
        verdict = asyncio.run(work())
    for finding in verdict.findings[:_SHOWN]:
        print(f"{finding.kind}: {finding.sentence}")
    if len(verdict.findings) > _SHOWN:
        print(f"… and {len(verdict.findings) - _SHOWN} more.")
    counts = f"{verdict.entries} sealed entries ({verdict.archived} of them in archives), {verdict.waiting} waiting"
    if not verdict.sound:
        raise NotSound(f"The audit log is not as it was written. {counts}, {len(verdict.findings)} findings.")
    print(f"Every entry is as it was written: {counts}.")
    print(f"The chain ends at {verdict.head}")
    if expected is None and noted_head(settings().data_dir) is None:
        print(
            "No earlier end of the chain is noted here, so a cut-off end cannot be noticed. Compare with the last "
            "`audit_sealed` line of the worker's log: sprintreports audit verify --head POSITION:HASH"
        )


def _head(written: str) -> Head | None:
    if not written:
        return None
    try:
        return Head.of(written)
    except ValueError as error:
        raise Invalid(
            "Give the head as POSITION:HASH, as a line `audit_sealed` of the worker's log has it."
        ) from error
