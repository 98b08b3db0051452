"""The token that Jira sends along to an app that registered its webhook by OAuth 2.0: HS256 under the app's secret.

Source: Atlassian, "Webhooks", authentication for OAuth 2.0 apps. Which claims the token holds is not described there: a
time that it names has to be right, and nothing else is looked at.
"""

import time

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from joserfc.jwt import JWTClaimsRegistry

_LEEWAY = 60
_LONGEST = 8192


def of(authorization: str | None) -> str | None:
    """The token of an Authorization header, None where there is none."""
    scheme, _, token = (authorization or "").strip().partition(" ")
    return token.strip() if scheme.casefold() == "bearer" and token.strip() else None


def genuine(secret: str, token: str) -> bool:
    """Whether the app's secret signed this token, and it is not too old."""
    if not secret or len(token) > _LONGEST:
        return False
    try:
        claims = jwt.decode(token, OctKey.import_key(secret), algorithms=["HS256"]).claims
        JWTClaimsRegistry(now=int(time.time()), leeway=_LEEWAY).validate(claims)
    except (JoseError, ValueError, TypeError):
        return False
    return True
