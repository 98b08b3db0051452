"""People made from the command line can sign in, in the role that was asked for and no other."""

import os
import subprocess
import sys

import pytest

from sprintreports.identity import users
from sprintreports.identity.permissions import Role
from sprintreports.kit import clock, db


def _run(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sprintreports", "create-user", *arguments],
        env=os.environ | {"SPRINTREPORTS_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MANAGER])
async def test_a_user_is_made_and_the_printed_password_signs_in(pg_url: str, role: Role):
    made = _run(pg_url, "vera@example.com", "--role", role.value, "--name", "Vera")
    assert made.returncode == 0, made.stderr
    password = made.stdout.strip().rpartition(": ")[2]
    async with db.transaction() as session:
        signed_in = await users.authenticate(
            session, login="vera@example.com", password=password, address="127.0.0.1", now=clock.now()
        )
    assert signed_in.user is not None
    assert signed_in.user.role is role
    again = _run(pg_url, "vera@example.com")
    assert again.returncode == 1
    assert "exists already" in again.stderr


async def test_an_unknown_role_is_one_sentence(pg_url: str):
    tried = _run(pg_url, "vera@example.com", "--role", "king")
    assert tried.returncode == 1
    assert "There is no role 'king'. Use one of viewer, user, manager, admin, super_admin." in tried.stderr
    assert "Traceback" not in tried.stderr
