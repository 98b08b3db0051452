"""The first admin through the browser: needs a code that only whoever started the program has seen."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import users
from sprintreports.identity.secret_tokens import hash_token
from sprintreports.kit.errors import FieldProblem, Forbidden

_VALID_FOR = timedelta(hours=24)
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # nothing that reads like something else


class SetupCodeWrong(Forbidden):
    """The setup code is wrong or too old. `sprintreports setup-code` prints a new one."""


async def pending(session: AsyncSession) -> bool:
    """Whether the first admin is still to be made."""
    return not await users.any_exist(session)


async def issue_code(session: AsyncSession, *, now: datetime) -> str:
    """A new one-time setup code, for the terminal only; earlier ones stop working. Raises AlreadySetUp."""
    if not await pending(session):
        raise users.AlreadySetUp
    code = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(6))
    await session.execute(
        text(
            "INSERT INTO installation (id, setup_code_hash, setup_code_expires_at) VALUES (1, :hash, :expires) "
            "ON CONFLICT (id) DO UPDATE SET setup_code_hash = :hash, setup_code_expires_at = :expires"
        ),
        {"hash": hash_token(code), "expires": now + _VALID_FOR},
    )
    return code


async def claim(
    session: AsyncSession, *, setup_code: str, email: str, password: str, name: str, now: datetime
) -> users.User:
    """Make the first super admin with the setup code. Raises SetupCodeWrong, AlreadySetUp or Invalid.

    The installation's row is locked until the end, so that of two claims at once only one succeeds.
    """
    query = text("SELECT setup_code_hash, setup_code_expires_at FROM installation WHERE id = 1 FOR UPDATE")
    row = (await session.execute(query)).one_or_none()
    if not await pending(session):
        raise users.AlreadySetUp
    given = hash_token(setup_code.strip().upper())
    fits = row is not None and row[0] is not None and secrets.compare_digest(bytes(row[0]), given)
    if row is None or not fits or row[1] <= now:
        raise SetupCodeWrong(details=(FieldProblem("setup_code", "The setup code is wrong or too old."),))
    return await users.create_first_admin(session, email=email, password=password, name=name, now=now)
