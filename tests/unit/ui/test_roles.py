"""Roles in words: what holds everywhere is not mixed up with what holds on some boards."""

import pytest

from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.viewer import Grant, Viewer
from sprintreports.kit.errors import Forbidden
from sprintreports.ui import roles

ONE, TWO = frozenset({1}), frozenset({1, 2})


@pytest.mark.parametrize(
    ("grants", "words"),
    [
        ([Grant(Role.ADMIN)], ("Admin", "")),
        ([Grant(Role.USER), Grant(Role.MANAGER, ONE)], ("User", "Manager on 1 board")),
        ([Grant(Role.MANAGER), Grant(Role.USER, ONE)], ("Manager", "")),
        ([Grant(Role.MANAGER, ONE), Grant(Role.MANAGER, frozenset({2}))], ("Manager", "on 2 boards")),
        ([Grant(Role.VIEWER, TWO), Grant(Role.MANAGER, ONE)], ("Manager", "on 1 board; Viewer on 2 boards")),
        ([Grant(Role.USER, team_ids=TWO)], ("User", "for 2 teams")),
        ([Grant(Role.USER, ONE, TWO)], ("User", "on 1 board for 2 teams")),
        ([Grant(Role.USER, ONE), Grant(Role.USER, team_ids=ONE)], ("User", "on some boards or for some teams")),
        ([Grant(Role.VIEWER, frozenset())], ("Viewer", "without a board")),
        ([], ("Viewer", "without a board")),
    ],
)  # fmt: skip
def test_a_role_is_told_with_where_it_ends(grants: list[Grant], words: tuple[str, str]) -> None:
    assert roles.words(grants) == words


def test_a_role_that_ends_at_boards_is_not_called_too_low() -> None:
    limited = Viewer(1, "Mia", "mia@x.test", Role.MANAGER, board_ids=ONE)
    with pytest.raises(
        Forbidden, match=r"Your role \(Manager\) holds on some boards or for some teams alone"
    ):
        limited.require(Permission.USERS_READ)
    with pytest.raises(Forbidden, match=r"Your role \(Manager\) does not allow this"):
        limited.require(Permission.SETTINGS_READ)
