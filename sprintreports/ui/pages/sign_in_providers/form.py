"""The form of one provider: a preset first, then only what that kind of provider needs."""

from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.identity.sso import providers, saml_metadata
from sprintreports.identity.sso.presets import PRESETS
from sprintreports.identity.sso.values import Kind
from sprintreports.settings import settings
from sprintreports.ui import telling
from sprintreports.ui.components.basics import notice
from sprintreports.ui.components.live import drawer
from sprintreports.ui.components.webhook import copyable
from sprintreports.ui.links import identifier
from sprintreports.ui.pages.sign_in_providers import rows
from sprintreports.ui.pages.sign_in_providers.rows import NEW_ROLES, PRESET_OPTIONS, SIGNED_PARTS
from sprintreports.ui.pages.sign_in_providers.state import SignInProviders
from sprintreports.ui.session import acts, visit

_FIRST = PRESETS["google"]


class ProviderForm(rx.State):
    """What was typed stays in the browser until it is kept; a stored secret never comes back."""

    is_open: bool = False
    complaint: str = ""
    id: str = ""
    title: str = ""
    preset: str = _FIRST.key
    kind: str = _FIRST.kind.value
    help: str = ""
    issuer_label: str = ""
    issuer_example: str = ""
    asks_issuer: bool = False
    has_secret: bool = False
    back: str = ""
    metadata: str = ""
    values: dict[str, str] = rows.form_values(None, _FIRST)

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def begin(self) -> None:
        self._show(_FIRST.key)
        self.is_open = True

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def choose(self, preset: str) -> None:
        self._show(preset if preset in PRESETS else _FIRST.key)

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def edit(self, provider_id: str) -> None:
        here = visit()
        provider = await providers.one(here.session, here.viewer, identifier(provider_id) or 0)
        self._show(provider.preset)
        self.id, self.title, self.has_secret = str(provider.id), provider.name, provider.has_secret
        self.values = rows.form_values(provider, PRESETS[provider.preset])
        self._name(provider.slug)
        self.is_open = True

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def name_it(self, slug: str) -> None:
        """The address to enter at the provider, as soon as the short name is known."""
        self._name(slug[:40])

    @rx.event
    @acts(Permission.SETTINGS_READ)
    async def close(self) -> None:
        self.reset()

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def keep(self, form: dict[str, Any]) -> Any:
        here = visit()
        self.complaint = ""
        draft = rows.draft(form, PRESETS[self.preset])
        options = await saml_metadata.applied(
            draft.options,
            text=rows.text_of(form, "metadata"),
            url=rows.text_of(form, "metadata_url"),
        )
        draft = rows.with_options(draft, options)
        known = identifier(self.id)
        if known is None:
            await providers.create(here.session, here.viewer, draft)
        else:
            await providers.change(here.session, here.viewer, known, draft)
        self.reset()
        page = await self.get_state(SignInProviders)
        await page._read()  # noqa: SLF001  # what begins without _ is a handler
        return telling.good("Kept." if known else "Kept, and switched off: test it, then switch it on.")

    def _show(self, key: str) -> None:
        preset = PRESETS[key]
        self.complaint, self.id, self.title, self.has_secret = "", "", "A new provider", False
        self.preset, self.kind, self.help = key, preset.kind.value, preset.help
        self.issuer_label, self.issuer_example = preset.issuer_label, preset.example
        self.asks_issuer = preset.kind is Kind.OIDC and "{}" in preset.issuer
        self.values = rows.form_values(None, preset) | {"slug": key}
        self._name(key)

    def _name(self, slug: str) -> None:
        base = f"{settings().public_url.rstrip('/')}/session/sso/{slug}"
        saml = self.kind == Kind.SAML.value
        self.back = f"{base}/{'acs' if saml else 'callback'}"
        self.metadata = f"{base}/metadata" if saml else ""


