"""AES-256-GCM for stored secrets: version, key id, nonce, ciphertext; the context is associated data."""

import base64
import hashlib
import hmac
import os
import secrets
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sprintreports.kit.errors import SprintReportsError
from sprintreports.settings import settings

_VERSION = b"\x01"
_KEY_BYTES = 32
_ID_BYTES = 4
_NONCE_BYTES = 12


class SecretKeyWrong(SprintReportsError):
    """A stored secret cannot be opened with this key. Set SPRINTREPORTS_SECRET_KEY (or the key file) to the key
    that the data was stored with."""


class SecretKeyMissing(SprintReportsError):
    """There is no secret key. Set SPRINTREPORTS_SECRET_KEY to 32 random bytes in base64, or
    SPRINTREPORTS_SECRET_KEY_FILE to a file that holds them."""


def _decode(text: str, *, source: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except ValueError as error:
        raise SecretKeyMissing(f"{source} is not base64. It must be 32 random bytes in base64.") from error
    if len(key) != _KEY_BYTES:
        raise SecretKeyMissing(f"{source} holds {len(key)} bytes. It must be 32 random bytes in base64.")
    return key


def create_key_file(path: Path) -> None:
    """Make a new key, readable by this user alone. An existing file is never replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode() + "\n")


@cache
def _master_key() -> bytes:
    from_environment = settings().secret_key.get_secret_value()
    if from_environment:
        return _decode(from_environment, source="SPRINTREPORTS_SECRET_KEY")
    path = settings().key_file
    if not path.exists():
        raise SecretKeyMissing()
    return _decode(path.read_text(), source=str(path))


def forget_key() -> None:
    """Read the key again at its next use."""
    _master_key.cache_clear()


def derive(purpose: str, *, length: int = 32) -> bytes:
    """A key of its own for one purpose (HMAC-SHA256 of the purpose under the master key)."""
    if length > 32:
        raise ValueError("at most 32 bytes")
    return hmac.new(_master_key(), purpose.encode(), hashlib.sha256).digest()[:length]


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"key-id" + key).digest()[:_ID_BYTES]


def seal(plain: bytes, *, context: str) -> bytes:
    """Encrypt; `context` (such as "site:7") must be the same when it is opened."""
    key = _master_key()
    nonce = secrets.token_bytes(_NONCE_BYTES)
    head = _VERSION + _key_id(key)
    return head + nonce + AESGCM(key).encrypt(nonce, plain, head + context.encode())


def unseal(sealed: bytes, *, context: str) -> bytes:
    """Decrypt what `seal` made for the same context. Raises SecretKeyWrong."""
    key = _master_key()
    head, rest = sealed[: 1 + _ID_BYTES], sealed[1 + _ID_BYTES :]
    if head != _VERSION + _key_id(key):
        raise SecretKeyWrong()
    try:
        return AESGCM(key).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], head + context.encode())
    except InvalidTag as error:
        raise SecretKeyWrong() from error
