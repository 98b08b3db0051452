"""Forged answers of OpenID Connect: each is refused with a page in plain words and an entry in the audit log."""

import hmac
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwk

from sprintreports.identity import sessions
from tests.integration.sso_support import (
    CLIENT,
    OpenIdProvider,
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
    unsigned,
    use_here,
)


@pytest.fixture(autouse=True)
async def _here(pg_url: str, monkeypatch: pytest.MonkeyPatch):
    use_here(monkeypatch)
    await add_user()


def check_refused(url: str, answer: httpx.Response, client: httpx.AsyncClient, reason: str) -> None:
    assert answer.status_code == 403, answer.status_code
    assert "You are not signed in" in answer.text
    assert 'role="alert"' in answer.text
    assert "Traceback" not in answer.text
    assert sessions.COOKIE_NAME not in client.cookies
    assert refusals(url)[-1] == reason
    assert one_row(url, "SELECT count(*) FROM user_session") == (0,)
    assert one_row(url, "SELECT count(*) FROM user_identity") == (0,)


def told(**claims: Any) -> Callable[[OpenIdProvider], None]:
    return lambda idp: idp.lies.claims.update(claims)


def without(*names: str) -> Callable[[OpenIdProvider], None]:
    return lambda idp: setattr(idp.lies, "drop", names)


def by(sign: Callable[[dict[str, Any], OpenIdProvider], str]) -> Callable[[OpenIdProvider], None]:
    return lambda idp: setattr(idp.lies, "sign", lambda claims: sign(claims, idp))


def _tampered(claims: dict[str, Any], idp: OpenIdProvider) -> str:
    head, _, signature = signed(claims, idp.key).split(".")
    body = unsigned({**claims, "sub": "somebody"}).split(".")[1]
    return f"{head}.{body}.{signature}"


def _by_public_key(claims: dict[str, Any], idp: OpenIdProvider) -> str:
    """The public key, which everybody has, taken as the secret of an HMAC."""
    head_and_body = unsigned(claims, alg="HS256").rpartition(".")[0]
    made = hmac.digest(idp.key.as_pem(private=False), head_and_body.encode(), "sha256")
    return f"{head_and_body}.{urlsafe_b64encode(made).rstrip(b'=').decode()}"


def _by_own_key(claims: dict[str, Any], idp: OpenIdProvider) -> str:
    """A key that the token brings along itself."""
    own = jwk.RSAKey.generate_key(2048, {"kid": "one"})
    return signed(claims, own, jwk=own.as_dict(private=False))


def _small(claims: dict[str, Any], idp: OpenIdProvider) -> str:
    with pytest.warns(Warning, match="2048"):
        small = jwk.RSAKey.generate_key(1024, {"kid": "small"})
    idp.published = [idp.key, small]
    return signed(claims, small)


NOW = int(time.time())
FORGED: dict[str, tuple[Callable[[OpenIdProvider], None], str]] = {
    "nonce": (told(nonce="another"), "nonce"),
    "no nonce": (without("nonce"), "nonce"),
    "issuer": (told(iss="https://evil.example"), "issuer"),
    "issuer with a slash": (lambda idp: idp.lies.claims.update(iss=idp.issuer + "/"), "issuer"),
    "audience": (told(aud="another"), "audience"),
    "audiences": (told(aud=["another", "third"]), "audience"),
    "no audience": (without("aud"), "audience"),
    "two audiences without azp": (told(aud=[CLIENT[0], "another"]), "azp"),
    "azp": (told(azp="another"), "azp"),
    "expired": (told(exp=NOW - 3600, iat=NOW - 3700), "expired"),
    "no end": (without("exp"), "expired"),
    "endless": (told(exp=float("inf")), "expired"),
    "not a number": (told(exp=float("nan")), "expired"),
    "an end in words": (told(exp="never"), "expired"),
    "old": (told(iat=NOW - 86_400), "expired"),
    "from the future": (told(iat=NOW + 7200), "early"),
    "not yet": (told(nbf=NOW + 7200), "early"),
    "no subject": (without("sub"), "subject"),
    "subject of another kind": (told(sub=7), "subject"),
    "at_hash": (told(at_hash="AAAAAAAAAAAAAAAAAAAAAA"), "at_hash"),
    "alg none": (by(lambda claims, _: unsigned(claims)), "algorithm"),
    "alg None": (by(lambda claims, _: unsigned(claims, alg="None")), "algorithm"),
    "no signature": (by(lambda claims, _: unsigned(claims, alg="RS256")), "signature"),
    "tampered": (by(_tampered), "signature"),
    "HMAC by our secret": (
        by(lambda claims, _: signed(claims, jwk.OctKey.import_key(CLIENT[1]), alg="HS256")),
        "algorithm",
    ),
    "HMAC by the public key": (by(_by_public_key), "algorithm"),
    "a key of its own": (by(_by_own_key), "signature"),
    "a small key": (by(_small), "signature"),
    "another key": (
        by(lambda claims, _: signed(claims, jwk.RSAKey.generate_key(2048, {"kid": "one"}))),
        "signature",
    ),
    "no token": (by(lambda _claims, _idp: "nonsense"), "malformed"),
    "parts of nothing": (by(lambda _claims, _idp: "..x"), "malformed"),
    "mix-up": (lambda idp: idp.lies.answer.update(iss="https://evil.example"), "mix_up"),
    "mix-up by silence": (lambda idp: idp.lies.answer.update(iss=""), "mix_up"),
    "refused by the provider": (
        lambda idp: idp.lies.answer.update(error="access_denied", code=""),
        "provider_refused",
    ),
    "no code": (lambda idp: idp.lies.answer.update(code=""), "malformed"),
    "forged code": (lambda idp: idp.lies.answer.update(code="guessed"), "code"),
}


