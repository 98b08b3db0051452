"""Which kinds of notices somebody wants. Whoever changes them goes through `identity/notice_choices.py`, which notes it."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.notices.kinds import OPTIONAL, Channel, Kind, kinds_for
from sprintreports.identity.notices.words import NAMES
from sprintreports.identity.viewer import Viewer

_READ = text("SELECT kind, channel, wanted FROM notice_choice WHERE user_id = :user_id")
_KEEP = text("""
INSERT INTO notice_choice (user_id, kind, channel, wanted) VALUES (:user_id, :kind, :channel, :wanted)
ON CONFLICT (user_id, kind, channel) DO UPDATE SET wanted = excluded.wanted
""")


@dataclass(frozen=True, slots=True)
class Choice:
    """`always`: it cannot be switched off."""

    kind: Kind
    name: str
    channel: Channel
    wanted: bool
    always: bool


async def listing(session: AsyncSession, viewer: Viewer) -> list[Choice]:
    """What concerns the viewer, and whether they want it."""
    rows = await session.execute(_READ, {"user_id": viewer.user_id})
    chosen = {(kind, channel): wanted for kind, channel, wanted in rows}
    return [
        Choice(
            kind,
            NAMES[kind],
            channel,
            wanted=kind not in OPTIONAL or chosen.get((kind.value, channel.value), True),
            always=kind not in OPTIONAL,
        )
        for kind in kinds_for(viewer)
        for channel in Channel
    ]


async def keep(
    session: AsyncSession, viewer: Viewer, wanted: Mapping[Kind, bool], *, channel: Channel = Channel.APP
) -> None:
    """Keep what somebody chose. Only optional kinds are given."""
    if wanted:
        values = [
            {"user_id": viewer.user_id, "kind": kind.value, "channel": channel.value, "wanted": one}
            for kind, one in wanted.items()
        ]
        await session.execute(_KEEP, values)
