"""Access tokens that were not made by us, or not as access tokens, are nothing."""

import base64
import json

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from sprintreports.identity import signing


def _part(value: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_what_we_signed_is_read_back() -> None:
    assert signing.verify(signing.sign({"sub": "7"})) == {"sub": "7"}


def test_claims_are_the_callers_own_and_hold_under_one_key(monkeypatch: pytest.MonkeyPatch) -> None:
    token = signing.sign({"sub": "7"})
    claims = signing.verify(token)
    assert claims is not None
    claims["sub"] = "8"
    assert signing.verify(token) == {"sub": "7"}
    monkeypatch.setattr(signing.crypto, "derive", lambda _purpose: b"another key of thirty-two bytes!")
    assert signing.verify(token) is None


def test_a_changed_token_is_refused() -> None:
    head, _, signature = signing.sign({"sub": "7"}).split(".")
    assert signing.verify(f"{head}.{_part({'sub': '8'})}.{signature}") is None


def test_unsigned_and_symmetric_tokens_are_refused() -> None:
    assert signing.verify(f"{_part({'alg': 'none', 'typ': 'at+jwt'})}.{_part({'sub': '7'})}.") is None
    forged = jwt.encode({"alg": "HS256", "typ": "at+jwt"}, {"sub": "7"}, OctKey.generate_key(256))
    assert signing.verify(forged) is None


def test_noise_is_refused() -> None:
    for noise in ("", ".", "..", "a.b.c", "\0", "x" * 10_000, "ü.ü.ü", "\ud800"):
        assert signing.verify(noise) is None
