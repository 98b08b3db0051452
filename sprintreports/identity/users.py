"""People: create, find, change roles and activity, check a password at sign-in. The list is `user_list`."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit, passwords, sign_in_policy, throttle, viewers
from sprintreports.identity.audit.refusals import refused
from sprintreports.identity.permissions import Permission, Role, may_grant
from sprintreports.identity.user_rows import COLUMNS, User, user_of
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound
from sprintreports.observability import logs

log = logs.get("identity.users")

_LONGEST_ADDRESS, _LONGEST_USERNAME, _LONGEST_NAME = 255, 100, 200
_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)*")
# Somebody who was invited and has never come cannot help when nobody else can.
_SUPER_ADMINS = f"""{viewers.IS_SUPER_ADMIN} AND u.is_active AND u.deleted_at IS NULL
    AND (u.hashed_password IS NOT NULL OR u.last_sign_in_at IS NOT NULL)"""
# Whoever changes who is a super admin holds this lock, so that two changes at once cannot remove the last one.
_LOCK_SUPER_ADMINS = text("SELECT pg_advisory_xact_lock(hashtext('identity.super_admins'))")

NO_ADDRESS = "Enter an e-mail address such as ada@example.org."
NO_NAME = "Enter a name of at most 200 printable characters."


class AddressTaken(Conflict):
    """A user with this e-mail address or user name exists already. Choose another one."""


class LastSuperAdmin(Conflict):
    """This is the last super admin. Make someone else a super admin first."""


class AlreadySetUp(Conflict):
    """The first admin exists already. Sign in, or ask an admin for an account."""


class Oneself(Conflict):
    """Nobody does this to their own account. Ask another admin, or use your profile."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """How a try to sign in ended. Returned, not raised, so that a failure is counted in a committed transaction."""

    user: User | None
    retry_after: int = 0  # seconds; above 0: too many tries, and the password was not looked at
    off: bool = False  # passwords open nothing here

    @property
    def message(self) -> str:
        if self.off:
            return "Signing in with a password is switched off here. Use your company's sign-in."
        if self.retry_after:
            return f"Too many failed tries. Wait {self.retry_after} seconds and try again."
        return "" if self.user else "The e-mail address or the password is wrong."


async def create(
    session: AsyncSession,
    viewer: Viewer,
    *,
    email: str,
    password: str | None,
    role: Role | None,
    name: str = "",
    username: str = "",
) -> User:
    """Make a user. Raises Forbidden, Invalid (address, password) or AddressTaken.

    `password` None: they set one by an invitation, or sign in through a provider. `role` None: grants follow.
    """
    check_may(viewer, new=role)
    user = await _insert(session, email=email, password=password, role=role, name=name, username=username)
    await audit.record(
        session, viewer, audit.Action.USER_CREATED, subject=("user", user.id), after={"role": role}
    )
    return user


async def create_first_admin(
    session: AsyncSession, *, email: str, password: str, now: datetime, name: str = ""
) -> User:
    """Make the first super admin. Raises AlreadySetUp when there is a user already, also when two try at once.

    For the command line, which is trusted; the browser's first run goes through `first_run.claim`.
    """
    await session.execute(text("INSERT INTO installation (id) VALUES (1) ON CONFLICT DO NOTHING"))
    taken = await session.execute(
        text(
            "UPDATE installation SET first_admin_at = :now, setup_code_hash = NULL "
            "WHERE id = 1 AND first_admin_at IS NULL RETURNING id"
        ),
        {"now": now},
    )
    if taken.one_or_none() is None or await any_exist(session):
        raise AlreadySetUp
    return await _insert(
        session, email=email, password=password, role=Role.SUPER_ADMIN, name=name, username=""
    )


async def any_exist(session: AsyncSession) -> bool:
    """Whether there is any user: False means that the first run is still to come."""
    result = await session.execute(text("SELECT EXISTS (SELECT FROM user_account WHERE deleted_at IS NULL)"))
    return bool(result.scalar_one())


async def authenticate(
    session: AsyncSession, *, login: str, password: str, address: str, now: datetime
) -> SignIn:
    """Check an e-mail address or user name with its password, counting failures.

    Commit the transaction whatever the outcome. An unknown user takes as long as a wrong password.
    """
    account = login.strip().casefold()
    if not (await sign_in_policy.read(session)).local_sign_in:
        await _refused(session, None, "local sign-in is off", now=now)
        return SignIn(user=None, off=True)
    wait = await throttle.take(session, account=account, address=address, now=now)
    if wait:
        log.warning("sign_in_throttled", address=address, retry_after=wait)
        await _refused(session, None, "too many tries", now=now)
        return SignIn(user=None, retry_after=wait)
    found = (await session.execute(_BY_LOGIN, {"login": storable(account)})).mappings().one_or_none()
    stored: str | None = found["hashed_password"] if found else None
    fits = await passwords.matches(password, stored)
    if (
        not fits
        or found is None
        or stored is None
        or not await _note_sign_in(session, found["id"], password=password, stored=stored, now=now)
    ):
        log.warning("sign_in_failed", address=address, known_user=found["id"] if found else None)
        reason = "wrong password" if found else "unknown user"
        await _refused(session, found["id"] if found else None, reason, now=now)
        return SignIn(user=None)
    await throttle.clear(session, account=account, address=address, now=now)
    log.info("signed_in", user_id=found["id"], address=address)
    return SignIn(user=user_of(found))


async def _refused(session: AsyncSession, user_id: int | None, reason: str, *, now: datetime) -> None:
    # Counted, not written one by one: guesses come by the thousand.
    kind, what = ("user", str(user_id)) if user_id else ("sign-in", reason)
    await refused(session, None, what=what, reason=reason, now=now, action=audit.Action.SIGN_IN, kind=kind)


async def one(session: AsyncSession, user_id: int) -> User:
    """The user of an id. Raises NotFound."""
    query = text(f"SELECT {COLUMNS} FROM user_account WHERE id = :id AND deleted_at IS NULL")
    row = (await session.execute(query, {"id": user_id})).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such user.")
    return user_of(row)


async def to_change(
    session: AsyncSession, viewer: Viewer, user_id: int, *, new: Role | None = None, loses: bool = False
) -> User:
    """The user, when `viewer` may change them (into one of role `new`), locked until the transaction ends.

    `loses`: they stop to be a super admin by it, if they are one. Raises Forbidden, LastSuperAdmin, NotFound.
    """
    viewer.require(Permission.USERS_WRITE)
    await session.execute(_LOCK_SUPER_ADMINS)
    user = await one(session, user_id)
    check_may(viewer, current=user.role, new=new)
    if loses:
        await _keep_a_super_admin(session, user)
    return user


def check_may(viewer: Viewer, *, current: Role | None = None, new: Role | None = None) -> None:
    """Raises Forbidden unless the viewer may make, or change into one of role `new`, a user of role `current`."""
    viewer.require(Permission.USERS_WRITE)
    if not may_grant(viewer.role, current=current, new=new or Role.VIEWER):
        raise Forbidden("Only a super admin makes, changes or removes super admins.")


async def set_role(session: AsyncSession, viewer: Viewer, *, user_id: int, role: Role | None) -> User:
    """Change the role that holds everywhere; all that the user holds (sessions, tokens) ends.

    Raises Forbidden, Oneself, LastSuperAdmin, NotFound.
    """
    user = await to_change(session, viewer, user_id, new=role, loses=role is not Role.SUPER_ADMIN)
    if role is user.everywhere:
        return user
    not_oneself(viewer, user)
    await change(session, user_id, "role = :role", {"role": role})
    await audit.record(
        session,
        viewer,
        audit.Action.ROLE_CHANGED,
        subject=("user", user_id),
        before={"role": user.everywhere},
        after={"role": role},
    )
    return await one(session, user_id)


def not_oneself(viewer: Viewer, user: User) -> None:
    """Raises Oneself: nobody changes their own role, deactivates or deletes themselves."""
    if viewer.user_id == user.id:
        raise Oneself


async def set_active(session: AsyncSession, viewer: Viewer, *, user_id: int, active: bool) -> User:
    """Deactivate or reactivate; deactivation ends sessions and tokens at once."""
    user = await to_change(session, viewer, user_id, loses=not active)
    if user.is_active is active:
        return user
    not_oneself(viewer, user)
    await change(session, user_id, "is_active = :active", {"active": active})
    action = audit.Action.USER_REACTIVATED if active else audit.Action.USER_DEACTIVATED
    await audit.record(session, viewer, action, subject=("user", user_id))
    return await one(session, user_id)


async def set_password(session: AsyncSession, *, user_id: int, password: str) -> None:
    """Set a password. All sessions and tokens of the user end; the caller makes a new session where one is wanted."""
    user = await one(session, user_id)
    passwords.check(password, personal=(user.email, user.username, user.name))
    await change(session, user_id, "hashed_password = :hash", {"hash": await passwords.hashed(password)})
    log.info("password_changed", user_id=user_id)


_BY_LOGIN = text(
    f"SELECT {COLUMNS}, hashed_password FROM user_account "
    "WHERE (lower(email) = :login OR lower(username) = :login) AND is_active AND deleted_at IS NULL "
    "ORDER BY lower(email) = :login DESC LIMIT 1"
)


async def _insert(
    session: AsyncSession, *, email: str, password: str | None, role: Role | None, name: str, username: str
) -> User:
    email, name = email.strip(), " ".join(name.split())
    username = username.strip() or email[:_LONGEST_USERNAME]
    check_texts(email=email, username=username, name=name)
    if password is not None:
        passwords.check(password, personal=(email, username, name))
    values = {
        "email": email,
        "username": username,
        "name": name or email.partition("@")[0],
        "hash": None if password is None else await passwords.hashed(password),
        "role": role,
    }
    try:
        async with session.begin_nested():
            result = await session.execute(
                text(
                    "INSERT INTO user_account (email, username, name, hashed_password, role) "
                    f"VALUES (:email, :username, :name, :hash, :role) RETURNING {COLUMNS}"
                ),
                values,
            )
            user = user_of(result.mappings().one())
    except IntegrityError as error:
        raise AddressTaken from error
    log.info("user_created", user_id=user.id, role=role)
    return user


def check_texts(*, email: str, username: str, name: str) -> None:
    """Raises Invalid with all that is wrong."""
    problems: list[FieldProblem] = []
    if len(email) > _LONGEST_ADDRESS or not email.isprintable() or not _ADDRESS.fullmatch(email):
        problems.append(FieldProblem("email", NO_ADDRESS))
    if len(username) > _LONGEST_USERNAME or not username.isprintable():
        problems.append(FieldProblem("username", "Choose a user name of at most 100 printable characters."))
    if "@" in username and username != email[:_LONGEST_USERNAME]:
        problems.append(FieldProblem("username", "A user name holds no @, unless it is the e-mail address."))
    if len(name) > _LONGEST_NAME or not name.isprintable():
        problems.append(FieldProblem("name", NO_NAME))
    if problems:
        raise Invalid(problems[0].message, details=tuple(problems))


async def _keep_a_super_admin(session: AsyncSession, user: User) -> None:
    if user.role is not Role.SUPER_ADMIN or not user.is_active:
        return
    others = text(f"SELECT EXISTS (SELECT FROM user_account u WHERE {_SUPER_ADMINS} AND u.id <> :id)")
    if not (await session.execute(others, {"id": user.id})).scalar_one():
        raise LastSuperAdmin


async def change(session: AsyncSession, user_id: int, assignment: str, values: dict[str, Any]) -> None:
    """Write to an account, whereby all sessions and tokens issued before end at once."""
    statement = text(
        f"UPDATE user_account SET {assignment}, credentials_version = credentials_version + 1, updated_at = now() "
        "WHERE id = :id"
    )
    await session.execute(statement, {**values, "id": user_id})


async def _note_sign_in(
    session: AsyncSession, user_id: int, *, password: str, stored: str, now: datetime
) -> bool:
    """Whether the password still is theirs: another one, or the account's end, may have come while it was checked.

    The row stays locked, so that what is opened with it is opened before such a change, or not at all.
    """
    fresh = await passwords.hashed(password) if passwords.is_stale(stored) else stored
    statement = text(
        "UPDATE user_account SET last_sign_in_at = :now, hashed_password = :hash "
        "WHERE id = :id AND hashed_password = :stored AND is_active AND deleted_at IS NULL RETURNING id"
    )
    values = {"now": now, "hash": fresh, "id": user_id, "stored": stored}
    return (await session.execute(statement, values)).one_or_none() is not None


def storable(value: str) -> str:
    # PostgreSQL's text knows neither NUL nor lone surrogates.
    return value.replace("\0", "").encode("utf-8", "replace").decode()
