"""AES-256-GCM for stored secrets: version, key id, nonce, ciphertext; the context is associated data.

One key seals; old ones still open what they sealed, until `sprintreports rotate-secrets` has sealed it anew.
"""

import base64
import hashlib
import hmac
import os
import secrets
import shlex
import subprocess
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
HEAD_BYTES = len(_VERSION) + _ID_BYTES  # what of a sealed secret says which key sealed it


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


def _from_command(command: str) -> bytes:
    """What a key service's own program prints. It runs once a process, without a shell."""
    name, seconds = "SPRINTREPORTS_SECRET_KEY_COMMAND", settings().secret_key_command_seconds
    try:
        done = subprocess.run(
            shlex.split(command), stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=seconds
        )
    except subprocess.TimeoutExpired as error:
        raise SecretKeyMissing(
            f"{name} did not print the key within {seconds:g} seconds. Run it by hand to see why."
        ) from error
    except (OSError, ValueError) as error:
        raise SecretKeyMissing(
            f"{name} cannot be run ({error}). Correct it: a program and its arguments."
        ) from error
    if done.returncode:
        raise SecretKeyMissing(f"{name} ended with {done.returncode}. Run it by hand to see why.")
    return _decode(done.stdout.decode("ascii", "replace"), source=f"The output of {name}")


def _current() -> bytes:
    chosen = settings()
    from_environment = chosen.secret_key.get_secret_value()
    if from_environment:
        return _decode(from_environment, source="SPRINTREPORTS_SECRET_KEY")
    if chosen.secret_key_command:
        return _from_command(chosen.secret_key_command)
    if not chosen.key_file.exists():
        raise SecretKeyMissing()
    return _decode(chosen.key_file.read_text(), source=str(chosen.key_file))


def _earlier() -> list[bytes]:
    chosen = settings()
    keys = [
        _decode(text, source="SPRINTREPORTS_SECRET_KEY_OLD")
        for text in chosen.secret_key_old.get_secret_value().replace(",", " ").split()
    ]
    path = chosen.secret_key_old_file
    if path is not None:
        if not path.is_file():
            raise SecretKeyMissing(f"{path} (SPRINTREPORTS_SECRET_KEY_OLD_FILE) does not exist.")
        keys += [_decode(line, source=str(path)) for line in path.read_text().split()]
    return keys


@cache
def _keys() -> dict[bytes, bytes]:
    """All keys by their ids; the first one seals."""
    current = _current()
    return {_key_id(key): key for key in (current, *_earlier())}


def load() -> None:
    """Read the keys now, so that a missing one is known before anything else is done. Raises SecretKeyMissing."""
    _keys()


def forget_key() -> None:
    """Read the keys again at their next use."""
    _keys.cache_clear()


def key_ids() -> tuple[bytes, ...]:
    """The ids of all keys; the first one seals."""
    return tuple(_keys())


def derive(purpose: str, *, length: int = 32) -> bytes:
    """A key of its own for one purpose (HMAC-SHA256 of the purpose under the master key)."""
    if length > 32:
        raise ValueError("at most 32 bytes")
    return derived(purpose)[key_ids()[0]][:length]


def derived(purpose: str) -> dict[bytes, bytes]:
    """The same of every key, by their ids: what was made with an earlier one still has to be checked."""
    return {name: hmac.new(key, purpose.encode(), hashlib.sha256).digest() for name, key in _keys().items()}


def code(purpose: str, content: bytes) -> bytes:
    """The key's id, and an HMAC-SHA256 that only who has the key can make."""
    return key_ids()[0] + hmac.new(derive(purpose), content, hashlib.sha256).digest()


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"key-id" + key).digest()[:_ID_BYTES]


def head() -> bytes:
    """How everything begins that is sealed with the present key."""
    return _VERSION + key_ids()[0]


def seal(plain: bytes, *, context: str) -> bytes:
    """Encrypt; `context` (such as "site:7") must be the same when it is opened."""
    nonce, start = secrets.token_bytes(_NONCE_BYTES), head()
    return start + nonce + AESGCM(_keys()[key_ids()[0]]).encrypt(nonce, plain, start + context.encode())


def unseal(sealed: bytes, *, context: str) -> bytes:
    """Decrypt what `seal` made for the same context, with this key or an earlier one. Raises SecretKeyWrong."""
    start, rest = sealed[:HEAD_BYTES], sealed[HEAD_BYTES:]
    key = _keys().get(start[len(_VERSION) :])
    if key is None or not start.startswith(_VERSION):
        raise SecretKeyWrong()
    try:
        return AESGCM(key).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], start + context.encode())
    except (InvalidTag, ValueError) as error:
        raise SecretKeyWrong() from error
