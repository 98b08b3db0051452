"""An entry as bytes that are the same wherever it is read from, and the codes that are made of them. Pure."""

import hashlib
import hmac
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

PURPOSE = "audit"  # the name that its key is derived under
START = b""  # the hash before the first


@dataclass(frozen=True, slots=True)
class Entry:
    """What an entry says, as it is stored."""

    id: int
    at: datetime
    action: str
    outcome: str
    actor_id: int | None
    subject_kind: str
    subject_id: str
    before: Any
    after: Any
    address: str
    request_id: str
    mac: bytes = b""

    def content(self) -> bytes:
        """All that it says, in an order and a spelling of its own: JSON that went through the database is the same."""
        return json.dumps(
            [
                self.id, self.at.astimezone(UTC).isoformat(timespec="microseconds"), self.action, self.outcome,
                self.actor_id, self.subject_kind, self.subject_id, _plain(self.before), _plain(self.after), self.address,
                self.request_id,
            ],
            ensure_ascii=True, separators=(",", ":"), sort_keys=True,
        ).encode()  # fmt: skip

    def sealed(self, keys: Mapping[bytes, bytes]) -> bool:
        """Whether its own code is the one that its writer made. `keys`: by their ids."""
        return fits(keys, self.mac, self.content())


def linked(previous: bytes, position: int, entry: Entry) -> bytes:
    """What the hash at a position is made of."""
    place = position.to_bytes(8, "big")
    return hashlib.sha256(previous).digest() + place + entry.mac + entry.content()


def fits(keys: Mapping[bytes, bytes], code: bytes, content: bytes) -> bool:
    """Whether a code (key id and HMAC-SHA256) was made of this content with one of the keys."""
    key = keys.get(code[:4])
    if key is None:
        return False
    return hmac.compare_digest(code[4:], hmac.new(key, content, hashlib.sha256).digest())


def storable(value: Any) -> Any:
    """Plain JSON that PostgreSQL takes: its text knows neither NUL nor lone surrogates."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {storable(str(key)): storable(item) for key, item in cast("dict[Any, Any]", value).items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [storable(item) for item in cast("list[Any]", value)]
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return storable(str(value))


def _plain(value: Any) -> Any:
    """Numbers by their value: the database writes 1e2 as 100."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_plain(item) for item in cast("list[Any]", value)]
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = Decimal(str(value))
        return {"": format(number.normalize() if number else Decimal(0), "E")}
    return value
