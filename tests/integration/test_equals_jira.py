"""Every closed sprint equals the stand-in Jira's own report, issue by issue, in both dialects."""

import inspect
import secrets
from contextlib import suppress
from types import CodeType, ModuleType
from typing import Any

import pytest

from sprintreports.demo.catalog import Dialect
from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import boards, facts, mapping_setup, sites, store, sync
from sprintreports.jira.client import Auth
from sprintreports.kit import clock, db
from sprintreports.metrics import scope, segments
from tests.equality import SprintKey, closed_sprints, jira_reports, jiras, ours, total_problems

pytestmark = pytest.mark.unmeasured

DRAWN = secrets.randbelow(1_000_000)


async def synced(jira: RunningDemo, *, bearer: bool) -> int:
    viewer = Viewer.system()
    connection = (
        sites.Connection(jira.base_url, Auth.BEARER, "", jira.token)
        if bearer
        else sites.Connection(jira.base_url, Auth.BASIC, jira.email, jira.token)
    )
    async with db.transaction() as session:
        site_id = await sites.create(session, viewer, connection)
        found = await boards.discover(session, viewer, site_id, now=clock.now())
        await boards.choose(
            session, viewer, site_id, board_ids=[one.board_id for one in found], now=clock.now()
        )
        await mapping_setup.guess(session, viewer, site_id, now=clock.now())
        await mapping_setup.confirm(session, viewer, site_id, changes={}, now=clock.now())
    outcome = await sync.sync_here(
        db.transaction, viewer, site_id=site_id, mode=sync.Mode.FULL, now=clock.now
    )
    assert (outcome.end, outcome.error) == ("done", None)
    return site_id


@pytest.mark.parametrize("dialect", list(Dialect))
@pytest.mark.parametrize(
    "seed", [1, pytest.param(7, marks=pytest.mark.slow), pytest.param(DRAWN, id="drawn")]
)
async def test_every_closed_sprint_equals_jiras_report(pg_url: str, seed: int, dialect: Dialect):
    bearer = dialect is Dialect.DATACENTER
    compared = 0
    with running_demo(dialect=dialect, seed=seed, scale=1.0) as jira:
        site_id = await synced(jira, bearer=bearer)
        async with db.transaction() as session:
            keys = await closed_sprints(session, site_id)
            reports = await jira_reports(jira, keys, bearer=bearer)
            for key in keys:
                mine, theirs = await ours(session, site_id, key), jiras(reports[key], key)
                where = f"seed {seed}, {dialect}, {key}"
                assert mine - theirs == set(), f"{where}: only ours"
                assert theirs - mine == set(), f"{where}: only Jira's"
                assert total_problems(reports[key], mine, key) == []
                compared += len(mine)
    assert len(keys) >= 5 * 26, "five boards show 26 closed sprints each"
    assert compared > 2_000


# Ten and more wrong definitions, each planted into metrics/: the comparison above must notice every one.
MUTATIONS = [
    (scope, "in_scope", "segment.done_since > start", "True"),
    (scope, "in_scope", "segment.state is not State.UNMAPPED", "True"),
    (scope, "outcome_of", "final=last.estimate", "final=first.estimate"),
    (scope, "outcome_of", "initial=first.estimate", "initial=last.estimate"),
    (scope, "outcome_of", "committed = first.valid_from <= start", "committed = member_at_start"),
    (scope, "outcome_of", "removed = at_end is None or last is not at_end", "removed = False"),
    (scope, "outcome_of", "if last.state is State.DONE else", "if first.state is State.DONE else"),
    (scope, "outcome_of", "if segment.valid_from > end:", "if False:"),
    (scope, "outcome_of", "added_during=not member_at_start", "added_during=False"),
    (scope, "_outside", "at_end.state is not State.DONE", "True"),
    (segments, "_status_runs", "since = at if before is None else before", "since = at"),
    (segments, "_spells", "(sprint in ids) is inside", "(ids == frozenset((sprint,))) is inside"),
    (segments, "_spells", "at = max(created, entry_at)", "at = created"),
    (segments, "segments_of", "now = tuple(facts)", "now = held if facts[1] is None else tuple(facts)"),
]


def planted(module: ModuleType, name: str, right: str, wrong: str) -> CodeType:
    """The function's code with one mistake in it."""
    source = inspect.getsource(module)
    body = inspect.getsource(getattr(module, name))
    assert body.count(right) == 1, f"{module.__name__}.{name} no longer says {right!r}"
    namespace: dict[str, Any] = {"__name__": module.__name__}
    exec(compile(source.replace(body, body.replace(right, wrong)), module.__file__ or "", "exec"), namespace)  # noqa: S102
    return namespace[name].__code__


class Undo(Exception):
    """Takes back what a transaction has done."""


async def noticed(site_id: int, reports: dict[SprintKey, dict[str, Any]]) -> bool:
    """Whether a planted mistake shows: other numbers, or facts that cannot be computed at all."""
    try:
        return await differing_sprints(site_id, reports) > 0
    except (RuntimeError, AttributeError, TypeError):
        return True


async def differing_sprints(site_id: int, reports: dict[SprintKey, dict[str, Any]]) -> int:
    """How many sprints differ once all segments and facts are computed anew; the database stays as it was."""
    found = 0
    with suppress(Undo):
        async with db.transaction() as session:
            board_ids = sorted({key.board for key in reports})
            await store.resegment(session, site_id, board_ids, now=clock.now())
            while await facts.rebuild_touched(session, site_id, now=clock.now(), limit=500):
                pass
            for key, report in reports.items():
                found += await ours(session, site_id, key) != jiras(report, key)
            raise Undo
    return found


@pytest.mark.slow
async def test_every_planted_mistake_is_noticed(pg_url: str):
    with running_demo(seed=1, scale=1.0) as jira:
        site_id = await synced(jira, bearer=False)
        async with db.transaction() as session:
            reports = await jira_reports(jira, await closed_sprints(session, site_id), bearer=False)
    assert await differing_sprints(site_id, reports) == 0
    survivors: list[str] = []
    for module, name, right, wrong in MUTATIONS:
        function = getattr(module, name)
        sound = function.__code__
        function.__code__ = planted(module, name, right, wrong)
        try:
            if not await noticed(site_id, reports):
                survivors.append(f"{name}: {wrong}")
        finally:
            function.__code__ = sound
    assert survivors == []
    assert await differing_sprints(site_id, reports) == 0
