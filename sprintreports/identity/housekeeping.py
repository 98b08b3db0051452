"""What is over for long enough is deleted: sessions, token families, forgotten failures, kept answers, old notices."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import invitations, repeats, sessions, throttle, tokens, unfinished
from sprintreports.identity.clients import codes, keys
from sprintreports.identity.notices import keeping
from sprintreports.identity.sso import attempts


async def purge(session: AsyncSession, *, now: datetime) -> None:
    """Delete what nobody can use any more. Once a day is often enough."""
    await sessions.purge(session, now=now)
    await unfinished.purge(session, now=now)
    await invitations.purge(session, now=now)
    await tokens.purge(session, now=now)
    await codes.purge(session, now=now)
    await keys.purge(session, now=now)
    await throttle.purge(session, now=now)
    await repeats.purge(session, now=now)
    await attempts.purge(session, now=now)
    await keeping.purge(session, now=now)
