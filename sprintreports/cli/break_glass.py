"""A way in when no other is left: a one-time link for a super admin, from whoever may use the server's command line."""

import asyncio

from sprintreports.cli.database import database
from sprintreports.identity import unfinished
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, db
from sprintreports.observability import logs
from sprintreports.settings import settings


def run(*, email: str) -> None:
    """Print the link. What stands after # is never sent to a server by itself, so no proxy's log holds it."""
    logs.configure("WARNING")

    async def work() -> tuple[Viewer, str]:
        async with db.transaction() as session:
            made = await unfinished.break_glass(session, email=email, now=clock.now())
        await db.dispose()
        return made

    with database():
        viewer, token = asyncio.run(work())
    minutes = int(unfinished.EMERGENCY_LIFETIME.total_seconds() // 60)
    print(
        f"Signs {viewer.email} in, once, within {minutes} minutes. Making and using it are in the audit log.\n"
        f"{settings().public_url.rstrip('/')}/sign-in?step=emergency#{token}"
    )
