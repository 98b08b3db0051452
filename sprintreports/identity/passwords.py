"""Password hashes (argon2id) and the rules for choosing one: long, and none that others know already. No composition rules.

A password is taken as it is given: not cut, not folded. It holds until its owner changes it.
"""

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar
from weakref import WeakKeyDictionary

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from sprintreports.identity.breached_passwords import is_breached
from sprintreports.identity.common_passwords import is_common
from sprintreports.kit.errors import FieldProblem, Invalid

MINIMUM = 12
MAXIMUM = 256
SHORT = f"Choose a password of at least {MINIMUM} characters. A few unrelated words are easy to remember."
LONG = f"Choose a password of at most {MAXIMUM} characters."
EASY = "This password is easy to guess. Choose one that is no common word, pattern, name or address."
STOLEN = "This password is in lists that were stolen elsewhere, so it is tried first. Choose another one."
_NAME = 4  # shorter names are found in many words
_AT_ONCE = 2  # argon2 takes a whole core and 46 MiB

T = TypeVar("T")

_hasher = PasswordHasher(time_cost=2, memory_cost=46 * 1024, parallelism=1)
# What a password is held against where there is no user: no password has this hash, and it costs as much as any other.
_OF_NOBODY = f"$argon2id$v=19$m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}${'A' * 22}${'A' * 43}"
_workers = ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="argon2")
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


def turn() -> asyncio.Semaphore:
    """Wait here before opening a sign-in's transaction, so that a flood of tries holds no connections.

    Used as `async with passwords.turn(), transaction() as session:`.
    """
    loop = asyncio.get_running_loop()
    return _turns.setdefault(loop, asyncio.Semaphore(2 * _AT_ONCE))


def problem(password: str, *, personal: tuple[str, ...] = ()) -> str | None:
    """Why a password may not be chosen, or None. `personal`: the user's address and names."""
    if len(password) < MINIMUM:
        return SHORT
    if len(password) > MAXIMUM:
        return LONG
    if is_common(password) or _is_personal(password, personal):
        return EASY
    if is_breached(password):
        return STOLEN
    return None


def check(password: str, *, field: str = "password", personal: tuple[str, ...] = ()) -> None:
    """Raises Invalid, naming the field, when the password may not be chosen."""
    found = problem(password, personal=personal)
    if found:
        raise Invalid(found, details=(FieldProblem(field, found),))


async def hashed(password: str) -> str:
    """The argon2id hash of a password, computed off the event loop."""
    return await _apart(lambda: _hasher.hash(_normal(password)))


async def matches(password: str, stored: str | None) -> bool:
    """Whether a password fits a stored hash. Takes the same time where there is no user or no hash."""
    fits = await _apart(partial(_verify, stored or _OF_NOBODY, password))
    return fits and stored is not None


def is_stale(stored: str) -> bool:
    """Whether a hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, _normal(password))
    except (VerificationError, InvalidHashError):
        return False


def _normal(password: str) -> bytes:
    # The same characters typed on another system may be composed differently (NIST SP 800-63B).
    return unicodedata.normalize("NFKC", password[: 4 * MAXIMUM]).encode("utf-8", "surrogatepass")


def _is_personal(password: str, personal: tuple[str, ...]) -> bool:
    lowered = password.casefold()
    words = {word for text in personal for word in (text.casefold(), text.casefold().partition("@")[0])}
    return any(len(word) >= _NAME and word in lowered and len(word) * 2 > len(lowered) for word in words)


async def _apart(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_workers, work)
