"""Soak: 2,000 random edits of a Jira in which everything goes wrong that can, in both dialects, and what is lost: nothing."""

import time

from benchmarks.figures import Result, Row, Target
from benchmarks.ground import Ground, run
from sprintreports.demo.catalog import Dialect
from sprintreports.demo.testing import running_demo
from sprintreports.jira.webhooks import setup
from tests.integration.soak_support import Course, Soak, Story
from tests.integration.webhook_support import served

_SEED = 1
_ROUNDS, _EDITS, _SCALE = 40, 2000, 0.2
_QUICK_ROUNDS, _QUICK_EDITS, _QUICK_SCALE = 4, 60, 0.05


def measure(ground: Ground) -> Result:
    """A soak of each dialect. Raises RuntimeError with the seed when its end is not a fresh full sync's, row by row."""
    rows: list[Row] = []
    notes: list[str] = []
    for dialect in Dialect:
        began = time.perf_counter()
        story = _soaked(ground, dialect)
        seconds = time.perf_counter() - began
        _refuse_losses(dialect, story)
        compared = sum(story.compared.values())
        edits = sum(story.edits.values())
        failed = sum(count for name, count in story.syncs.items() if name.endswith("failed"))
        rows += [
            Row(
                f"{dialect}: rows unlike a fresh sync's after {edits:,} edits, of {compared:,}",
                [0],
                "rows",
                Target(must=0),
            ),
            Row(f"{dialect}: the soak from the first sync to the comparison", [seconds], "s"),
        ]
        notes.append(
            f"{dialect}: {sum(story.syncs.values())} runs, {failed} of them failed and were tried again; "
            f"{story.letters['letters']} webhooks, {story.letters['lost']} of them lost on the way; "
            f"{len(story.forgotten.issues) if story.forgotten else 0} issues deleted."
        )
    return Result("soak", "A soak with every fault switched on", rows, notes)


def _soaked(ground: Ground, dialect: Dialect) -> Story:
    url = ground.migrated(f"bench_soak_{dialect}")
    rounds, edits = (_QUICK_ROUNDS, _QUICK_EDITS) if ground.quick else (_ROUNDS, _EDITS)
    course = Course(_SEED, dialect, rounds=rounds, edits=edits)

    async def soak() -> Story:
        with running_demo(
            dialect=dialect, seed=_SEED, scale=_QUICK_SCALE if ground.quick else _SCALE
        ) as jira:
            async with served() as base:
                return await Soak(jira, url, course, hook=f"{base}{setup.PATH}").run()

    return run(soak)


def _refuse_losses(dialect: Dialect, story: Story) -> None:
    last = [error for error in story.errors if error.startswith("last: ")]
    if last or story.differences:
        told = "; ".join([*last, *story.differences][:5])
        raise RuntimeError(f"seed {_SEED}, {dialect}: {told[:2000]}")
