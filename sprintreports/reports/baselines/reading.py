"""A baseline is read: its content is held against its hash each time, and cut to the teams that the viewer sees."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.reports.baselines import canonical, ledger
from sprintreports.reports.baselines.canonical import NotAsItWas
from sprintreports.reports.baselines.ledger import Baseline
from sprintreports.reports.snapshot import Snapshot

P = ParamSpec("P")
V = TypeVar("V")

_CONTENT = text("SELECT content, digest FROM baseline WHERE id = :id")


@dataclass(frozen=True, slots=True)
class FrozenState:
    """A baseline with its snapshot, as the viewer may see it."""

    baseline: Baseline
    snapshot: Snapshot


async def read(session: AsyncSession, viewer: Viewer, baseline_id: int) -> FrozenState:
    """Raises Forbidden, NotFound, NotAsItWas where its hash does not fit, Unreadable."""
    baseline = await ledger.one(session, viewer, baseline_id)
    content, digest = (await session.execute(_CONTENT, {"id": baseline_id})).one()
    snapshot = await _beside(baseline_id, _snapshot, bytes(content), bytes(digest))
    return FrozenState(baseline, snapshot if viewer.team_ids is None else snapshot.for_teams(viewer.team_ids))


async def raw(session: AsyncSession, viewer: Viewer, baseline_id: int) -> bytes:
    """The canonical JSON itself; for who sees some teams alone, that of their part. Raises as `read`."""
    baseline = await ledger.one(session, viewer, baseline_id)
    content, digest = (await session.execute(_CONTENT, {"id": baseline.id})).one()
    return await _beside(baseline_id, _raw, bytes(content), bytes(digest), viewer.team_ids)


async def verify(session: AsyncSession, baseline_id: int) -> None:
    """Raises NotAsItWas where the content is not what was frozen; for the system itself."""
    content, digest = (await session.execute(_CONTENT, {"id": baseline_id})).one()
    await _beside(baseline_id, _body, bytes(content), bytes(digest))


async def _beside(baseline_id: int, work: Callable[P, V], /, *args: P.args, **named: P.kwargs) -> V:
    """In a thread: of ten thousand issues it is work that everybody else would wait for."""
    try:
        return await asyncio.to_thread(work, *args, **named)
    except NotAsItWas as error:
        error.baseline_id = baseline_id
        raise


def _body(content: bytes, digest: bytes) -> bytes:
    body = canonical.unpacked(content)
    canonical.verify(body, digest)
    return body


def _snapshot(content: bytes, digest: bytes) -> Snapshot:
    return canonical.snapshot_of(_body(content, digest))


def _raw(content: bytes, digest: bytes, teams: Collection[int] | None) -> bytes:
    body = _body(content, digest)
    return body if teams is None else canonical.canonical(canonical.snapshot_of(body).for_teams(teams))
