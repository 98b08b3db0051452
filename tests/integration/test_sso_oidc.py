"""Signing in by OpenID Connect: there and back, whose account it is, and what groups give."""

from datetime import timedelta
from typing import Any

import msgspec
import psycopg
import pytest
from joserfc import jwk

from sprintreports.identity import sessions
from sprintreports.identity.permissions import Role
from sprintreports.identity.sso import discovery, providers
from sprintreports.identity.sso.messages import half_hash
from sprintreports.identity.sso.values import Draft, GroupRole, Kind
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import db
from sprintreports.kit.errors import Forbidden
from tests.integration.sso_support import (
    CLIENT,
    SYSTEM,
    add_user,
    browser,
    depart,
    one_row,
    openid_provider,
    refusals,
    set_up_oidc,
    sign_in,
    signed,
    there_and_back,
    use_here,
)


@pytest.fixture(autouse=True)
def _here(pg_url: str, monkeypatch: pytest.MonkeyPatch):
    use_here(monkeypatch)


async def test_a_known_address_signs_in_and_is_known_from_then_on(pg_url: str):
    user_id = await add_user()
    async with openid_provider() as idp, browser() as client:
        await set_up_oidc(idp.issuer)
        answer = await sign_in(client, next="/velocity?last=5")
        assert answer.status_code == 303
        assert answer.headers["Location"] == "/velocity?last=5"
        assert sessions.COOKIE_NAME in client.cookies
        assert not [name for name in client.cookies if name.startswith("sprintreports_sso_")]
        me = await client.get("/api/v1/users/me")
        assert me.json()["data"]["email"] == "ada@example.org"
        # The provider's own name for the person counts from now on: the address may change.
        idp.person |= {"email": "countess@example.org"}
        assert (await sign_in(client)).status_code == 303
    assert one_row(pg_url, "SELECT user_id, subject, email FROM user_identity") == (
        user_id,
        "u-1",
        "countess@example.org",
    )
    assert refusals(pg_url) == []


async def test_without_an_account_nobody_gets_in_unless_people_are_made(pg_url: str):
    async with openid_provider() as idp, browser() as client:
        await set_up_oidc(idp.issuer)
        answer = await sign_in(client)
        assert answer.status_code == 403
        assert "There is no account for ada@example.org here." in answer.text
    assert refusals(pg_url) == ["no_account"]


async def test_people_of_an_allowed_domain_get_an_account(pg_url: str):
    async with openid_provider() as idp, browser() as client:
        await set_up_oidc(idp.issuer, creates_users=True, default_role=Role.MANAGER, domains=("Example.org",))
        assert (await sign_in(client)).status_code == 303
        idp.person |= {"sub": "u-2", "email": "mallory@evil.example"}
        answer = await sign_in(client)
        assert answer.status_code == 403
        assert "of no domain that may sign in" in answer.text
        # The domain is what stands after the last @, and nothing that merely ends alike.
        idp.person |= {"sub": "u-3", "email": "mallory@evil-example.org"}
        assert (await sign_in(client)).status_code == 403
    made = one_row(pg_url, "SELECT email, name, role, hashed_password FROM user_account")
    assert made == ("ada@example.org", "Ada Lovelace", "manager", None)
    assert refusals(pg_url) == ["domain", "domain"]


@pytest.mark.parametrize("said", [False, None, "false", 1, "yes"])
async def test_an_address_that_is_not_verified_opens_no_account(pg_url: str, said: object):
    await add_user()
    async with openid_provider() as idp, browser() as client:
        await set_up_oidc(idp.issuer)
        idp.person["email_verified"] = said
        answer = await sign_in(client)
        assert answer.status_code == 403
        assert sessions.COOKIE_NAME not in client.cookies
    assert refusals(pg_url) == ["unverified"]


async def test_a_trusted_provider_vouches_for_its_domains_but_not_against_its_own_word(pg_url: str):
    await add_user()
    async with openid_provider() as idp, browser() as client:
        await set_up_oidc(idp.issuer, domains=("example.org",), trusts_addresses=True)
        idp.person["email_verified"] = False
        assert (await sign_in(client)).status_code == 403
        del idp.person["email_verified"]
        assert (await sign_in(client)).status_code == 303
    assert refusals(pg_url) == ["unverified"]


