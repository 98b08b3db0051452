"""What an admin may enter for a provider: checked whole, told field by field."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import msgspec

from sprintreports.identity.permissions import Role
from sprintreports.identity.sso import saml_keys
from sprintreports.identity.sso.presets import PRESETS, issuer_of
from sprintreports.identity.sso.values import Draft, Kind, Options
from sprintreports.kit.errors import FieldProblem, Invalid

_SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
_SCOPES = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*")
_LONGEST = 1000
_MOST = 200


def check_draft(draft: Draft, *, keeps_secret: bool = False) -> Draft:
    """The draft as it is stored: the preset's values filled in, everything trimmed. Raises Invalid."""
    preset = PRESETS.get(draft.preset)
    if preset is None:
        raise Invalid("Choose one of the presets.")
    name = " ".join(draft.name.split())
    slug = draft.slug.strip() or re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-")
    options = _tidied(draft.options, draft.preset)
    problems: list[FieldProblem] = []

    def wrong(field: str, message: str) -> None:
        problems.append(FieldProblem(field, message))

    if not name or len(name) > 100 or not name.isprintable():
        wrong(
            "name", "Give the provider a name of at most 100 printable characters: it stands on its button."
        )
    if not _SLUG.fullmatch(slug):
        wrong("slug", "A short name has lower-case letters, digits and dashes, at most 40.")
    problems += [FieldProblem(field, message) for field, message in _people(options)]
    own = {Kind.OIDC: _oidc, Kind.OAUTH2: _oauth2, Kind.SAML: _saml}[preset.kind](options)
    problems += [FieldProblem(field, message) for field, message in own]
    if preset.kind is Kind.OAUTH2 and not (draft.client_secret or keeps_secret):
        wrong("client_secret", "Enter the client secret.")
    if len(draft.client_secret) > _LONGEST:
        wrong("client_secret", "A client secret is not that long.")
    if problems:
        raise Invalid("The provider was not kept.", details=tuple(problems))
    return msgspec.structs.replace(draft, name=name, slug=slug, kind=preset.kind, options=options)


def _tidied(options: Options, key: str) -> Options:
    preset = PRESETS[key]
    values: dict[str, Any] = {
        name: (value.strip() if type(value) is str else value) or getattr(preset.options, name)
        for name, value in msgspec.structs.asdict(options).items()
    }
    values["issuer"] = issuer_of(preset, options.issuer) if preset.kind is Kind.OIDC else ""
    values["domains"] = _lines(one.strip().lower().lstrip("@") for one in options.domains)
    values["certificates"] = _lines(map(saml_keys.plain, options.certificates))
    return Options(**values)


def _lines(entered: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in entered if one))


def _people(options: Options) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    found += [
        ("domains", f"{one[:80]} is no domain such as example.org.")
        for one in options.domains
        if not _DOMAIN.fullmatch(one)
    ]
    if options.trusts_addresses and not options.domains:
        found.append(("domains", "Name the domains whose addresses this provider is trusted for."))
    if options.creates_users and not options.domains:
        found.append(("domains", "Name the domains whose people get an account, so that strangers do not."))
    if options.default_role.rank >= Role.ADMIN.rank:
        found.append(
            ("default_role", "New people become managers at most. Make admins by hand or by a group.")
        )
    if any(one.role is Role.SUPER_ADMIN for one in options.group_roles):
        found.append(("group_roles", "A group makes admins at most. Super admins are made by hand."))
    if any(
        not one.group.strip() or len(one.group) > 200 or not one.group.isprintable()
        for one in options.group_roles
    ):
        found.append(("group_roles", "A group has a name of at most 200 printable characters."))
    if options.group_roles and not options.groups_claim:
        found.append(("groups_claim", "Say where the provider tells the groups, such as groups."))
    if max(len(options.domains), len(options.group_roles), len(options.certificates)) > _MOST:
        found.append(("group_roles", f"At most {_MOST} lines each."))
    return found


def _oidc(options: Options) -> list[tuple[str, str]]:
    found = _addresses(options, "issuer") + _client(options)
    if "openid" not in options.scopes.split():
        found.append(("scopes", "The scopes of OpenID Connect begin with openid."))
    return found


def _oauth2(options: Options) -> list[tuple[str, str]]:
    more = ("emails_url",) if options.emails_url else ()
    return _addresses(options, "authorize_url", "token_url", "profile_url", *more) + _client(options)


def _saml(options: Options) -> list[tuple[str, str]]:
    found = _addresses(options, "sso_url")
    if not options.entity_id or len(options.entity_id) > 1024 or not options.entity_id.isprintable():
        found.append(("entity_id", "Enter the provider's entity id, as its metadata says it."))
    if not options.certificates:
        found.append(("certificates", "Enter at least one certificate of the provider."))
    for certificate in options.certificates:
        try:
            saml_keys.read(certificate)
        except ValueError as error:
            found.append(("certificates", str(error)))
    return found


def _client(options: Options) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if not options.client_id or len(options.client_id) > _LONGEST or not options.client_id.isprintable():
        found.append(("client_id", "Enter the client ID."))
    if options.scopes and not _SCOPES.fullmatch(options.scopes):
        found.append(("scopes", "Scopes are words with single spaces between them."))
    return found


def _addresses(options: Options, *fields: str) -> list[tuple[str, str]]:
    return [
        (field, "Enter an address that begins with https://, without a name, a password or a # in it.")
        for field in fields
        if not is_address(getattr(options, field))
    ]


def is_address(value: str) -> bool:
    """Whether this is a web address. Without TLS, `without_tls` has to agree too."""
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    plain = (
        not parts.username
        and not parts.password
        and not parts.fragment
        and value.isascii()
        and value.isprintable()
    )
    return (
        bool(host) and plain and parts.scheme in {"https", "http"} and len(value) <= 1024 and " " not in value
    )
