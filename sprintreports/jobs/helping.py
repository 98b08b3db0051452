"""The door of a run's second process: it gets orders as lines of JSON, and answers each with one.

It ends with the process that started it: at the end of its input, and on Linux at the latest when that one is gone.
"""

import asyncio
import contextlib
import os
import sys
from typing import BinaryIO

import msgspec

from sprintreports import settings
from sprintreports.jira.sync.beside import Helper, HelperGone, Order
from sprintreports.jira.sync.carrying import carry_out
from sprintreports.kit import db, processes
from sprintreports.observability import logs

_FAREWELL_SECONDS = 20.0

log = logs.get("jobs.helping")
_orders: "msgspec.json.Decoder[Order]" = msgspec.json.Decoder(Order)


class SecondProcess:
    """The process that helps, over its pipes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    async def do(self, order: Order) -> int:
        """Have an order carried out. Raises HelperGone when the process ends, or says that it could not."""
        sink, source = self._process.stdin, self._process.stdout
        if sink is None or source is None:
            raise HelperGone
        try:
            sink.write(msgspec.json.encode(order) + b"\n")
            await sink.drain()
            return msgspec.json.decode(await source.readline(), type=int)
        except (OSError, msgspec.DecodeError) as error:
            raise HelperGone from error

    async def close(self) -> None:
        """Let it finish its page; one that does not is ended, and its transaction with it."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(_FAREWELL_SECONDS):
                await self._process.communicate()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()


async def second_process() -> Helper | None:
    """A helper; None where there is one core only."""
    if cores() < 2:
        return None
    command = (sys.executable, "-m", "sprintreports.jobs.helping")
    return SecondProcess(
        await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=settings.environment(),
            start_new_session=True,
        )
    )


def cores() -> int:
    """How many cores this process may use."""
    told = getattr(os, "sched_getaffinity", None)
    return len(told(0)) if told is not None else os.cpu_count() or 1


async def serve(orders: BinaryIO, answers: BinaryIO) -> None:
    """Carry out orders until there are no more. One that fails ends the process: the first one then meets the cause."""
    try:
        # Nothing else goes on in this process, so it may stand still while it waits.
        while line := orders.readline():
            answers.write(msgspec.json.encode(await carry_out(db.transaction, _orders.decode(line))) + b"\n")
            answers.flush()
    finally:
        await db.dispose()


def main() -> None:
    processes.die_with_parent()
    logs.configure()
    # Whatever is printed by mistake must not be taken for an answer.
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        asyncio.run(serve(sys.stdin.buffer, answers))


if __name__ == "__main__":
    main()
