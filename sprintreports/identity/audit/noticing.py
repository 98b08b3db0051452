"""What the audit log tells about somebody's account is told to them too: a notice, made from the entry. Pure."""

from dataclasses import dataclass
from typing import Any, cast

from sprintreports.identity.audit.actions import Action, Outcome
from sprintreports.identity.audit.canonical import Entry
from sprintreports.identity.notices import kinds
from sprintreports.identity.notices.kinds import Parts, PasswordChange
from sprintreports.identity.permissions import Role

_CHANGES = {"owner": PasswordChange.CHANGED, "password_reset": PasswordChange.BY_LINK}


@dataclass(frozen=True, slots=True)
class Noticed:
    """Whom an entry concerns, and what they are told."""

    user_id: int
    parts: Parts


def noticed(entry: Entry) -> Noticed | None:
    """What the entry tells whom; None where it tells nobody anything."""
    if entry.outcome != Outcome.DONE:
        return None
    if entry.action == Action.API_KEY_CREATED:
        name, key_id = str(_of(entry.after).get("name", "")), int(entry.subject_id)
        return Noticed(entry.actor_id, kinds.ApiKeyMade(key_id, name)) if entry.actor_id else None
    if entry.subject_kind != "user" or not entry.subject_id.isdigit():
        return None
    parts = _about_account(entry, _of(entry.before), _of(entry.after))
    return None if parts is None else Noticed(int(entry.subject_id), parts)


def _about_account(entry: Entry, before: dict[str, Any], after: dict[str, Any]) -> Parts | None:
    match entry.action:
        case Action.PASSWORD_CHANGED:
            change = _CHANGES.get(after.get("by", ""))  # an invitation's first password is none that changed
            return None if change is None else kinds.Password(change)
        case Action.PASSWORD_RESET:
            return kinds.Password(PasswordChange.LINK_MADE)
        case Action.SECOND_FACTOR_CHANGED:
            by_owner = entry.actor_id == int(entry.subject_id)
            return kinds.SecondFactor(str(after.get("change", "")), by_owner)
        case Action.USER_CHANGED:
            fields: list[str] = after.get("fields") or []
            email, username = "email" in fields, "username" in fields
            return kinds.SignInName(email, username) if email or username else None
        case Action.IDENTITY_LINKED | Action.IDENTITY_UNLINKED:
            return kinds.ProviderLink(entry.action == Action.IDENTITY_LINKED, str(after.get("provider", "")))
        case Action.ROLE_CHANGED | Action.GRANTS_CHANGED:
            return _roles(before, after)
        case _:
            return None


def _roles(before: dict[str, Any], after: dict[str, Any]) -> Parts | None:
    """The roles that an entry tells of: the one without limits and grants, or what a provider's groups give."""
    if "role" not in before and "role" not in after:
        return kinds.RoleChange(_known(list(after.values())), limited=False, by_groups=True)
    grants = cast("list[dict[str, Any]]", after.get("grants") or [])
    held = [after.get("role"), *(grant.get("role") for grant in grants)]
    limited = any(grant.get("boards") is not None or grant.get("teams") is not None for grant in grants)
    return kinds.RoleChange(_known(held), limited)


def _known(roles: list[Any]) -> tuple[Role, ...]:
    return tuple(Role(role) for role in roles if role in set(Role))


def _of(told: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", told) if isinstance(told, dict) else {}
