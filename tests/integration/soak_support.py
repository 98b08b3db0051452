"""A soak: a Jira in which everything goes wrong that can, edits that never rest, and syncs that are tried until they end.

At its end nothing is wrong any more and one last incremental sync is made. Everything follows from the seed, but for
which of several requests on the wire at the same time a fault strikes.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import psycopg

from sprintreports.demo.catalog import Dialect
from sprintreports.demo.testing import RunningDemo
from sprintreports.jira import sync, webhooks
from sprintreports.jira.client import cloud, datacenter, pace
from sprintreports.jira.sync import issues
from sprintreports.kit import clock, db
from tests.integration import soak_rows
from tests.integration.sync_support import SYSTEM, connected, connection

TRIES = 4
_HOUR = timedelta(hours=1)
_SKEW = timedelta(minutes=4)  # less than the overlap of an incremental sync
_STEP = 4_000
# Fewer issues a page, so that a small company has pages to lose; and no waiting where nobody waits with us.
_PAGES = {(cloud, "SEARCH_PAGE"): 60, (datacenter, "SEARCH_PAGE"): 60, (issues, "PAGE"): 50}
_PACE = {(pace, "BACK_OFF_START"): 0.005, (pace, "BACK_OFF_LIMIT"): 0.02}


@dataclass(frozen=True, slots=True)
class Course:
    """How long and how hard."""

    seed: int
    dialect: Dialect
    rounds: int
    edits: int


@dataclass(slots=True)
class Story:
    """What happened, for the reader of a failure and of the benchmark."""

    edits: Counter[str] = field(default_factory=Counter[str])
    syncs: Counter[str] = field(default_factory=Counter[str])
    faults: Counter[str] = field(default_factory=Counter[str])
    errors: list[str] = field(default_factory=list[str])
    letters: dict[str, int] = field(default_factory=dict[str, int])
    sites: tuple[int, int] = (0, 0)
    forgotten: soak_rows.Forgotten | None = None
    differences: list[str] = field(default_factory=list[str])
    compared: dict[str, int] = field(default_factory=dict[str, int])


class Clockwork:
    """Our time: it runs on as ever, and an hour passes between two rounds."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        return clock.now() + self._ahead

    def skip(self, time: timedelta = _HOUR) -> None:
        self._ahead += time

    def jiras(self, skew: timedelta) -> int:
        """Jira's clock, in milliseconds, which is not quite ours."""
        return int((self.now() + skew).timestamp() * 1000)


@contextmanager
def small_steps() -> Iterator[None]:
    """Small pages and short waits, and everything as it was afterwards."""
    steps = {**_PAGES, **_PACE}
    before = {(module, name): getattr(module, name) for module, name in steps}
    try:
        for (module, name), value in steps.items():
            setattr(module, name, value)
        yield
    finally:
        for (module, name), value in before.items():
            setattr(module, name, value)


