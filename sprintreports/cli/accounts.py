"""People, from the command line: the first admin, and accounts of every role."""

import asyncio
import getpass
import secrets

from sprintreports.cli.database import database
from sprintreports.identity import first_run, signing, users
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, db
from sprintreports.kit.errors import Invalid
from sprintreports.observability import logs
from sprintreports.settings import settings

DEFAULT_EMAIL = "admin@example.com"


async def ensure_first_admin() -> tuple[str, str] | None:
    """Create the first admin where there is no user yet.

    Returns e-mail and password: the password is empty when it came from the settings; None when users exist.
    """
    async with db.transaction() as session:
        if await users.any_exist(session):
            return None
        email = settings().admin_email or DEFAULT_EMAIL
        given = settings().admin_password.get_secret_value()
        password = given or secrets.token_urlsafe(12)
        await users.create_first_admin(session, email=email, password=password, name="Admin", now=clock.now())
        return email, "" if given else password


def create_admin(*, email: str, name: str) -> None:
    """Create a super admin on the database that is set (or the embedded one)."""
    logs.configure("WARNING")
    address = email or settings().admin_email
    if not address:
        raise Invalid("Give an e-mail address: --email you@example.com, or SPRINTREPORTS_ADMIN_EMAIL.")
    password = settings().admin_password.get_secret_value() or getpass.getpass(
        "Password (12 characters or more): "
    )

    async def work() -> None:
        async with db.transaction() as session:
            if await users.any_exist(session):
                viewer = Viewer.system()
                await users.create(
                    session, viewer, email=address, password=password, name=name, role=Role.SUPER_ADMIN
                )
            else:
                await users.create_first_admin(
                    session, email=address, password=password, name=name, now=clock.now()
                )
        await db.dispose()

    with database():
        asyncio.run(work())
    print(f"{address} is a super admin now.")


def create_user(*, email: str, name: str, role: str) -> None:
    """Create an account with a password that is generated and printed once."""
    logs.configure("WARNING")
    if role not in set(Role):
        raise Invalid(f"There is no role {role!r}. Use one of {', '.join(Role)}.")
    password = secrets.token_urlsafe(12)

    async def work() -> None:
        async with db.transaction() as session:
            await users.create(
                session, Viewer.system(), email=email, password=password, name=name, role=Role(role)
            )
        await db.dispose()

    with database():
        asyncio.run(work())
    print(f"{email} can sign in as {Role(role).label.lower()}. Password (shown once): {password}")


def setup_code() -> None:
    """Print a one-time code for the first-run page."""
    logs.configure("WARNING")

    async def work() -> str:
        async with db.transaction() as session:
            code = await first_run.issue_code(session, now=clock.now())
        await db.dispose()
        return code

    with database():
        print(asyncio.run(work()))


def rotate_signing_key(*, at_once: bool) -> None:
    """Make the key that signs access tokens from now on."""
    logs.configure("WARNING")

    async def work() -> str:
        async with db.transaction() as session:
            kid = await signing.rotate(session, Viewer.system(), now=clock.now(), at_once=at_once)
        await db.dispose()
        return kid

    with database():
        kid = asyncio.run(work())
    old = "Access tokens of before have ended." if at_once else "Those of before hold until they are over."
    print(f"Access tokens are signed with the key {kid} now. {old}")