async def test_a_super_admin_is_not_linked_by_an_address_alone(pg_url: str):
    await add_user(role=Role.SUPER_ADMIN)
    async with openid_provider() as idp, browser() as client:
        await set_up_oidc(idp.issuer)
        answer = await sign_in(client)
        assert answer.status_code == 403
        assert "link this provider on your profile" in answer.text
    assert refusals(pg_url) == ["super_admin"]
    assert one_row(pg_url, "SELECT count(*) FROM user_identity") == (0,)


async def test_who_is_deactivated_stays_out_whether_known_or_not(pg_url: str):
    async with openid_provider() as idp, browser() as client:
        await set_up_oidc(idp.issuer, creates_users=True, domains=("example.org",))
        assert (await sign_in(client)).status_code == 303
        with _database(pg_url) as database:
            database.execute("UPDATE user_account SET is_active = false")
        answer = await sign_in(client)
        assert answer.status_code == 403
        assert "deactivated" in answer.text
        idp.person["sub"] = "another"
        assert (await sign_in(client)).status_code == 403
    assert refusals(pg_url) == ["deactivated", "deactivated"]


async def test_groups_give_roles_and_take_them_away_again(pg_url: str):
    user_id = await add_user()
    roles = "SELECT array_agg(source || '=' || role ORDER BY source) FROM role_grant WHERE user_id = %s"
    async with openid_provider() as idp, browser() as client:
        made = await set_up_oidc(
            idp.issuer,
            groups_claim="realm_access.groups",
            group_roles=(GroupRole("leads", Role.MANAGER), GroupRole("ops", Role.ADMIN)),
        )
        idp.person["realm_access"] = {"groups": ["ops", "leads", "chess"]}
        assert (await sign_in(client)).status_code == 303
        assert one_row(pg_url, roles, user_id) == (
            ["group:company:leads=manager", "group:company:ops=admin"],
        )
        elsewhere = client.cookies[sessions.COOKIE_NAME]
        idp.person["realm_access"] = {"groups": ["leads"]}
        assert (await sign_in(client)).status_code == 303
        assert one_row(pg_url, roles, user_id) == (["group:company:leads=manager"],)
        # What was opened with the role that is gone, is gone too.
        client.cookies.set(sessions.COOKIE_NAME, elsewhere, domain="reports.test")
        assert (await client.get("/api/v1/users/me")).status_code == 401
        client.cookies.clear()
        del idp.person["realm_access"]
        assert (await sign_in(client)).status_code == 303
        assert one_row(pg_url, roles, user_id) == (None,)
    changed = one_row(
        pg_url,
        "SELECT count(*) FROM audit_entry WHERE action = 'user.grants_changed' AND subject_id = %s",
        str(user_id),
    )
    assert changed == (3,)
    assert made.options.groups_claim == "realm_access.groups"


async def test_keys_rotate_and_a_flood_of_unknown_ones_is_not_asked_for(
    pg_url: str, monkeypatch: pytest.MonkeyPatch
):
    await add_user()
    async with openid_provider() as idp, browser() as client:
        await set_up_oidc(idp.issuer)
        assert (await sign_in(client)).status_code == 303
        assert idp.key_requests == 1
        idp.key = jwk.RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
        assert (await sign_in(client)).status_code == 403  # asked a moment ago
        assert idp.key_requests == 1
        monkeypatch.setattr(discovery, "_ASK_AGAIN_AFTER", timedelta(0))
        assert (await sign_in(client)).status_code == 303
        assert idp.key_requests == 2
    assert refusals(pg_url) == ["signature"]


@pytest.mark.parametrize(
    ("alg", "key"),
    [
        ("PS256", jwk.RSAKey.generate_key(2048, {"kid": "p"})),
        ("ES256", jwk.ECKey.generate_key("P-256", {"kid": "e"})),
        ("ES384", jwk.ECKey.generate_key("P-384")),
        ("Ed25519", jwk.OKPKey.generate_key("Ed25519", {"kid": "d"})),
    ],
)
async def test_other_signatures_by_key_pairs_hold(pg_url: str, alg: str, key: Any):
    await add_user()
    async with openid_provider() as idp, browser() as client:
        await set_up_oidc(idp.issuer)
        idp.published = [idp.key, key]
        idp.lies.sign = lambda claims: signed({**claims, "at_hash": half_hash("access", alg)}, key, alg=alg)
        assert (await sign_in(client)).status_code == 303, refusals(pg_url)


