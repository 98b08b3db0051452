"""A state tree belongs to one session cookie. Reflex keys it by a token that the client chooses, which proves nothing."""

from hashlib import sha256

import reflex as rx
from reflex.state import BaseState

from sprintreports.identity import sessions


class Binding(rx.State):
    """The hash of the cookie that this tree was made for. Backend only: never sent to the browser."""

    _owner: str = ""
    # Page loads that the next one cut off: what the browser got of them is not known.
    _cuts: int = 0


def cookie_value(header: str, name: str) -> str:
    """One cookie's value out of a Cookie header; empty when it is missing."""
    for part in header.split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value
    return ""


def session_cookie(state: BaseState) -> str:
    """The session cookie that this browser sent when its socket connected. No event can change it."""
    return cookie_value(state.router.headers.cookie, sessions.cookie_name())


def browser_zone(state: BaseState) -> str:
    """The time zone that the browser told (assets/boot.js); over https the cookie's name has the prefix for one host."""
    header = state.router.headers.cookie
    return cookie_value(header, "__Host-tz") or cookie_value(header, "tz")


async def is_bound(state: BaseState) -> bool:
    """Whether the tree was made for the cookie that the event comes with."""
    return (await state.get_state(Binding))._owner == _mark(state)  # noqa: SLF001  # backend variables begin with _


async def start_afresh(state: BaseState) -> None:
    """Forget everything in the tree and bind it to the cookie that the event comes with."""
    state._get_root_state().reset()  # noqa: SLF001  # Reflex has no public name for it
    (await state.get_state(Binding))._owner = _mark(state)  # noqa: SLF001


async def note_cut(state: BaseState) -> None:
    """Before a page load: count the one before when it has not come to its end."""
    if not (await state.get_state(rx.State)).is_hydrated:
        (await state.get_state(Binding))._cuts += 1  # noqa: SLF001


async def cuts(state: BaseState) -> int:
    """How many loads were cut off by the next one."""
    return (await state.get_state(Binding))._cuts  # noqa: SLF001


def _mark(state: BaseState) -> str:
    # Not the cookie itself: states may be stored outside this process.
    return sha256(session_cookie(state).encode()).hexdigest()
