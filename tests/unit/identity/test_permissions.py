"""The matrix, cell by cell, as the user wrote it."""

from itertools import pairwise

import pytest

from sprintreports.identity.permissions import Permission, Role, allowed, may_grant
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import Forbidden

# Rows of the user's table; "R" reads, "RW" reads and writes, "-" neither. Columns in the order of Role.
MATRIX = {
    ("sprints", "capacity", "queues", "reports"): ("R", "R", "RW", "RW", "RW"),
    ("users",): ("-", "R", "R", "RW", "RW"),
    ("settings",): ("-", "-", "-", "RW", "RW"),
}
CELLS = [
    (role, subject, access, letter in cell)
    for subjects, cells in MATRIX.items()
    for subject in subjects
    for role, cell in zip(Role, cells, strict=True)
    for access, letter in (("read", "R"), ("write", "W"))
]


@pytest.mark.parametrize(("role", "subject", "access", "expected"), CELLS)
def test_each_cell_of_the_matrix(role: Role, subject: str, access: str, expected: bool) -> None:
    assert allowed(role, Permission(f"{subject}:{access}")) is expected


def test_the_matrix_knows_every_permission() -> None:
    assert {f"{subject}:{access}" for _, subject, access, _ in CELLS} == set(Permission)


def test_a_higher_role_can_do_all_that_a_lower_one_can() -> None:
    for lower, higher in pairwise(Role):
        assert lower.rank < higher.rank
        assert all(allowed(higher, found) for found in Permission if allowed(lower, found))


def test_only_super_admins_touch_super_admins() -> None:
    assert may_grant(Role.ADMIN, current=Role.VIEWER, new=Role.ADMIN)
    assert not may_grant(Role.ADMIN, current=Role.SUPER_ADMIN, new=Role.VIEWER)
    assert not may_grant(Role.ADMIN, current=None, new=Role.SUPER_ADMIN)
    assert may_grant(Role.SUPER_ADMIN, current=Role.SUPER_ADMIN, new=Role.VIEWER)
    assert not may_grant(Role.MANAGER, current=None, new=Role.VIEWER)


def test_require_names_the_role_that_is_not_enough() -> None:
    viewer = Viewer(user_id=1, name="Ada", email="ada@example.org", role=Role.VIEWER)
    viewer.require(Permission.SPRINTS_READ)
    with pytest.raises(Forbidden, match="Viewer"):
        viewer.require(Permission.SETTINGS_READ)
