"""A real browser signs in through providers that are not ours: nanoidp by OpenID Connect and by SAML, and oidc-provider."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from playwright.sync_api import Page, expect

from sprintreports import settings as settings_module
from sprintreports.identity.permissions import Role
from sprintreports.identity.sso import providers, saml_metadata
from sprintreports.identity.sso.values import Draft, GroupRole, Kind, Options
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import db
from tests.browser.harness import MODES, Product, apart
from tests.browser.identity_providers import oidc_provider
from tests.integration.nanoidp_support import CLIENT_ID, CLIENT_SECRET, nanoidp

COOKIE = "sprintreports_session"
PEOPLE: dict[str, Any] = {"domains": ("example.org",), "creates_users": True, "groups_claim": "groups"}
LEADS = (GroupRole("leads", Role.MANAGER),)


@pytest.fixture(autouse=True)
def _leave_nothing(product: Product) -> Iterator[None]:
    yield
    with psycopg.connect(settings_module.settings().database_url) as database:
        database.execute("DELETE FROM user_account WHERE email IN ('nina@example.org', 'olga@example.org')")
        database.execute("DELETE FROM sign_in_provider")


def set_up(draft: Draft) -> None:
    async def work() -> None:
        try:
            async with db.transaction() as session:
                made = await providers.create(session, Viewer.system(), draft)
                await providers.set_enabled(session, Viewer.system(), made.id, enabled=True)
        finally:
            await db.dispose()

    apart(work)


def as_nina(page: Page) -> None:
    """At nanoidp's own page."""
    page.fill("#username", "nina")
    page.fill("#password", "nina")
    page.locator("form:has(#password) button[type=submit]").click()


def check_signed_in(page: Page, email: str, role: str) -> None:
    page.wait_for_selector(".sprint-card")
    page.get_by_role("button", name="Your account").click()
    menu = page.locator("#user-menu")
    expect(menu).to_contain_text(email)
    expect(menu).to_contain_text(role)
    assert COOKIE in {one["name"] for one in page.context.cookies()}


def test_an_admin_sets_a_provider_up_tests_it_and_somebody_signs_in(
    admin, guest, tmp_path: Path, screenshots: Path
):
    with nanoidp(tmp_path / "idp") as issuer:
        page = admin.open("/sign-in-providers")
        page.get_by_role("button", name="Add a provider").click()
        page.select_option("#p-preset", "oidc")
        page.wait_for_selector("#p-issuer")
        page.fill("#p-name", "Nano")
        page.fill("#p-slug", "nano")
        page.fill("#p-issuer", issuer)
        expect(page.get_by_text(f"{admin.url}/session/sso/nano/callback").first).to_be_visible()
        page.fill("#p-client_id", CLIENT_ID)
        page.fill("#p-client_secret", CLIENT_SECRET)
        page.fill("#p-domains", "example.org")
        page.check("#p-creates_users")
        page.screenshot(path=screenshots / "sign-in-provider-form.png")
        page.get_by_role("dialog").get_by_role("button", name="Keep").click()
        card = page.locator("#providers article")
        expect(card.get_by_role("heading", name="Nano")).to_be_visible()
        expect(card.get_by_text("Off", exact=True)).to_be_visible()
        card.get_by_role("link", name="Test").click()
        as_nina(page)
        tested = page.locator("#tested")
        expect(tested).to_contain_text("Makes a new account for this address")
        expect(tested).to_contain_text("nina@example.org")
        page.screenshot(path=screenshots / "sign-in-provider-tested.png", full_page=True)
        assert admin.violations() == []
        # It was a test: the admin still is who they were.
        page.get_by_role("button", name="Your account").click()
        expect(page.locator("#user-menu")).to_contain_text("ada@example.org")
        page.keyboard.press("Escape")
        page.locator("#providers article").get_by_role("button", name="Switch on").click()
        expect(page.locator("#providers article").get_by_text("On", exact=True)).to_be_visible()
        visitor = guest()
        page = visitor.open("/velocity?last=5")
        page.get_by_role("link", name="Sign in with Nano").click()
        as_nina(page)
        page.wait_for_url("**/velocity?last=5")
        assert COOKIE in {one["name"] for one in visitor.context.cookies()}
        visitor.open("/")
        check_signed_in(page, "nina@example.org", "Viewer")


def test_saml_by_nanoidp(guest, product: Product, tmp_path: Path):
    with nanoidp(tmp_path / "idp") as issuer:
        told = httpx.get(f"{issuer}/saml/metadata").text
        options = Options(**PEOPLE, trusts_addresses=True, group_roles=LEADS)
        read = saml_of(told, options)
        set_up(Draft(name="Nano SAML", preset="saml", kind=Kind.SAML, slug="nano-saml", options=read))
        visitor = guest()
        page = visitor.open("/sign-in")
        page.get_by_role("link", name="Sign in with Nano SAML").click()
        as_nina(page)
        check_signed_in(page, "nina@example.org", "Manager")
        assert not [one for one in visitor.context.cookies() if one["name"].startswith("sprintreports_sso_")]


def saml_of(text: str, options: Options) -> Options:
    async def work() -> Options:
        return await saml_metadata.applied(options, text=text)

    return apart(work)


def test_openid_connect_by_oidc_provider(guest, product: Product, tmp_path: Path):
    callback = f"{product.url}/session/sso/certified/callback"
    with oidc_provider(tmp_path / "op", callback) as issuer:
        options = Options(
            **PEOPLE,
            issuer=issuer,
            client_id=CLIENT_ID,
            scopes="openid email profile groups",
            group_roles=LEADS,
        )
        set_up(
            Draft(
                name="Certified",
                preset="oidc",
                kind=Kind.OIDC,
                slug="certified",
                client_secret="a secret of the tests",  # with what HTTP Basic has to encode
                options=options,
            )
        )
        visitor = guest()
        page = visitor.open("/sign-in")
        page.get_by_role("link", name="Sign in with Certified").click()
        page.fill("input[name=login]", "olga")
        page.fill("input[name=password]", "anything")
        page.locator("button[type=submit]").first.click()
        page.get_by_role("button", name="Continue").click()
        check_signed_in(page, "olga@example.org", "Manager")


def test_a_refusal_is_a_page_in_words(guest, product: Product):
    visitor = guest()
    answer = visitor.page.goto(f"{product.url}/session/sso/none/callback?state=guessed&code=x")
    assert answer is not None
    assert answer.status == 404
    expect(visitor.page.get_by_role("alert")).to_contain_text("no such identity provider")
    assert visitor.violations() == []
    visitor.page.get_by_role("link", name="Go to the sign-in page").click()
    visitor.page.wait_for_url("**/sign-in")


@pytest.mark.parametrize("mode", MODES)
def test_the_form_in_each_shape(guest, mode: str, screenshots: Path):
    visitor = guest(**MODES[mode])
    visitor.sign_in().wait_for_selector(".sprint-card")
    page = visitor.open("/sign-in-providers")
    page.get_by_role("button", name="Add a provider").click()
    page.select_option("#p-preset", "saml")
    page.wait_for_selector("#p-metadata")
    page.screenshot(path=screenshots / f"sign-in-provider-saml-{mode}.png")
    assert visitor.violations() == []
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
