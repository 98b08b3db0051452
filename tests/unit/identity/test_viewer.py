"""What several grants show and allow together: never more than each of them."""

import pytest

from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.viewer import Grant, Viewer, is_one_view, seen_by
from sprintreports.kit.errors import Forbidden

A, B, AB = frozenset({1}), frozenset({2}), frozenset({1, 2})
X, Y, XY = frozenset({7}), frozenset({8}), frozenset({7, 8})


def grant(boards: frozenset[int] | None = None, teams: frozenset[int] | None = None) -> Grant:
    return Grant(Role.VIEWER, boards, teams)


@pytest.mark.parametrize(
    ("grants", "seen", "whole_of_it"),
    [
        ([], (frozenset(), None), True),
        ([grant()], (None, None), True),
        ([grant(A), grant(B)], (AB, None), True),
        ([grant(A), grant()], (None, None), True),
        ([grant(A, X)], (A, X), True),
        ([grant(None, X), grant(None, Y)], (None, XY), True),
        ([grant(A, X), grant(AB)], (AB, None), True),
        ([grant(A, X), grant(B)], (B, None), False),
        ([grant(None, X), grant(B)], (B, None), False),
        ([grant(A, X), grant(B, XY)], (AB, X), False),
        ([grant(A, X), grant(B, Y)], (AB, frozenset()), False),
    ],
)
def test_several_grants_are_one_view(grants, seen, whole_of_it) -> None:
    assert seen_by(grants) == seen
    assert is_one_view(grants) is whole_of_it


def test_a_viewer_without_grants_is_one_role() -> None:
    manager = Viewer(1, "M", "m@x.test", Role.MANAGER, board_ids=A)
    manager.require(Permission.SPRINTS_WRITE, board_id=1)
    with pytest.raises(Forbidden, match="on this board"):
        manager.require(Permission.SPRINTS_WRITE, board_id=2)
    with pytest.raises(Forbidden):
        manager.require(Permission.USERS_READ)


def test_a_scope_narrows_what_grants_give() -> None:
    key = Viewer(
        1,
        "K",
        "k@x.test",
        Role.ADMIN,
        scopes=frozenset({Permission.SPRINTS_READ}),
        grants=(Grant(Role.ADMIN),),
    )
    assert key.can(Permission.SPRINTS_READ)
    assert not key.can(Permission.USERS_WRITE)


def test_a_scope_to_write_shows_what_is_written_and_nothing_else() -> None:
    scopes = frozenset({Permission.SETTINGS_WRITE})
    program = Viewer(1, "P", "p@example.org", Role.ADMIN, scopes=scopes)
    assert {one for one in Permission if program.can(one)} == {
        Permission.SETTINGS_READ,
        Permission.SETTINGS_WRITE,
    }
    reader = Viewer(1, "P", "p@example.org", Role.ADMIN, scopes=frozenset({Permission.SETTINGS_READ}))
    assert {one for one in Permission if reader.can(one)} == {Permission.SETTINGS_READ}
    nobody = Viewer(1, "P", "p@example.org", Role.MANAGER, scopes=scopes)
    assert not any(nobody.can(one) for one in Permission)
