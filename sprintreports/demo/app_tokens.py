"""How Jira signs what it sends to an app: a JSON Web Token, HS256 under the app's secret, in the Authorization header.

Source: Atlassian, "Webhooks", authentication of webhooks for OAuth 2.0 apps. Which claims it holds is not described.
"""

import base64
import hashlib
import hmac
import time

import msgspec

_MINUTES = 3 * 60


def bearer(secret: str) -> str:
    """The header's value, good for three minutes."""
    now = int(time.time())
    head = _part({"alg": "HS256", "typ": "JWT"})
    signed = head + b"." + _part({"iss": "standin", "iat": now, "exp": now + _MINUTES})
    signature = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return f"Bearer {(signed + b'.' + _text(signature)).decode()}"


def _part(value: object) -> bytes:
    return _text(msgspec.json.encode(value))


def _text(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")
