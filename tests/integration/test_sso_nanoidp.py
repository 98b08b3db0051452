"""nanoidp by OpenID Connect and by SAML, over HTTP: the twin of tests/conformance/test_identity.py with settings of our own."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from sprintreports.identity import sessions
from sprintreports.identity.permissions import Role
from sprintreports.identity.sso import discovery, saml_metadata
from sprintreports.identity.sso.values import Draft, GroupRole, Kind, Options
from tests.integration.nanoidp_support import CLIENT_ID, CLIENT_SECRET, nanoidp, sign_in_there
from tests.integration.sso_support import browser, depart, one_row, refusals, set_up, use_here

PEOPLE: dict[str, Any] = {"domains": ("example.org",), "creates_users": True}


@pytest.fixture(autouse=True)
def _here(pg_url: str, monkeypatch: pytest.MonkeyPatch):
    use_here(monkeypatch)
    discovery.forget()


async def by_oidc(
    client: httpx.AsyncClient, issuer: str, name: str, password: str, **values: Any
) -> httpx.Response:
    chosen = {"client_id": CLIENT_ID, **PEOPLE, **values}
    secret = chosen.pop("client_secret", CLIENT_SECRET)
    options = Options(issuer=issuer, **chosen)
    await set_up(Draft(name="Nano", preset="oidc", kind=Kind.OIDC, client_secret=secret, options=options))
    back = await sign_in_there(await depart(client, "nano"), name, password)
    assert isinstance(back, httpx.Response)
    return await client.get(back.headers["Location"])


async def by_saml(
    client: httpx.AsyncClient, issuer: str, name: str, password: str, **values: Any
) -> httpx.Response:
    options = Options(**{**PEOPLE, "trusts_addresses": True, **values})
    options = await saml_metadata.applied(options, url=f"{issuer}/saml/metadata")
    await set_up(Draft(name="Nano SAML", preset="saml", kind=Kind.SAML, options=options))
    posted = await sign_in_there(await depart(client, "nano-saml"), name, password)
    assert isinstance(posted, tuple)
    address, form = posted
    return await client.post(address, data=form)


async def test_openid_connect(pg_url: str, tmp_path: Path):
    with nanoidp(tmp_path) as issuer:
        async with browser() as client:
            answer = await by_oidc(client, issuer, "nina", "nina")
            assert answer.status_code == 303, (answer.text, refusals(pg_url))
            assert sessions.COOKIE_NAME in client.cookies
    assert one_row(pg_url, "SELECT email, role FROM user_account") == ("nina@example.org", "viewer")


async def test_saml(pg_url: str, tmp_path: Path):
    with nanoidp(tmp_path) as issuer:
        async with browser() as client:
            roles = {"groups_claim": "groups", "group_roles": (GroupRole("leads", Role.MANAGER),)}
            answer = await by_saml(client, issuer, "nina", "nina", **roles)
            assert answer.status_code == 303, (answer.text, refusals(pg_url))
            assert sessions.COOKIE_NAME in client.cookies
    assert one_row(pg_url, "SELECT email FROM user_account") == ("nina@example.org",)
    assert one_row(pg_url, "SELECT role, source FROM role_grant") == ("manager", "group:nano-saml:leads")
