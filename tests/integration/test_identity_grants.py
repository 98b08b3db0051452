"""Limited roles, one-time links, edits and removals of accounts, on a real database; each leaves its audit entry."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from sprintreports.identity import (
    accounts,
    grants,
    invitations,
    sessions,
    tokens,
    user_list,
    users,
)
from sprintreports.identity.invitations import Purpose
from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.user_list import SortBy
from sprintreports.identity.user_rows import UserState
from sprintreports.identity.viewer import Grant, Viewer
from sprintreports.kit.errors import Conflict, Forbidden, Invalid, NotFound
from tests.integration.counting import asked

NOW = datetime(2025, 3, 3, 9, tzinfo=UTC)
PASSWORD = "tall green yak 7"
SYSTEM = Viewer.system()
TWO = frozenset({1, 2})


async def make(session, name="ada", *, role: Role | None = Role.USER, password: str | None = PASSWORD):
    return await users.create(
        session, SYSTEM, email=f"{name}@example.org", password=password, role=role, name=name
    )


async def resolved(session, user_id: int) -> Viewer:
    """Who a browser of theirs is, and that a token of theirs says the same."""
    opened = await sessions.create(session, user_id=user_id, user_agent="", address="", now=NOW)
    found = await sessions.resolve(session, opened.token, now=NOW)
    assert found is not None
    pair = await tokens.issue(session, user_id=user_id, user_agent="", address="", now=NOW)
    assert await tokens.resolve(session, pair.access_token, now=NOW) == found.viewer
    return found.viewer


async def actions(session, user_id: int) -> list[str]:
    rows = await session.execute(
        text("SELECT action FROM audit_entry WHERE subject_kind = 'user' AND subject_id = :id ORDER BY id"),
        {"id": str(user_id)},
    )
    return [row[0] for row in rows]


async def test_a_role_without_limits_needs_no_grant(db_session) -> None:
    viewer = await resolved(db_session, (await make(db_session, role=Role.MANAGER)).id)
    assert (viewer.role, viewer.board_ids, viewer.team_ids, viewer.grants) == (Role.MANAGER, None, None, ())


async def test_limited_roles_add_to_the_one_everywhere(db_session) -> None:
    made = await make(db_session, role=Role.VIEWER)
    user = await grants.give(
        db_session, SYSTEM, user_id=made.id, everywhere=Role.VIEWER, limited=[Grant(Role.MANAGER, TWO)]
    )
    assert (user.role, user.everywhere) == (Role.MANAGER, Role.VIEWER)
    viewer = await resolved(db_session, made.id)
    assert viewer.boards_for(Permission.SPRINTS_READ) is None
    assert viewer.boards_for(Permission.SPRINTS_WRITE) == TWO
    viewer.require(Permission.SPRINTS_WRITE, board_id=1)
    with pytest.raises(Forbidden, match="on this board"):
        viewer.require(Permission.SPRINTS_WRITE, board_id=3)
    assert not viewer.can(Permission.USERS_READ), "a limited role gives nothing of the whole system"


async def test_somebody_of_one_board_sees_that_board_alone(db_session) -> None:
    made = await make(db_session)
    await grants.give(db_session, SYSTEM, user_id=made.id, everywhere=None, limited=[Grant(Role.VIEWER, TWO)])
    viewer = await resolved(db_session, made.id)
    assert (viewer.role, viewer.board_ids, viewer.team_ids) == (Role.VIEWER, TWO, None)
    nobody = await resolved(db_session, (await make(db_session, "none", role=None)).id)
    assert (nobody.role, nobody.board_ids) == (Role.VIEWER, frozenset())


async def test_a_team_is_a_slice_to_read(db_session) -> None:
    made = await make(db_session)
    grant = Grant(Role.MANAGER, TWO, frozenset({7}))
    await grants.give(db_session, SYSTEM, user_id=made.id, everywhere=None, limited=[grant])
    viewer = await resolved(db_session, made.id)
    assert (viewer.board_ids, viewer.team_ids) == (TWO, frozenset({7}))
    assert viewer.boards_for(Permission.SPRINTS_WRITE) == frozenset()
    viewer.require(Permission.SPRINTS_WRITE, board_id=1, team_ids=frozenset({7}))
    for touched in (None, frozenset({7, 8})):
        with pytest.raises(Forbidden):
            viewer.require(Permission.SPRINTS_WRITE, board_id=1, team_ids=touched)


@pytest.mark.parametrize(
    ("everywhere", "limited"),
    [
        (Role.USER, [Grant(Role.ADMIN, TWO)]),
        (Role.USER, [Grant(Role.SUPER_ADMIN, None, TWO)]),
        (Role.USER, [Grant(Role.MANAGER)]),
        (Role.USER, [Grant(Role.MANAGER, frozenset())]),
        (None, []),
        (None, [Grant(Role.VIEWER, TWO), Grant(Role.VIEWER, frozenset({3}), frozenset({7}))]),
        (None, [Grant(Role.VIEWER, frozenset({n}), frozenset({n})) for n in (1, 2)]),
        (Role.USER, [Grant(Role.MANAGER, frozenset({n})) for n in range(51)]),
    ],
)
async def test_what_cannot_be_granted_is_refused(db_session, everywhere, limited) -> None:
    made = await make(db_session)
    with pytest.raises(Invalid) as raised:
        await grants.give(db_session, SYSTEM, user_id=made.id, everywhere=everywhere, limited=limited)
    assert raised.value.details[0].field == "limited"
    assert (await users.one(db_session, made.id)).grants == (Grant(Role.USER),)


async def test_roles_by_groups_add_up_and_stay_when_others_are_given(db_session) -> None:
    made = await make(db_session)
    values = {"id": made.id}
    await db_session.execute(
        text("INSERT INTO role_grant (user_id, role, source) VALUES (:id, 'admin', 'group:1:ops')"), values
    )
    await grants.give(db_session, SYSTEM, user_id=made.id, everywhere=None, limited=[Grant(Role.USER, TWO)])
    assert [one.source for one in (await users.one(db_session, made.id)).granted] == ["group:1:ops", "manual"]
    viewer = await resolved(db_session, made.id)
    assert (viewer.role, viewer.board_ids) == (Role.ADMIN, None)
    assert viewer.can(Permission.SETTINGS_WRITE)


async def test_a_lost_grant_ends_what_was_open(db_session) -> None:
    made = await make(db_session, role=Role.MANAGER)
    opened = await sessions.create(db_session, user_id=made.id, user_agent="", address="", now=NOW)
    await grants.give(
        db_session, SYSTEM, user_id=made.id, everywhere=None, limited=[Grant(Role.MANAGER, TWO)]
    )
    assert await sessions.resolve(db_session, opened.token, now=NOW) is None
    assert (await actions(db_session, made.id))[-1] == "user.grants_changed"


async def test_nobody_changes_their_own_role_or_removes_themselves(db_session) -> None:
    await make(db_session, "second", role=Role.SUPER_ADMIN)
    me = await make(db_session, role=Role.SUPER_ADMIN)
    viewer = await resolved(db_session, me.id)
    for forbidden in (
        users.set_role(db_session, viewer, user_id=me.id, role=Role.ADMIN),
        users.set_active(db_session, viewer, user_id=me.id, active=False),
        accounts.delete(db_session, viewer, user_id=me.id, now=NOW),
        invitations.link_for(db_session, viewer, user_id=me.id, now=NOW),
        grants.give(db_session, viewer, user_id=me.id, everywhere=Role.ADMIN, limited=[]),
    ):
        with pytest.raises(users.Oneself):
            await forbidden


async def test_an_admin_does_not_touch_a_super_admin(db_session) -> None:
    await make(db_session, "first", role=Role.SUPER_ADMIN)
    boss = await make(db_session, "second", role=Role.SUPER_ADMIN)
    admin = await resolved(db_session, (await make(db_session, "admin", role=Role.ADMIN)).id)
    for forbidden in (
        users.set_role(db_session, admin, user_id=boss.id, role=Role.VIEWER),
        users.set_active(db_session, admin, user_id=boss.id, active=False),
        accounts.edit(db_session, admin, user_id=boss.id, changes=accounts.Edit(name="Mallory")),
        accounts.sign_out(db_session, admin, user_id=boss.id, now=NOW),
        accounts.delete(db_session, admin, user_id=boss.id, now=NOW),
        invitations.link_for(db_session, admin, user_id=boss.id, now=NOW),
        grants.give(db_session, admin, user_id=boss.id, everywhere=Role.VIEWER, limited=[]),
        invitations.invite(db_session, admin, email="x@example.org", role=Role.SUPER_ADMIN, now=NOW),
    ):
        with pytest.raises(Forbidden, match="super admin"):
            await forbidden


async def test_the_last_super_admin_stays_and_an_invited_one_does_not_count(db_session) -> None:
    last = await make(db_session, role=Role.SUPER_ADMIN)
    await make(db_session, "invited", role=Role.SUPER_ADMIN, password=None)
    for forbidden in (
        users.set_role(db_session, SYSTEM, user_id=last.id, role=None),
        users.set_active(db_session, SYSTEM, user_id=last.id, active=False),
        accounts.delete(db_session, SYSTEM, user_id=last.id, now=NOW),
        grants.give(db_session, SYSTEM, user_id=last.id, everywhere=Role.ADMIN, limited=[]),
    ):
        with pytest.raises(users.LastSuperAdmin):
            await forbidden


async def test_an_invited_person_sets_a_password_once(db_session) -> None:
    user, link = await invitations.invite(
        db_session, SYSTEM, email="new@example.org", role=Role.VIEWER, now=NOW
    )
    assert (user.state, user.has_password, link.purpose) == (UserState.INVITED, False, Purpose.INVITATION)
    stored = (await db_session.execute(text("SELECT token_hash FROM invitation"))).scalar_one()
    assert link.token.encode() not in bytes(stored)
    with pytest.raises(Invalid):
        await invitations.use(db_session, token=link.token, password="short", now=NOW)
    used = await invitations.use(db_session, token=f" {link.token} ", password=PASSWORD, now=NOW)
    assert (used.id, used.state) == (user.id, UserState.ACTIVE)
    with pytest.raises(invitations.LinkOver):
        await invitations.use(db_session, token=link.token, password=PASSWORD, now=NOW)
    assert await actions(db_session, user.id) == ["user.created", "user.invited", "password.changed"]


async def test_links_end_by_time_by_a_newer_one_and_with_the_account(db_session) -> None:
    made = await make(db_session)
    old = await invitations.link_for(db_session, SYSTEM, user_id=made.id, now=NOW)
    link = await invitations.link_for(db_session, SYSTEM, user_id=made.id, now=NOW)
    assert link.purpose is Purpose.PASSWORD_RESET
    late = NOW + timedelta(hours=24)
    for token, now in ((old.token, NOW), (link.token, late), ("", NOW), ("sri_\ud800\0", NOW)):
        with pytest.raises(invitations.LinkOver):
            await invitations.use(db_session, token=token, password="another good one 8", now=now)
    await users.set_active(db_session, SYSTEM, user_id=made.id, active=False)
    with pytest.raises(invitations.LinkOver):
        await invitations.use(db_session, token=link.token, password="another good one 8", now=NOW)
    with pytest.raises(invitations.NotActive):
        await invitations.link_for(db_session, SYSTEM, user_id=made.id, now=NOW)
    await invitations.purge(db_session, now=late)
    assert (await db_session.execute(text("SELECT count(*) FROM invitation"))).scalar_one() == 0


async def test_an_edit_keeps_addresses_apart_and_ends_sessions_where_the_sign_in_changes(db_session) -> None:
    made, _ = await make(db_session), await make(db_session, "grace")
    opened = await sessions.create(db_session, user_id=made.id, user_agent="", address="", now=NOW)
    changes = accounts.Edit(name=" Ada  Lovelace ", jira_account_id="5b10")
    user = await accounts.edit(db_session, SYSTEM, user_id=made.id, changes=changes)
    assert (user.name, user.jira_account_id, user.email) == ("Ada Lovelace", "5b10", "ada@example.org")
    assert await sessions.resolve(db_session, opened.token, now=NOW)
    for wrong, error in (
        (accounts.Edit(email="GRACE@example.org"), Conflict),
        (accounts.Edit(email="nothing"), Invalid),
        (accounts.Edit(username="a@b"), Invalid),
        (accounts.Edit(name="x" * 201), Invalid),
    ):
        with pytest.raises(error):
            await accounts.edit(db_session, SYSTEM, user_id=made.id, changes=wrong)
    user = await accounts.edit(
        db_session, SYSTEM, user_id=made.id, changes=accounts.Edit(email="countess@example.org")
    )
    assert user.username == "countess@example.org", "a user name that was the address follows it"
    assert await sessions.resolve(db_session, opened.token, now=NOW) is None
    user = await accounts.edit(db_session, SYSTEM, user_id=made.id, changes=accounts.Edit(jira_account_id=""))
    assert user.jira_account_id is None


async def test_a_forced_sign_out_and_a_deletion_end_everything(db_session) -> None:
    made = await make(db_session)
    opened = await sessions.create(db_session, user_id=made.id, user_agent="", address="", now=NOW)
    pair = await tokens.issue(db_session, user_id=made.id, user_agent="", address="", now=NOW)
    await accounts.sign_out(db_session, SYSTEM, user_id=made.id, now=NOW)
    assert await sessions.resolve(db_session, opened.token, now=NOW) is None
    assert await tokens.resolve(db_session, pair.access_token, now=NOW) is None
    assert await sessions.listing(db_session, user_id=made.id, now=NOW) == []
    assert (await resolved(db_session, made.id)).user_id == made.id, "signing in again is allowed"
    await accounts.delete(db_session, SYSTEM, user_id=made.id, now=NOW)
    with pytest.raises(NotFound):
        await users.one(db_session, made.id)
    assert (await user_list.listing(db_session, SYSTEM)).total == 0
    assert (await make(db_session)).id != made.id, "the address is free again"
    assert await actions(db_session, made.id) == ["user.created", "session.all_ended", "user.deleted"]


async def test_the_list_filters_and_sorts(db_session) -> None:
    await make(db_session, "boss", role=Role.SUPER_ADMIN)
    ada = await make(db_session, "ada", role=Role.VIEWER)
    bob = await make(db_session, "bob", role=Role.USER, password=None)
    eve = await make(db_session, "eve", role=None)
    await users.set_active(db_session, SYSTEM, user_id=ada.id, active=False)
    limited = [Grant(Role.USER, TWO)]
    await grants.give(db_session, SYSTEM, user_id=eve.id, everywhere=None, limited=limited)

    async def names(**wanted) -> list[str]:
        return [user.name for user in (await user_list.listing(db_session, SYSTEM, **wanted)).items]

    assert await names() == ["ada", "bob", "boss", "eve"]
    assert await names(descending=True) == ["eve", "boss", "bob", "ada"]
    assert await names(role=Role.USER) == ["bob", "eve"]
    assert await names(state=UserState.DEACTIVATED) == ["ada"]
    assert await names(state=UserState.INVITED) == ["bob"]
    assert await names(state=UserState.ACTIVE) == ["boss", "eve"]
    assert await names(sort=SortBy.ROLE, descending=True) == ["boss", "bob", "ada", "eve"]
    assert await names(sort=SortBy.EMAIL, search="BO") == ["bob", "boss"]
    assert bob.state is UserState.INVITED


async def test_ten_thousand_users_take_two_queries(db_session) -> None:
    await db_session.execute(
        text("""
        INSERT INTO user_account (email, username, name, hashed_password, role)
        SELECT 'u' || n || '@example.org', 'u' || n, 'User ' || n, 'x', 'viewer' FROM generate_series(1, 10000) AS n
        """)
    )
    await db_session.execute(
        text(
            "INSERT INTO role_grant (user_id, role, board_ids) SELECT id, 'manager', '{1}' FROM user_account"
        )
    )
    with asked() as seen:
        page = await user_list.listing(db_session, SYSTEM, search="user 99", page=2, per_page=50)
    assert (len(seen), page.total, len(page.items)) == (2, 111, 50)
    assert page.items[0].role is Role.MANAGER
