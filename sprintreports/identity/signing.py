"""Signs and checks access tokens: Ed25519, with a key derived from the master key."""

import hashlib
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from sprintreports.kit import crypto

_ALGORITHM = "Ed25519"
_TYPE = "at+jwt"  # RFC 9068: an access token is never taken for another kind of token


def sign(claims: dict[str, Any]) -> str:
    """A signed JSON Web Token with these claims."""
    key = _key(crypto.derive("identity.access-token"))
    header = {"alg": _ALGORITHM, "typ": _TYPE, "kid": key.kid}
    return jwt.encode(header, claims, key, algorithms=[_ALGORITHM])


def verify(token: str) -> dict[str, Any] | None:
    """The claims of a token that we signed, or None. Times and audience are the caller's to check."""
    try:
        return dict(_verified(token, crypto.derive("identity.access-token")))
    except (JoseError, ValueError):
        return None


@lru_cache(maxsize=2_048)
def _verified(token: str, seed: bytes) -> dict[str, Any]:
    """The claims, kept: a client sends the same token again and again, and who signed it does not change.

    What raises is not kept, so that bad tokens take no good one's place.
    """
    decoded = jwt.decode(token, _key(seed), algorithms=[_ALGORITHM])
    if decoded.header.get("typ") != _TYPE:
        raise ValueError("another kind of token")
    return decoded.claims


@lru_cache(maxsize=4)
def _key(seed: bytes) -> OKPKey:
    pem = Ed25519PrivateKey.from_private_bytes(seed).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return OKPKey.import_key(pem, {"kid": hashlib.sha256(b"kid" + seed).hexdigest()[:16]})