async def test_what_the_id_token_leaves_out_is_asked_for(pg_url: str):
    await add_user()
    async with openid_provider() as idp, browser() as client:
        await set_up_oidc(idp.issuer)
        idp.lies.drop = ("email", "email_verified", "name")
        assert (await sign_in(client)).status_code == 303
        idp.lies.userinfo = {**idp.person, "sub": "somebody else"}
        assert (await sign_in(client)).status_code == 403
    assert refusals(pg_url) == ["subject"]


async def test_two_tabs_do_not_end_each_other(pg_url: str):
    await add_user()
    async with openid_provider() as idp, browser() as client:
        await set_up_oidc(idp.issuer)
        first, second = await depart(client), await depart(client)
        for address in (second, first):
            assert (await client.get(await there_and_back(client, address))).status_code == 303


async def test_a_provider_that_is_off_or_away_is_told_in_words(pg_url: str):
    async with browser() as client:
        async with openid_provider() as idp:
            made = await set_up_oidc(idp.issuer)
            await set_enabled(made.id, enabled=False)
            answer = await client.get("/session/sso/company/start")
            assert answer.status_code == 403
            assert "switched off" in answer.text
            await set_enabled(made.id, enabled=True)
        answer = await client.get("/session/sso/company/start")
        assert answer.status_code == 502
        assert "cannot be reached" in answer.text
        assert (await client.get("/session/sso/none/start")).status_code == 404


async def test_another_issuer_ends_the_links_of_the_one_before(pg_url: str):
    await add_user()
    async with openid_provider() as idp, openid_provider() as other, browser() as client:
        made = await set_up_oidc(idp.issuer)
        assert (await sign_in(client)).status_code == 303
        draft = Draft(name="Company", preset="oidc", kind=Kind.OIDC, options=made.options)
        async with db.transaction() as session:
            await providers.change(session, SYSTEM, made.id, draft)
        assert one_row(pg_url, "SELECT count(*) FROM user_identity") == (1,)
        moved = msgspec.structs.replace(
            draft, options=msgspec.structs.replace(made.options, issuer=other.issuer)
        )
        async with db.transaction() as session:
            await providers.change(session, SYSTEM, made.id, moved)
        assert one_row(pg_url, "SELECT count(*) FROM user_identity") == (0,)


async def test_only_a_super_admin_changes_who_vouches_for_one(pg_url: str):
    user_id = await add_user(role=Role.SUPER_ADMIN)
    admin = Viewer(99, "Admin", "admin@example.org", Role.ADMIN)
    async with openid_provider() as idp:
        made = await set_up_oidc(idp.issuer)
        with _database(pg_url) as database:
            database.execute(
                "INSERT INTO user_identity (provider_id, subject, user_id) VALUES (%s, 'root', %s)",
                (made.id, user_id),
            )
        draft = Draft(name="Company", preset="oidc", kind=Kind.OIDC, options=made.options)
        async with db.transaction() as session:
            with pytest.raises(Forbidden, match="only a super admin"):
                await providers.change(session, admin, made.id, draft)
            with pytest.raises(Forbidden, match="only a super admin"):
                await providers.remove(session, admin, made.id)


async def test_the_secret_is_sealed(pg_url: str):
    made = await set_up_oidc("https://login.example.org")
    stored = one_row(pg_url, "SELECT client_secret, options::text FROM sign_in_provider")
    assert CLIENT[1].encode() not in stored[0]
    assert CLIENT[1] not in stored[1]
    async with db.transaction() as session:
        assert await providers.credential(session, made) == CLIENT[1]


async def set_enabled(provider_id: int, *, enabled: bool) -> None:
    async with db.transaction() as session:
        await providers.set_enabled(session, SYSTEM, provider_id, enabled=enabled)


def _database(url: str) -> psycopg.Connection:
    return psycopg.connect(url, autocommit=True)
