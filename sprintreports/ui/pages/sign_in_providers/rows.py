"""Providers as the page shows them, and what its form says as a draft."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from sprintreports.identity.permissions import Role
from sprintreports.identity.sso import saml_keys
from sprintreports.identity.sso.presets import PRESETS, Preset
from sprintreports.identity.sso.values import Draft, GroupRole, Kind, Options, Provider, SignedPart
from sprintreports.kit.errors import Invalid
from sprintreports.ui.dates import day
from sprintreports.ui.links import address

PRESET_OPTIONS = tuple((preset.key, preset.label) for preset in PRESETS.values())
NEW_ROLES = tuple((role.value, role.label) for role in Role if role.rank < Role.ADMIN.rank)
SIGNED_PARTS = (
    (SignedPart.EITHER.value, "The answer or the assertion"),
    (SignedPart.ASSERTION.value, "The assertion"),
    (SignedPart.RESPONSE.value, "The whole answer"),
    (SignedPart.BOTH.value, "Both"),
)
_TEXTS = (
    "groups_claim", "issuer", "client_id", "scopes", "authorize_url", "token_url", "profile_url", "emails_url",
    "subject_claim", "entity_id", "sso_url", "email_attribute", "name_attribute",
)  # fmt: skip
_FLAGS = ("creates_users", "trusts_addresses", "signs_requests")
# What of a provider stands in the form; its metadata is read and not kept.
FIELDS = frozenset({*_TEXTS, *_FLAGS, "name", "slug", "domains", "group_roles", "certificates"})


@dataclass
class ProviderLine:
    """One provider in the list."""

    id: str = ""
    name: str = ""
    kind: str = ""
    enabled: bool = False
    back: str = ""  # the address to enter at the provider
    metadata: str = ""  # of SAML alone
    test: str = ""  # there and back: a whole page's way, for the answers set cookies
    who: str = ""
    warning: str = ""
    changeable: bool = True  # a provider that a super admin signs in with is not, for other admins


@dataclass
class Claim:
    """Something that arrived."""

    name: str
    value: str


@dataclass
class Tested:
    """What a test has brought, in words. `tone`: empty while there is nothing to show."""

    tone: str = ""
    sentence: str = ""
    facts: list[Claim] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)


def provider_line(
    provider: Provider, *, now: datetime, zone: ZoneInfo, changeable: bool = True
) -> ProviderLine:
    options = provider.options
    saml = provider.kind is Kind.SAML
    return ProviderLine(
        id=str(provider.id),
        name=provider.name,
        kind=PRESETS[provider.preset].label if provider.preset in PRESETS else provider.kind.label,
        enabled=provider.enabled,
        back=provider.redirect_uri,
        metadata=provider.metadata_url if saml else "",
        test=address(f"/session/sso/{provider.slug}/start", purpose="test"),
        who=_who(options),
        warning=_warning(options, now=now, zone=zone) if saml else "",
        changeable=changeable,
    )


def tested(provider: Provider, result: dict[str, Any] | None, *, over: bool) -> Tested:
    """A test's result as the page says it."""
    if result is None:
        waiting = (
            "The test is over: nobody came back from the provider."
            if over
            else "The test is still under way."
        )
        return Tested("warn", f"{provider.name}: {waiting}")
    if "subject" not in result:
        return Tested("bad", f"{provider.name}: {result['refused']}")
    known: dict[Any, str] = {
        True: "yes, the provider says so",
        False: "no, the provider says so",
    }
    groups = result["groups"]
    told = (
        ("Name at the provider", result["subject"]),
        ("E-mail address", result["email"] or "none arrived"),
        ("Verified", known.get(result["email_verified"], "the provider does not say")),
        ("Name", result["name"] or "none arrived"),
        ("Groups", "none arrived" if groups is None else ", ".join(groups) or "none"),
        ("Roles by groups", ", ".join(Role(one).label for one in result["roles"]) or "none"),
    )
    return Tested(
        "bad" if result["refused"] else "good",
        f"{provider.name}: "
        + (f"would be refused. {result['refused']}" if result["refused"] else result["outcome"])
        + " Nobody was signed in.",
        [Claim(name, value) for name, value in told],
        [Claim(name, value) for name, value in result["claims"].items()],
    )


def form_values(provider: Provider | None, preset: Preset) -> dict[str, str]:
    """What stands in the form's fields."""
    options = provider.options if provider else preset.options
    values = {name: str(getattr(options, name)) for name in _TEXTS}
    return values | {
        "name": provider.name
        if provider
        else preset.label
        if preset.key not in {"oidc", "oauth2", "saml"}
        else "",
        "slug": provider.slug if provider else "",
        "domains": "\n".join(options.domains),
        "group_roles": "\n".join(f"{one.group} = {one.role.value}" for one in options.group_roles),
        "certificates": "\n\n".join(options.certificates),
        "default_role": options.default_role.value,
        "signed_part": options.signed_part.value,
        **{name: "yes" if getattr(options, name) else "" for name in _FLAGS},
    }


def draft(form: dict[str, Any], preset: Preset) -> Draft:
    """What the form says. Raises Invalid."""
    values: dict[str, Any] = {name: text_of(form, name) for name in _TEXTS}
    values |= {name: bool(form.get(name)) for name in _FLAGS}
    role, part = text_of(form, "default_role"), text_of(form, "signed_part")
    values |= {
        "domains": tuple(text_of(form, "domains").replace(",", "\n").split()),
        "certificates": tuple(one for one in text_of(form, "certificates").split("\n\n") if one.strip()),
        "group_roles": tuple(
            _group_role(line) for line in text_of(form, "group_roles").splitlines() if line.strip()
        ),
        "default_role": Role(role) if role in set(Role) else Role.VIEWER,
        "signed_part": SignedPart(part) if part in set(SignedPart) else SignedPart.EITHER,
    }
    return Draft(
        name=text_of(form, "name"),
        slug=text_of(form, "slug"),
        preset=preset.key,
        kind=preset.kind,
        client_secret=text_of(form, "client_secret"),
        options=Options(**values),
    )


def with_options(known: Draft, options: Options) -> Draft:
    return msgspec.structs.replace(known, options=options)


def _group_role(line: str) -> GroupRole:
    group, _, role = line.rpartition("=")
    if role.strip() not in set(Role) or not group.strip():
        raise Invalid(
            f"Write one group a line, such as developers = user. This is another thing: {line[:80]}"
        )
    return GroupRole(group.strip(), Role(role.strip()))


def _who(options: Options) -> str:
    where = f" of {', '.join(options.domains)}" if options.domains else ""
    if options.creates_users:
        return f"Everybody{where} gets in; who is new becomes {options.default_role.label.lower()}."
    return f"Who has an account here{where} gets in."


def _warning(options: Options, *, now: datetime, zone: ZoneInfo) -> str:
    ends = [saml_keys.read(one).ends_at for one in options.certificates]
    if not ends or max(ends) > now:
        return ""
    return (
        f"Its last certificate has ended on {day(max(ends), zone)}. Ask for the metadata anew and paste it."
    )


def text_of(form: dict[str, Any], name: str) -> str:
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""
