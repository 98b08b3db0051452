"""Identity providers as the page says them, and what its form means."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest

from sprintreports.identity.permissions import Role
from sprintreports.identity.sso import saml_keys
from sprintreports.identity.sso.presets import PRESETS
from sprintreports.identity.sso.values import GroupRole, Kind, Options, Provider
from sprintreports.kit.errors import Invalid
from sprintreports.ui.pages.sign_in_providers import rows

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")


def provider(kind: Kind = Kind.OIDC, **options: object) -> Provider:
    return Provider(
        id=7, slug="company", name="Company", kind=kind, preset="saml" if kind is Kind.SAML else "oidc", enabled=True,
        options=msgspec.structs.replace(Options(), **options), has_secret=True, signing_certificate="", updated_at=NOW,
    )  # fmt: skip


def test_who_gets_in_is_said():
    def said(**options: object) -> str:
        return rows.provider_line(provider(**options), now=NOW, zone=ZONE).who

    assert said() == "Who has an account here gets in."
    assert said(domains=("a.test", "b.test")) == "Who has an account here of a.test, b.test gets in."
    assert said(domains=("a.test",), creates_users=True, default_role=Role.USER) == (
        "Everybody of a.test gets in; who is new becomes user."
    )


def test_a_provider_whose_last_certificate_has_ended_is_told():
    made = saml_keys.make("idp").certificate
    ends = saml_keys.read(made).ends_at
    saml = provider(Kind.SAML, certificates=(made,))
    assert rows.provider_line(saml, now=NOW, zone=ZONE).warning == ""
    assert "has ended" in rows.provider_line(saml, now=ends, zone=ZONE).warning
    assert rows.provider_line(saml, now=NOW, zone=ZONE).metadata.endswith("/session/sso/company/metadata")


def test_the_form_gives_back_what_it_was_filled_with():
    options = Options(
        issuer="https://id.example.org",
        client_id="sprint",
        scopes="openid email",
        domains=("a.test", "b.test"),
        creates_users=True,
        default_role=Role.MANAGER,
        groups_claim="groups",
        group_roles=(GroupRole("a = b", Role.USER), GroupRole("ops", Role.ADMIN)),
    )
    filled = rows.form_values(provider(**msgspec.structs.asdict(options)), PRESETS["oidc"])
    assert rows.draft(filled, PRESETS["oidc"]).options == options


@pytest.mark.parametrize("line", ["leads", "leads = boss", "= user", "leads : user"])
def test_a_group_without_a_role_is_told(line: str):
    with pytest.raises(Invalid, match="one group a line"):
        rows.draft({"group_roles": line}, PRESETS["oidc"])


def test_a_test_is_told_in_words():
    company = provider()
    assert rows.tested(company, None, over=False).sentence == "Company: The test is still under way."
    assert "nobody came back" in rows.tested(company, None, over=True).sentence
    assert rows.tested(company, {"refused": "No."}, over=False).sentence == "Company: No."
    arrived = {
        "outcome": "Signs in as Ada.", "refused": "", "subject": "u-1", "email": "", "email_verified": None, "name": "",
        "groups": None, "roles": ["manager"], "claims": {"iss": "https://id.test"},
    }  # fmt: skip
    good = rows.tested(company, arrived, over=False)
    assert good.tone == "good"
    assert good.sentence == "Company: Signs in as Ada. Nobody was signed in."
    told = {one.name: one.value for one in good.facts}
    assert told["Verified"] == "the provider does not say"
    assert told["Groups"] == "none arrived"
    assert told["Roles by groups"] == "Manager"
    bad = rows.tested(company, arrived | {"refused": "There is no account."}, over=False)
    assert bad.tone == "bad"
    assert "would be refused. There is no account." in bad.sentence
