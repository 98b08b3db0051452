"""A socket that was opened while its session held: after each event that ends it, the next word on it is refused."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from sprintreports.identity.permissions import Role
from sprintreports.kit import db
from sprintreports.kit.embedded import EmbeddedPostgres
from tests.integration.matrix_socket import Tab, opened
from tests.integration.matrix_support import Ground, Person, _person, standing

LOAD = "reflex___state____state.sprintreports___ui___pages___overview___state____overview.load"
LEAVE = "/sign-in?next="

Event = Callable[[Ground, Person], tuple[str, str, Any]]
EVENTS: dict[str, Event] = {
    "role lowered": lambda _, who: (
        "PUT",
        f"/users/{who.user_id}/grants",
        {"role": Role.VIEWER, "limited": []},
    ),
    "limited to a board": lambda ground, who: (
        "PUT",
        f"/users/{who.user_id}/grants",
        {"role": None, "limited": [{"role": Role.MANAGER, "board_ids": [ground.ids["board"]]}]},
    ),
    "deactivated": lambda _, who: ("PATCH", f"/users/{who.user_id}", {"active": False}),
    "deleted": lambda _, who: ("DELETE", f"/users/{who.user_id}", None),
    "erased": lambda _, who: ("POST", f"/users/{who.user_id}/erasure", None),
    "address changed": lambda _, who: ("PATCH", f"/users/{who.user_id}", {"email": "other@example.org"}),
    "signed out by an admin": lambda _, who: ("POST", f"/users/{who.user_id}/sign-out", None),
    "second factor taken away": lambda _, who: ("DELETE", f"/users/{who.user_id}/second-factor", None),
    "signed out elsewhere": lambda _, __: ("DELETE", "/users/me/sessions", None),
}


@pytest.fixture(scope="module")
def ground(
    postgres: EmbeddedPostgres, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    with standing(postgres, template, tmp_path_factory.mktemp("sockets")) as ready:
        yield ready


async def _somebody() -> dict[str, Person]:
    try:
        return {
            event: await _person(f"socket-{place}", Role.MANAGER) for place, event in enumerate([*EVENTS, ""])
        }
    finally:
        await db.dispose()


def _hears(tab: Tab) -> str:
    tab.fire(LOAD)
    return tab.settle()


def test_an_open_socket_dies_with_its_session(ground: Ground) -> None:
    with ThreadPoolExecutor(1) as apart:  # pytest-asyncio keeps a loop in this one
        people = apart.submit(lambda: asyncio.run(_somebody())).result()
    with ExitStack() as stack:
        tabs = {
            event: stack.enter_context(opened(ground.url, cookie=who.cookie)) for event, who in people.items()
        }
        for event, tab in tabs.items():
            said = _hears(tab)
            assert '"ready"' in said, event
            assert LEAVE not in said, event
        for event, asked in EVENTS.items():
            who = people[event]
            method, path, body = asked(ground, who)
            by = who.credential if "/me/" in path else ground.people["super_admin"].credential
            answer = httpx.request(method, f"{ground.url}/api/v1{path}", json=body, headers=by)
            assert answer.is_success, f"{event}: {answer.text}"
            said = _hears(tabs[event])
            assert LEAVE in said, event
            assert '"ready"' not in said, event
        assert LEAVE not in _hears(tabs[""]), "who was left alone stays in"
