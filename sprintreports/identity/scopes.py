"""What a token, client or key is limited to: permissions, written with spaces between them (RFC 6749, 3.3)."""

from collections.abc import Iterable

from sprintreports.identity.permissions import Permission
from sprintreports.kit.errors import FieldProblem, Forbidden, Invalid

Scopes = frozenset[Permission]


class ScopeUnknown(Invalid):
    """A scope is unknown. docs/api.md lists the scopes; each is a permission such as sprints:read."""


class ScopeTooWide(Invalid):
    """More was asked for than may be given. Ask for fewer scopes."""


class ScopeMissing(Forbidden):
    """This key or client was not given the scope that this takes."""

    scope: str = ""

    @classmethod
    def of(cls, permission: Permission) -> "ScopeMissing":
        error = cls(f"This key or client was not given the scope {permission}.")
        error.scope = permission.value
        return error


def parse(text: str) -> Scopes | None:
    """The scopes that a request names; None when it names none. Raises ScopeUnknown."""
    return of_names(text.split(" ")) if text.strip(" ") else None


def of_names(names: Iterable[str]) -> Scopes:
    """Scopes by name. Raises ScopeUnknown."""
    given = {name for name in names if name}
    unknown = given - set(Permission)
    if unknown:
        raise ScopeUnknown(details=(FieldProblem("scopes", "This is not a scope: " + min(unknown)[:60]),))
    return frozenset(Permission(name) for name in given)


def known(names: Iterable[str]) -> Scopes:
    """Stored scopes; what an earlier version knew and this one does not, gives nothing."""
    return frozenset(Permission(name) for name in names if name in set(Permission))


def text_of(scopes: Iterable[Permission]) -> str:
    return " ".join(sorted(scopes))


def narrowed(asked: Scopes | None, most: Scopes) -> Scopes:
    """What is asked for, or all; never more than `most`. Raises ScopeTooWide."""
    if asked is None:
        return most
    if not asked <= most:
        raise ScopeTooWide
    return asked
