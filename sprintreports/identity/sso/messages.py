"""The messages of OAuth 2.0 as Authlib writes them, with types, which Authlib's functions do not have."""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false

import hashlib
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge


def authorize_address(
    endpoint: str, *, client_id: str, redirect_uri: str, scope: str, state: str, verifier: str, **more: str
) -> str:
    """The address that asks for an authorisation code (RFC 6749 4.1.1) with PKCE (RFC 7636)."""
    return str(
        prepare_grant_uri(
            endpoint,
            client_id=client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope=scope,
            state=state,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
            **more,
        )
    )


def token_request(**fields: str) -> str:
    """The form that exchanges a code (RFC 6749 4.1.3)."""
    return prepare_token_request("authorization_code", "", **fields)


def basic(client_id: str, client_secret: str) -> str:
    """The Authorization header of a client; both parts are form-encoded first (RFC 6749 2.3.1)."""
    pair = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"
    return "Basic " + b64encode(pair.encode()).decode()


def half_hash(value: str, alg: str) -> str:
    """What at_hash has to be for an access token (OpenID Connect Core 3.1.3.6)."""
    # Ed25519 signs over SHA-512; every other algorithm's name ends with the size of its hash.
    name = f"sha{alg[2:]}" if alg[:2] in {"RS", "PS", "ES"} else "sha512"
    digest = hashlib.new(name, value.encode("ascii", "replace")).digest()
    return urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
