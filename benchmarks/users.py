"""Many users of a REST API at once, with a client so small that it does not compete with the server it measures."""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_PATIENCE = 30.0


@dataclass(slots=True)
class Answers:
    """Milliseconds of each kind of request, and what was not a success."""

    samples: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(map(len, self.samples.values()))


async def crowd(
    port: int, bearers: Sequence[str], paths: Mapping[str, Sequence[str]], *, seconds: float, pause: float
) -> Answers:
    """One user for each token, each on a connection of its own, who asks, reads the answer, and pauses.

    With a pause users keep to their own beat (an answer that is late does not delay the next question's turn).
    """
    answers = Answers()
    began = time.perf_counter()
    await asyncio.gather(
        *(
            _user(
                port,
                token,
                paths,
                answers,
                began=began,
                number=number,
                until=began + seconds,
                pause=pause,
                of=len(bearers),
            )
            for number, token in enumerate(bearers)
        )
    )
    return answers


async def _user(
    port: int,
    token: str,
    paths: Mapping[str, Sequence[str]],
    answers: Answers,
    *,
    began: float,
    number: int,
    until: float,
    pause: float,
    of: int,
) -> None:
    chance = random.Random(number)  # noqa: S311  # which sprint, the same each time
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    turn = began + pause * number / of
    try:
        while True:
            await asyncio.sleep(max(0.0, turn - time.perf_counter()))
            if time.perf_counter() >= until:
                return
            turn = max(turn + pause, time.perf_counter())
            kind = chance.choice(list(paths))
            await _ask(reader, writer, chance.choice(paths[kind]), token, kind, answers=answers)
    finally:
        writer.close()


async def _ask(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    path: str,
    token: str,
    kind: str,
    *,
    answers: Answers,
) -> None:
    sent = time.perf_counter()
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    async with asyncio.timeout(_PATIENCE):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        body = await reader.readexactly(_length(head))
    answers.samples[kind].append(1000 * (time.perf_counter() - sent))
    status = head.split(" ", 2)[1]
    if status != "200":
        answers.failures.append(f"{status} {path} {body[:200]!r}")


def _length(head: str) -> int:
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            return int(value)
    raise ValueError(f"no content-length: {head}")