def provider_form() -> rx.Component:
    """The panel at the right."""
    return drawer(
        rx.el.div(
            rx.el.header(
                rx.el.h2(ProviderForm.title),
                rx.el.button(
                    rx.icon("x", size=18),
                    type="button",
                    class_name="icon-button",
                    on_click=ProviderForm.close,
                    custom_attrs={"aria-label": "Close"},
                ),
                class_name="drawer-head",
            ),
            rx.cond(ProviderForm.complaint != "", notice(ProviderForm.complaint, tone="bad")),
            # Closed, it is not there: opened again, it is empty.
            rx.cond(ProviderForm.is_open, _form()),
            class_name="drawer-body",
        ),
        open=ProviderForm.is_open,
        label=ProviderForm.title,
        on_close=ProviderForm.close,
    )


def _form() -> rx.Component:
    return rx.el.form(
        rx.cond(ProviderForm.id == "", _preset()),
        rx.el.p(ProviderForm.help),
        _names(),
        _addresses(),
        rx.match(
            ProviderForm.kind,
            (Kind.SAML.value, _saml()),
            (Kind.OAUTH2.value, rx.fragment(_client(), _oauth2())),
            rx.fragment(rx.cond(ProviderForm.asks_issuer, _issuer()), _client()),
        ),
        _people(),
        _groups(),
        rx.el.div(rx.el.button("Keep", type="submit", class_name="button primary"), class_name="row"),
        on_submit=ProviderForm.keep,
        key=ProviderForm.preset + ProviderForm.id,
        class_name="stack",
    )


def _preset() -> rx.Component:
    return _field(
        "Provider",
        "preset",
        rx.el.select(
            *[rx.el.option(label, value=key) for key, label in PRESET_OPTIONS],
            id="p-preset",
            name="preset",
            value=ProviderForm.preset,
            on_change=ProviderForm.choose,
        ),
    )


def _names() -> rx.Component:
    short = rx.el.input(
        id="p-slug",
        name="slug",
        type="text",
        required=True,
        max_length=40,
        pattern="[a-z0-9]([a-z0-9\\-]*[a-z0-9])?",
        auto_complete="off",
        default_value=ProviderForm.values["slug"],
        on_blur=ProviderForm.name_it,
    )
    return rx.fragment(
        _text("Name", "name", "It stands on the button: “Sign in with …”.", required=True),
        rx.cond(
            ProviderForm.id == "",
            _field("Short name", "slug", short, "Part of the address below, and stays as it is."),
        ),
    )


def _addresses() -> rx.Component:
    return rx.fragment(
        rx.el.div(
            rx.el.p("Enter this address at the provider, letter by letter:", class_name="label"),
            copyable(name="the redirect address", value=ProviderForm.back),
        ),
        rx.cond(
            ProviderForm.metadata != "",
            rx.el.div(
                rx.el.p("Or give it our metadata, which also is our entity ID:", class_name="label"),
                copyable(name="the address of our metadata", value=ProviderForm.metadata),
            ),
        ),
    )


def _issuer() -> rx.Component:
    return _field(
        ProviderForm.issuer_label,
        "issuer",
        rx.el.input(
            id="p-issuer",
            name="issuer",
            type="text",
            required=True,
            max_length=1024,
            placeholder=ProviderForm.issuer_example,
            auto_complete="off",
            spell_check=False,
            default_value=ProviderForm.values["issuer"],
        ),
    )


def _client() -> rx.Component:
    secret = rx.el.input(
        id="p-client_secret", name="client_secret", type="password", max_length=1000, auto_complete="off"
    )
    return rx.fragment(
        _text("Client ID", "client_id", required=True),
        _field(
            "Client secret",
            "client_secret",
            secret,
            rx.cond(
                ProviderForm.has_secret,
                "One is stored. Leave this empty to keep it.",
                "Stored encrypted, and never shown again.",
            ),
        ),
        _text("Scopes", "scopes"),
    )


