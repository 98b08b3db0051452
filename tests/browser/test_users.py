"""Users in the app: from an invitation to the first sign-in, roles taken away on an open page, one's own profile."""

from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser.harness import MODES, PASSWORD, READER, Visitor


def invite(admin: Visitor, name: str, role: str) -> str:
    """The one-time link for a new account of this name."""
    page = admin.open("/users")
    page.get_by_role("button", name="Invite somebody").click()
    dialog = page.get_by_role("dialog", name="Invite somebody")
    dialog.get_by_label("E-mail address").fill(f"{name.lower()}@example.org")
    dialog.get_by_label("Name", exact=True).fill(name)
    dialog.get_by_label("Role", exact=True).select_option(role)
    dialog.get_by_role("button", name="Make the account").click()
    dialog.get_by_role("button", name="Make the invitation link").click()
    expect(dialog.get_by_role("button", name="Make another link, which ends this one")).to_be_visible()
    link = dialog.locator(".copyable code").text_content()
    assert link
    dialog.get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()
    return link


def accept(guest: Visitor, link: str, password: str) -> None:
    parts = urlsplit(link)
    page = guest.open(f"{parts.path}#{parts.fragment}")
    page.get_by_label("New password").fill(password)
    page.get_by_role("button", name="Keep this password").click()


def test_an_invited_person_gets_in_and_loses_it_on_the_open_page(admin, guest, product, screenshots: Path):
    link = invite(admin, "Nora", "manager")
    token = urlsplit(link).fragment
    nora = guest(**MODES["phone"])
    accept(nora, link, "short")
    expect(nora.page.get_by_role("alert")).to_contain_text("at least 12 characters")
    nora.page.screenshot(path=screenshots / "invitation-phone.png", full_page=True)
    assert nora.violations() == []
    nora.page.get_by_label("New password").fill("tall green yak 7")
    nora.page.get_by_role("button", name="Keep this password").click()
    expect(nora.page.get_by_text("Your password is set.")).to_be_visible()
    nora.page.fill("#login", "nora@example.org")
    nora.page.fill("#password", "tall green yak 7")
    nora.page.click("button[type=submit]")
    nora.page.wait_for_selector(".sprint-card")
    nora.open("/users").wait_for_selector("#users tbody tr")
    assert nora.page.get_by_role("button", name="Invite somebody").count() == 0
    assert nora.page.locator("#users .link-button").count() == 0

    nora.open("/").wait_for_selector(".sprint-card")

    used = guest()
    accept(used, link, "tall green yak 8")
    expect(used.page.get_by_role("alert")).to_contain_text("has been used")
    assert token not in product.said()

    panel = admin.page.get_by_role("dialog", name="Nora")
    admin.page.get_by_role("button", name="Nora", exact=True).click()
    panel.get_by_label("Everywhere", exact=True).select_option("viewer")
    panel.get_by_role("button", name="Save the role").click()
    expect(admin.page.get_by_text("The roles are changed.")).to_be_visible()
    admin.page.screenshot(path=screenshots / "user-panel.png", full_page=True)
    assert admin.violations() == []
    nora.page.wait_for_url("**/sign-in*")
    panel.get_by_role("button", name="Delete", exact=True).click()
    admin.page.get_by_role("button", name="Delete the account").click()
    expect(admin.page.get_by_role("button", name="Nora", exact=True)).to_have_count(0)
    assert admin.complaints == []


def test_a_reader_sees_no_users_but_their_profile(guest):
    rita = guest()
    rita.sign_in(READER, PASSWORD).wait_for_selector(".sprint-card")
    assert rita.page.get_by_role("link", name="Users").count() == 0
    page = rita.open("/users")
    expect(page.get_by_role("alert")).to_contain_text("does not allow this")
    assert page.get_by_role("button", name="Invite somebody").count() == 0


def test_a_profile_is_applied_at_once_and_on_other_devices(guest):
    rita = guest(color_scheme="light")
    rita.sign_in(READER, PASSWORD).wait_for_selector(".sprint-card")
    page = rita.open("/profile")
    page.get_by_label("Time zone", exact=True).fill("Asia/Tokyo")
    page.get_by_label("Theme", exact=True).select_option("dark")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("html")).to_have_class("dark")
    expect(page.locator("#user-menu")).to_contain_text("Asia/Tokyo")
    other = guest(color_scheme="light")
    other.sign_in(READER, PASSWORD).wait_for_selector(".sprint-card")
    expect(other.page.locator("html")).to_have_class("dark")
    other.open("/profile").get_by_label("Theme", exact=True).select_option("system")
    other.page.get_by_label("Time zone", exact=True).fill("")
    other.page.get_by_role("button", name="Save", exact=True).click()
    expect(other.page.locator("html")).to_have_class("light")
    assert rita.complaints == []
