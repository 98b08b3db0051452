"""What is known beforehand of well-known providers, so that an admin enters only what is their company's own."""

from dataclasses import dataclass

from sprintreports.identity.sso.values import Kind, Options

NOTHING_SET = Options()


@dataclass(frozen=True, slots=True)
class Preset:
    """`issuer`: how what the admin enters becomes the issuer; the part in braces is what is asked for."""

    key: str
    label: str
    kind: Kind
    help: str
    issuer: str = "{}"
    issuer_label: str = "Issuer"
    example: str = ""
    options: Options = NOTHING_SET


_GITHUB = Options(
    authorize_url="https://github.com/login/oauth/authorize",
    token_url="https://github.com/login/oauth/access_token",  # noqa: S106  # an address
    profile_url="https://api.github.com/user",
    emails_url="https://api.github.com/user/emails",
    subject_claim="id",
    scopes="read:user user:email",
)

PRESETS: dict[str, Preset] = {
    preset.key: preset
    for preset in (
        Preset(
            "google", "Google", Kind.OIDC,
            "In the Google Cloud console, create an OAuth client of the type “Web application” and enter the redirect "
            "address there. With allowed domains set, only accounts that your Google Workspace manages get in.",
            issuer="https://accounts.google.com",
            options=Options(issuer="https://accounts.google.com", scopes="openid email profile"),
        ),
        Preset(
            "microsoft", "Microsoft Entra ID", Kind.OIDC,
            "In the Entra admin center, register an application, enter the redirect address under “Web”, and make a client "
            "secret. Entra does not say whether an address is verified: set the allowed domains, and trust them.",
            issuer="https://login.microsoftonline.com/{}/v2.0",
            issuer_label="Directory (tenant) ID",
            example="00000000-0000-0000-0000-000000000000",
            options=Options(scopes="openid email profile", groups_claim="groups"),
        ),
        Preset(
            "okta", "Okta", Kind.OIDC,
            "In Okta's admin console, create an app integration “OIDC, Web application” and enter the redirect address. For "
            "groups, add a groups claim to the ID token.",
            issuer="https://{}",
            issuer_label="Okta domain",
            example="company.okta.com",
            options=Options(scopes="openid email profile groups", groups_claim="groups"),
        ),
        Preset(
            "keycloak", "Keycloak", Kind.OIDC,
            "In your realm, create a client with client authentication and the standard flow, and enter the redirect "
            "address. For groups, add the mapper “Group Membership” without the full path.",
            issuer="{}",
            issuer_label="Address of the realm",
            example="https://keycloak.example.org/realms/company",
            options=Options(scopes="openid email profile", groups_claim="groups"),
        ),
        Preset(
            "github", "GitHub", Kind.OAUTH2,
            "In GitHub's settings, under “Developer settings”, create an OAuth app and enter the redirect address. Everybody "
            "can have a GitHub account: their verified primary address decides who they are here.",
            options=_GITHUB,
        ),
        Preset(
            "oidc", "Another OpenID Connect provider", Kind.OIDC,
            "Create a confidential client for the authorisation code flow and enter the redirect address there.",
            example="https://login.example.org",
            options=Options(scopes="openid email profile"),
        ),
        Preset(
            "oauth2", "Another OAuth 2.0 provider", Kind.OAUTH2,
            "For providers without OpenID Connect: the profile page has to say who holds the access token.",
            options=Options(subject_claim="id"),
        ),
        Preset(
            "saml", "SAML 2.0", Kind.SAML,
            "Give your identity provider the metadata address below, and paste its metadata here.",
        ),
    )
}  # fmt: skip


def issuer_of(preset: Preset, entered: str) -> str:
    """The issuer for what an admin entered: all of it, or only the part that is their own."""
    entered = entered.strip()
    if "{}" not in preset.issuer:
        return preset.issuer
    if not entered or "://" in entered:
        return entered
    return preset.issuer.replace("{}", entered.strip("/"))