def _oauth2() -> rx.Component:
    return rx.el.details(
        rx.el.summary("Addresses of the provider"),
        rx.el.div(
            _text("Authorisation", "authorize_url"),
            _text("Token", "token_url"),
            _text("Who has signed in", "profile_url"),
            _text("Their e-mail addresses", "emails_url", "As GitHub lists them; empty where there is none."),
            _text("What names a person", "subject_claim", "A field that never changes, such as id."),
            class_name="stack",
        ),
        open=ProviderForm.preset == "oauth2",
    )


def _saml() -> rx.Component:
    return rx.fragment(
        _area("Metadata of the provider", "metadata", "Paste all of it; the fields below are read from it."),
        _text("Or its address", "metadata_url", "It is read once, when you keep this."),
        rx.el.details(
            rx.el.summary("What was read from it"),
            rx.el.div(
                _text("Entity ID of the provider", "entity_id"),
                _text("Where people sign in (HTTP-Redirect)", "sso_url"),
                _area(
                    "Certificates",
                    "certificates",
                    "An empty line between two: when the provider changes its certificate, both hold for a while.",
                ),
                class_name="stack",
            ),
            open=ProviderForm.id != "",
        ),
        _choice("What has to be signed", "signed_part", SIGNED_PARTS),
        _flag("Sign our requests with a key of our own", "signs_requests"),
        _text("Attribute with the e-mail address", "email_attribute", "Empty: the usual names are tried."),
        _text("Attribute with the name", "name_attribute", "Empty: the usual names are tried."),
    )


def _people() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend("Who gets in"),
        _area("Allowed e-mail domains", "domains", "One a line. Empty: any, for people who have an account."),
        _flag("Trust this provider for the addresses of these domains", "trusts_addresses"),
        rx.el.p(
            "For providers that do not say whether an address is verified (SAML, Microsoft). An address decides whose "
            "account it is at the first sign-in.",
            class_name="help",
        ),
        _flag("Make an account for people of these domains who have none", "creates_users"),
        _choice("Their role", "default_role", NEW_ROLES),
        class_name="stack tight",
    )


def _groups() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend("Roles by groups"),
        _text("Claim or attribute with the groups", "groups_claim", "Such as groups, or realm_access.roles."),
        _area(
            "Groups and their roles",
            "group_roles",
            "One a line, such as developers = user. Given, and taken away again, at each sign-in. Roles: viewer, user, "
            "manager, admin.",
        ),
        class_name="stack tight",
    )


def _field(label: Any, name: str, control: rx.Component, help_text: Any = "") -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=f"p-{name}"),
        control,
        rx.el.span(help_text, class_name="help"),
        class_name="field",
    )


def _text(label: str, name: str, help_text: str = "", *, required: bool = False) -> rx.Component:
    control = rx.el.input(
        id=f"p-{name}",
        name=name,
        type="text",
        required=required,
        max_length=1024,
        auto_complete="off",
        spell_check=False,
        default_value=ProviderForm.values[name] if name in rows.FIELDS else "",
    )
    return _field(label, name, control, help_text)


def _area(label: str, name: str, help_text: str) -> rx.Component:
    control = rx.el.textarea(
        id=f"p-{name}",
        name=name,
        rows="3",
        spell_check=False,
        default_value=ProviderForm.values[name] if name in rows.FIELDS else "",
    )
    return _field(label, name, control, help_text)


def _choice(label: str, name: str, options: tuple[tuple[str, str], ...]) -> rx.Component:
    control = rx.el.select(
        *[rx.el.option(text, value=value) for value, text in options],
        id=f"p-{name}",
        name=name,
        default_value=ProviderForm.values[name],
    )
    return _field(label, name, control)


def _flag(label: str, name: str) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            id=f"p-{name}",
            name=name,
            type="checkbox",
            value="yes",
            default_checked=ProviderForm.values[name] != "",
        ),
        label,
        class_name="row",
    )
