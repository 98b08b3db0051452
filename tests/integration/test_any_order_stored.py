"""Issues that come in any order, some of them twice, some of them older than what is kept: the same rows in the end."""

import itertools
import random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sprintreports.jira import context, store
from sprintreports.jira.payloads import RawIssue
from sprintreports.kit import db
from tests.integration import soak_rows
from tests.integration.jira_site import fill, make_site, rebuild
from tests.unit.jira.lives import Life, lives, scrambled

pytestmark = pytest.mark.unmeasured

_sites = itertools.count(1)


def deliveries(life: Life, number: int, rng: random.Random) -> list[RawIssue]:
    """The issue as searches and webhooks bring it: as it is at last, and as it was at earlier moments."""
    events = life.events
    # Two states of one millisecond cannot be told apart by anybody, so only the last of them is brought.
    moments = [count for count in range(1, len(events)) if events[count - 1].at < events[count].at]
    chosen = [*rng.sample(moments, min(3, len(moments))), None]
    return [
        life.told(scrambled(_until(life, count), rng.randrange(1000)), until=count, number=number)
        for count in chosen
        for _ in range(rng.choice((1, 2)))
    ]


def _until(life: Life, count: int | None) -> Life:
    return Life(life.events[:count], life.states)


def batches(letters: list[RawIssue], rng: random.Random) -> list[list[RawIssue]]:
    """A few at a time, none of them twice in one batch: no client asks for an issue twice at once."""
    found: list[list[RawIssue]] = [[]]
    for letter in letters:
        if letter.issue_id in {other.issue_id for other in found[-1]} or rng.random() < 0.3:
            found.append([])
        found[-1].append(letter)
    return found


async def made() -> int:
    async with db.transaction() as session:
        site = await make_site(session, base_url=f"https://jira-{next(_sites)}.test")
        return site.site_id


async def stored(site_id: int, batches: list[list[RawIssue]]) -> None:
    for batch in batches:
        async with db.transaction() as session:
            await fill(session, await context.load(session, site_id), batch)
    async with db.transaction() as session:
        await rebuild(session, await context.load(session, site_id))


# What fails is told as it was found: to make it smaller would take a minute.
@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(lives(), min_size=2, max_size=3), st.integers(0, 2**32))
async def test_the_last_word_stays_whatever_comes_after_it(pg_url, told, seed):
    rng = random.Random(seed)  # noqa: S311  # chance that can be repeated
    straight, crooked = await made(), await made()
    await stored(straight, [[life.plainly(number=number) for number, life in enumerate(told, start=1)]])
    letters = [raw for number, life in enumerate(told, start=1) for raw in deliveries(life, number, rng)]
    rng.shuffle(letters)
    await stored(crooked, batches(letters, rng))
    assert not soak_rows.differences(pg_url, crooked, straight)


async def test_it_would_be_seen_if_older_answers_won(pg_url, monkeypatch):
    """The same deliveries into a store that takes whatever comes last."""
    monkeypatch.setattr(store, "_older", lambda *_: False)
    found: list[str] = []

    @settings(max_examples=8, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
    @given(lives())
    def collect(life: Life) -> None:
        examples.append(life)

    examples: list[Life] = []
    collect()
    for life in examples:
        if len(life.events) < 2 or life.events[-2].at == life.events[-1].at:
            continue
        straight, crooked = await made(), await made()
        await stored(straight, [[life.plainly()]])
        await stored(crooked, [[life.plainly()], [life.plainly(until=len(life.events) - 1)]])
        found += soak_rows.differences(pg_url, crooked, straight)
    assert found