@pytest.mark.parametrize("attack", FORGED)
async def test_forged_answers(pg_url: str, attack: str):
    lie, reason = FORGED[attack]
    async with openid_provider() as idp, browser() as client:
        await set_up_oidc(idp.issuer)
        lie(idp)
        check_refused(pg_url, await sign_in(client), client, reason)


async def test_a_forged_or_foreign_state(pg_url: str):
    async with openid_provider() as idp, browser() as client, browser() as victim:
        await set_up_oidc(idp.issuer)
        path = "/session/sso/company/callback"
        for query in ({}, {"state": ""}, {"state": "guessed"}, {"state": "%00"}, {"state": "ü"}):
            answer = await client.get(path, params={"code": "x", "iss": idp.issuer, **query})
            check_refused(pg_url, answer, client, "state")
        # The attacker's own answer, in the browser of somebody who would then work in the attacker's account.
        back = await there_and_back(client, await depart(client))
        check_refused(pg_url, await victim.get(back), victim, "browser")
        doubled = await client.get(back + "&state=second")
        check_refused(pg_url, doubled, client, "malformed")


async def test_an_answer_counts_once(pg_url: str):
    async with openid_provider() as idp, browser() as client:
        await set_up_oidc(idp.issuer)
        back = await there_and_back(client, await depart(client))
        jar = dict(client.cookies)
        assert (await client.get(back)).status_code == 303
        client.cookies.clear()
        client.cookies.update(jar)
        answer = await client.get(back)
        assert answer.status_code == 403
        assert sessions.COOKIE_NAME not in client.cookies
    assert refusals(pg_url) == ["state"]


async def test_an_answer_that_comes_too_late(pg_url: str):
    async with openid_provider() as idp, browser() as client:
        await set_up_oidc(idp.issuer)
        back = await there_and_back(client, await depart(client))
        one_row(pg_url, "UPDATE sign_in_attempt SET expires_at = now() RETURNING id")
        check_refused(pg_url, await client.get(back), client, "state")


async def test_an_answer_to_another_provider_of_ours(pg_url: str):
    async with openid_provider() as idp, openid_provider() as evil, browser() as client:
        await set_up_oidc(idp.issuer)
        other = await set_up_oidc(evil.issuer, name="Evil")
        back = await there_and_back(client, await depart(client))
        check_refused(
            pg_url, await client.get(back.replace("/company/", f"/{other.slug}/")), client, "mix_up"
        )


async def test_a_description_of_somebody_else_is_not_followed(pg_url: str):
    async with openid_provider() as idp, browser() as client:
        await set_up_oidc(idp.issuer)
        idp.lies.metadata = {"issuer": "https://evil.example"}
        answer = await client.get("/session/sso/company/start")
        assert answer.status_code == 502
        assert "calls itself" in answer.text


async def test_next_never_leads_elsewhere_and_pkce_is_always_asked_for(pg_url: str):
    async with openid_provider() as idp, browser() as client:
        await set_up_oidc(idp.issuer)
        address = await depart(client, next="https://evil.example/")
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["code_challenge_method"] == "S256"
        assert len(asked["code_challenge"]) == 43
        assert asked["nonce"] != asked["state"]
        assert asked["redirect_uri"] == "http://reports.test/session/sso/company/callback"
        answer = await client.get(await there_and_back(client, address))
        assert answer.headers["Location"] == "/"
