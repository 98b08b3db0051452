"""The messages of OAuth 2.0 as Authlib writes them, with types, which Authlib's functions do not have."""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

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


def token_request(grant: str, **fields: str) -> str:
    """The form of a request to the token endpoint (RFC 6749 4.1.3 and 6)."""
    return prepare_token_request(grant, "", **fields)
