"""Random bearer values: what is handed out, and what is stored of it."""

import hashlib
import secrets


def new_token(prefix: str = "") -> str:
    """256 random bits, safe in a cookie, a header and a form."""
    return prefix + secrets.token_urlsafe(32)


def hash_token(token: str) -> bytes:
    """What the database keeps: the value has 256 bits of its own, so a plain SHA-256 is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
