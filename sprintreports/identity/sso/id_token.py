"""Whether an ID token may be believed (OpenID Connect Core 3.1.3.7)."""

import hmac
import json
from base64 import urlsafe_b64decode
from datetime import datetime
from math import isfinite
from typing import Any, cast

from joserfc import jwk, jwt
from joserfc.errors import JoseError

from sprintreports.identity.sso import discovery
from sprintreports.identity.sso.discovery import Metadata
from sprintreports.identity.sso.errors import SignInRefused
from sprintreports.identity.sso.messages import half_hash

# Signatures by a key pair alone: `none` is no signature, and HS256 would take our secret, or a public key, as the key.
_KEY_TYPES = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
    **dict.fromkeys(("EdDSA", "Ed25519"), "OKP"),
}
SKEW = 60  # seconds that two clocks may differ by
_OLDEST = 3600
_LONGEST = 64_000
_SMALLEST_RSA = 2048


async def checked(
    token: str, *, provider: Metadata, client_id: str, nonce: str, access_token: str, now: datetime
) -> dict[str, Any]:
    """The claims of an ID token that was made by this provider, for us, in answer to this request, just now.

    Raises SignInRefused, or ProviderFailed when the provider's keys cannot be read.
    """
    alg, kid = _head(token)
    keys = await discovery.keys(provider.jwks_url, kid=kid, now=now)
    claims = _opened(token, alg, kid, keys)
    if claims is None:
        keys = await discovery.keys(provider.jwks_url, kid=kid, now=now, again=True)
        claims = _opened(token, alg, kid, keys)
    if claims is None:
        raise _refused("its signature fits none of the provider's keys", "signature")
    _check_origin(claims, issuer=provider.issuer, client_id=client_id)
    _check_times(claims, now=int(now.timestamp()))
    said = claims.get("nonce")
    if not isinstance(said, str) or not hmac.compare_digest(said.encode("utf-8", "replace"), nonce.encode()):
        raise _refused("it answers another request than ours (nonce)", "nonce")
    at_hash = claims.get("at_hash")
    if at_hash is not None and at_hash != half_hash(access_token, alg):
        raise _refused("it belongs to another access token (at_hash)", "at_hash")
    return claims


def _head(token: str) -> tuple[str, str | None]:
    try:
        first, _, _ = token.split(".")
        head = json.loads(urlsafe_b64decode(first + "=" * (-len(first) % 4)))
        alg, kid = head["alg"], head.get("kid")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _refused("it is no signed token", "malformed") from None
    if len(token) > _LONGEST or not isinstance(alg, str) or not isinstance(kid, str | None):
        raise _refused("it is no signed token", "malformed")
    if alg not in _KEY_TYPES:
        raise _refused(f"it is signed by a method that is not accepted ({alg[:20]})", "algorithm")
    return alg, kid


def _opened(token: str, alg: str, kid: str | None, keys: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The claims, if one of the keys has signed them."""
    for entry in keys:
        fits = entry.get("kty") == _KEY_TYPES[alg] and entry.get("use", "sig") == "sig"
        if (
            not fits
            or _is_small(entry)
            or (kid is not None and entry.get("kid") != kid)
            or entry.get("alg", alg) != alg
        ):
            continue
        try:
            key = jwk.import_key(cast("Any", entry))
            return dict(jwt.decode(token, key, algorithms=[alg]).claims)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return None


def _is_small(entry: dict[str, Any]) -> bool:
    """Whether an RSA key is shorter than what may still be believed."""
    modulus = entry.get("n")
    return isinstance(modulus, str) and len(modulus) * 6 < _SMALLEST_RSA


def _check_origin(claims: dict[str, Any], *, issuer: str, client_id: str) -> None:
    if claims.get("iss") != issuer:
        raise _refused("another provider has issued it (iss)", "issuer")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject.isprintable() or not 0 < len(subject) <= 255:
        raise _refused("it does not say whom it is about (sub)", "subject")
    audience: Any = claims.get("aud")
    audiences = cast("list[Any]", audience) if isinstance(audience, list) else [audience]
    if client_id not in audiences:
        raise _refused("it was made for another application (aud)", "audience")
    azp = claims.get("azp")
    if (azp is not None or len(audiences) > 1) and azp != client_id:
        raise _refused("it was made for another application (azp)", "azp")


def _check_times(claims: dict[str, Any], *, now: int) -> None:
    expires, issued, not_before = (_seconds(claims.get(name)) for name in ("exp", "iat", "nbf"))
    if expires is None or issued is None:
        raise _refused("it does not say from when until when it holds (exp, iat)", "expired")
    if expires + SKEW <= now:
        raise _refused("it has expired (exp)", "expired")
    if issued - SKEW > now or (not_before is not None and not_before - SKEW > now):
        raise _refused("it is from the future: a clock is wrong (iat, nbf)", "early")
    if issued + _OLDEST + SKEW < now:
        raise _refused("it was made too long ago (iat)", "expired")


def _seconds(value: Any) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value):
        return None
    return float(value)


def _refused(what: str, reason: str) -> SignInRefused:
    return SignInRefused(
        f"The identity provider's ID token was refused: {what}. Start again from the sign-in page; if it happens again, "
        "tell an admin.",
        reason=reason,
    )
