"""Super admins are guarded as such also where a grant makes them one, not the role of their account."""

import psycopg
import pytest

from sprintreports.identity import first_run, unfinished, users
from sprintreports.identity.permissions import Role
from sprintreports.identity.sso import providers
from sprintreports.identity.sso.values import Draft, Kind
from sprintreports.identity.unfinished import NoSuperAdmin
from sprintreports.identity.users import LastSuperAdmin
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, db
from sprintreports.kit.errors import Forbidden
from tests.integration.clients_support import service
from tests.integration.sso_support import (
    SYSTEM,
    add_user,
    browser,
    openid_provider,
    refusals,
    set_up_oidc,
    sign_in,
    use_here,
)


@pytest.fixture(autouse=True)
def _here(pg_url: str, monkeypatch: pytest.MonkeyPatch):
    use_here(monkeypatch)


async def _by_grant(url: str) -> int:
    """Somebody whose account is a user's, and who holds the highest role by a grant."""
    user_id = await add_user()
    with psycopg.connect(url) as database:
        statement = (
            "INSERT INTO role_grant (user_id, role, source) VALUES (%s, 'super_admin', 'group:other:owners')"
        )
        database.execute(statement, (user_id,))
    return user_id


async def test_no_provider_links_one_by_an_address(pg_url: str) -> None:
    await _by_grant(pg_url)
    async with openid_provider() as idp, browser() as client:
        await set_up_oidc(idp.issuer)
        assert (await sign_in(client)).status_code == 403
    assert refusals(pg_url) == ["super_admin"]


async def test_no_admin_changes_who_vouches_for_one(pg_url: str) -> None:
    user_id = await _by_grant(pg_url)
    made = await set_up_oidc("https://login.example.org")
    with psycopg.connect(pg_url) as database:
        linked = "INSERT INTO user_identity (provider_id, subject, user_id) VALUES (%s, 'root', %s)"
        database.execute(linked, (made.id, user_id))
    admin = Viewer(99, "Admin", "admin@example.org", Role.ADMIN)
    draft = Draft(name="Company", preset="oidc", kind=Kind.OIDC, options=made.options)
    async with db.transaction() as session:
        with pytest.raises(Forbidden, match="only a super admin"):
            await providers.change(session, admin, made.id, draft)
        with pytest.raises(Forbidden, match="only a super admin"):
            await providers.remove(session, admin, made.id)


async def test_the_last_one_stays(pg_url: str) -> None:
    user_id = await _by_grant(pg_url)
    async with db.transaction() as session:
        with pytest.raises(LastSuperAdmin):
            await users.set_active(session, SYSTEM, user_id=user_id, active=False)
        with pytest.raises(LastSuperAdmin):
            await users.set_role(session, SYSTEM, user_id=user_id, role=Role.VIEWER)


async def test_the_emergency_link_is_for_one_and_never_for_a_program(pg_url: str) -> None:
    await service(role=Role.SUPER_ADMIN)
    async with db.transaction() as session:
        with pytest.raises(NoSuperAdmin):
            await unfinished.break_glass(session, email="", now=clock.now())
    user_id = await _by_grant(pg_url)
    async with db.transaction() as session:
        found, _ = await unfinished.break_glass(session, email="", now=clock.now())
    assert found.user_id == user_id


async def test_the_first_ones_code_has_more_bits_than_anybody_guesses(pg_url: str) -> None:
    async with db.transaction() as session:
        code = await first_run.issue_code(session, now=clock.now())
    assert len(code.replace("-", "")) * 5 >= 128