class Soak:
    """One soak of one Jira."""

    def __init__(self, jira: RunningDemo, url: str, course: Course, *, hook: str = "") -> None:
        self.jira = jira
        self.url = url
        self.course = course
        self.story = Story()
        self.clockwork = Clockwork()
        self._rng = random.Random(f"{course.seed}/{course.dialect}/soak")  # noqa: S311  # chance that can be repeated
        self._hook = hook
        self._made = 0

    async def run(self) -> Story:
        """All of it. The differences at the end are in the story."""
        with small_steps():
            site_id = await connected(connection(self.jira, dialect=self.course.dialect))
            self._worsen(site_id)
            await self._persist(site_id, sync.Mode.FULL)
            await self._listen(site_id)
            for number in range(self.course.rounds):
                await self._round(site_id, number)
            await self._end(site_id)
        return self.story

    async def _round(self, site_id: int, number: int) -> None:
        self.clockwork.skip()
        self._worsen(site_id)
        rounds_left = self.course.rounds - number
        share = (self.course.edits - self._made) // rounds_left
        before = self._rng.randint(share // 3, share) if rounds_left > 1 else share
        await self._edit(before, number, "before")
        mode = sync.Mode.FULL if self._rng.random() < 0.1 else sync.Mode.INCREMENTAL
        meanwhile = asyncio.create_task(self._edit(share - before, number, "meanwhile"))
        await self._persist(site_id, mode)
        await meanwhile
        if self._hook:
            await self._delivered()
            await self._take_webhooks(site_id)

    async def _end(self, site_id: int) -> None:
        """All is well again: the last sync, and what a fresh one says."""
        self.clockwork.skip()
        self.jira.faults()
        if self._hook:
            self.jira.deliver()
            await self._delivered()
            self.story.letters = self.jira.deliveries()
        await self._persist(site_id, sync.Mode.INCREMENTAL, tries=1)
        fresh = await connected(
            replace(
                connection(self.jira, dialect=self.course.dialect),
                base_url=self.jira.base_url.replace("127.0.0.1", "localhost"),
            )
        )
        await self._persist(fresh, sync.Mode.FULL, tries=1)
        self.story.sites = (site_id, fresh)
        if self.story.errors[-1:] and self.story.errors[-1].startswith("last: "):
            return
        self.story.forgotten = await soak_rows.forget_what_only_we_know(
            self.url, site_id, now=self.clockwork.now()
        )
        self.story.differences = soak_rows.differences(
            self.url, site_id, fresh, gone=self.story.forgotten.issues
        )
        self.story.compared = soak_rows.counted(self.url, fresh)

    async def _edit(self, count: int, number: int, when: str) -> None:
        if count <= 0:
            return
        skew = _SKEW * self._rng.uniform(-1, 1)
        delivery = {
            "duplicates": 0.3, "lost": 0.2, "disorder": True, "concurrency": 4, "retry_seconds": 0.05,
            "hold": self._rng.random() < 0.2, "seed": self._rng.randrange(1000),
        }  # fmt: skip
        made = await asyncio.to_thread(
            self.jira.edit,
            count,
            seed=f"{self.course.seed}/{number}/{when}",
            at=self.clockwork.jiras(skew),
            step=_STEP,
            delivery=delivery,
        )
        self._made += len(made)
        self.story.edits.update(edit["kind"] for edit in made)

    async def _persist(self, site_id: int, mode: sync.Mode, *, tries: int = TRIES) -> None:
        """A sync as the worker does it: the same run again where the failure may pass, a new one where it may not."""
        run_id: int | None = None
        for _ in range(tries):
            if run_id is None:
                async with db.transaction() as session:
                    run_id, _ = await sync.prepare(session, SYSTEM, site_id, mode=mode)
            outcome = await sync.run(db.transaction, run_id=run_id, now=self.clockwork.now)
            self.story.syncs[f"{mode} {outcome.end}"] += 1
            if outcome.error is None:
                return
            self.story.errors.append(outcome.error if tries > 1 else f"last: {outcome.error}")
            if outcome.passing:
                async with db.transaction() as session:
                    await sync.requeue(session, run_id, now=self.clockwork.now())
            else:
                run_id = None
        if run_id is not None:
            async with db.transaction() as session:
                await sync.cancel(session, SYSTEM, run_id, now=self.clockwork.now())

    async def _listen(self, site_id: int) -> None:
        if self._hook:
            async with db.transaction() as session:
                made = await webhooks.renew(session, SYSTEM, site_id, now=self.clockwork.now())
            self.jira.listen(f"{self._hook}/{site_id}", secret=made.secret)

    async def _delivered(self) -> None:
        async with asyncio.timeout(60):
            while (await asyncio.to_thread(self.jira.deliveries))["pending"]:  # noqa: ASYNC110  # another process
                await asyncio.sleep(0.02)

    async def _take_webhooks(self, site_id: int) -> None:
        while await webhooks.process(db.transaction, site_id, now=self.clockwork.now):
            pass

    def _worsen(self, site_id: int) -> None:
        """Other faults than before. A rough time now and then, in which hardly a sync gets through."""
        rng = self._rng
        rules = rough_rules(self.course.dialect, rng)
        states: dict[str, Any] = {}
        if rng.random() < 0.35:
            states["stale"] = True
        elif rng.random() < 0.5:
            states["lag"] = rng.uniform(0.1, 1.5)
        if rng.random() < 0.5:
            states["zone"] = rng.choice(("Asia/Kolkata", "America/New_York", "Pacific/Auckland", "UTC"))
            states["told_zone"] = rng.choice((states["zone"], "Europe/Berlin"))
        if rng.random() < 0.5:
            states["hidden_issues"] = self._some_families(site_id)
        if rng.random() < 0.2:
            states["hidden_projects"] = [self._some_project(site_id)]
        if rng.random() < 0.2:
            states["hidden_boards"] = [rng.randint(1, 4)]
        self.story.faults.update([*states, *(name for rule in rules for name in _named(rule))])
        self.jira.faults(*rules, seed=rng.randrange(10_000), **states)

    def _some_families(self, site_id: int) -> list[int]:
        """Issues with their sub-tasks, which a security level hides together."""
        with psycopg.connect(self.url) as database:
            known = database.execute(
                "SELECT jira_issue_id, parent_issue_id, is_subtask FROM issue WHERE site_id = %s ORDER BY 1",
                (site_id,),
            ).fetchall()
        heads = [issue for issue, _, is_subtask in known if not is_subtask]
        chosen = set(self._rng.sample(heads, min(3, len(heads))))
        return sorted(
            chosen | {issue for issue, parent, is_subtask in known if is_subtask and parent in chosen}
        )

    def _some_project(self, site_id: int) -> str:
        with psycopg.connect(self.url) as database:
            found = database.execute(
                "SELECT DISTINCT project_key FROM issue WHERE site_id = %s ORDER BY 1", (site_id,)
            ).fetchall()
        return self._rng.choice([key for (key,) in found] or ["NONE"])


def rough_rules(dialect: Dialect, rng: random.Random) -> list[dict[str, Any]]:
    """Every kind of rule, rarely enough that trying again wins in the end."""
    platform = "/rest/api/3/" if dialect is Dialect.CLOUD else "/rest/api/2/"
    rare = rng.choice((0.0, 0.0005, 0.003))
    often = rng.choice((0.003, 0.01, 0.04))
    limit = rng.choice(("burst", "quota")) if dialect is Dialect.CLOUD else "server"
    return [
        *({"status": status, "chance": often} for status in (500, 502, 503)),
        {"status": 503, "retry_after": 0, "chance": often},
        {"status": 429, "retry_after": 0, "limit": limit, "chance": often},
        {"limit": limit, "chance": often},
        {"drop": True, "chance": often},
        {"cut": True, "chance": often},
        {"slow": 0.02, "chance": often},
        {"lose": True, "chance": rare * 4, "path_prefix": f"{platform}search"},
        {"twice": True, "chance": often, "path_prefix": f"{platform}search"},
        {"shift": rng.choice((-2, 1, 3)), "chance": often / 2, "path_prefix": f"{platform}search"},
        *({"status": status, "chance": rare} for status in (401, 403, 404, 410)),
        {"status": 403, "chance": often / 2, "path_prefix": "/rest/agile/1.0/board/"},
        {"status": 404, "chance": rare * 2, "path_prefix": "/rest/agile/1.0/board/"},
        {"html": True, "chance": rare},
        {"truncate": True, "chance": rare},
        {"malformed": True, "chance": rare},
        {"content_type": "text/plain", "chance": rare},
    ]


def _named(rule: dict[str, Any]) -> Iterator[str]:
    if rule.get("chance"):
        yield f"status {rule['status']}" if "status" in rule else next(iter(rule))
