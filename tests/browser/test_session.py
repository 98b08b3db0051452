"""Signing in and out: the cookie, forged forms, where one goes afterwards, who sees what."""

import httpx
from playwright.sync_api import expect

from tests.browser.harness import ADMIN, PASSWORD, READER

COOKIE = "sprintreports_session"


def test_the_cookie_is_unseen_by_scripts_and_gone_after_sign_out(admin):
    cookie = next(one for one in admin.context.cookies() if one["name"] == COOKIE)
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    assert COOKIE not in admin.page.evaluate("document.cookie")
    admin.page.get_by_role("button", name="Your account").click()
    admin.page.get_by_role("button", name="Sign out").click()
    expect(admin.page.get_by_text("You are signed out.")).to_be_visible()
    assert COOKIE not in {one["name"] for one in admin.context.cookies()}
    admin.open("/velocity").wait_for_url("**/sign-in*")


def test_signing_in_leads_back_to_the_linked_view(guest):
    visitor = guest()
    visitor.open("/velocity?last=5").wait_for_url("**/sign-in?next=*")
    visitor.page.fill("#login", ADMIN)
    visitor.page.fill("#password", PASSWORD)
    visitor.page.click("button[type=submit]")
    visitor.page.wait_for_url("**/velocity?last=5")
    expect(visitor.page.locator("select[name=last]")).to_have_value("5")


def test_next_never_leads_to_another_site(product):
    for target in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        form = {"login": ADMIN, "password": PASSWORD, "next": target}
        answer = httpx.post(f"{product.url}/session/sign-in", data=form, headers={"Origin": product.url})
        assert answer.status_code == 303
        assert answer.headers["location"] == "/", target


def test_a_form_of_another_site_does_nothing(product):
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {}):
        answer = httpx.post(
            f"{product.url}/session/sign-in", data={"login": ADMIN, "password": PASSWORD}, headers=headers
        )
        assert answer.headers["location"] == "/sign-in?problem=foreign"
        assert COOKIE not in answer.cookies


def test_a_reader_sees_no_administration_and_is_told_why(guest):
    visitor = guest()
    page = visitor.sign_in(READER)
    page.wait_for_selector(".sprint-card")
    expect(page.get_by_role("navigation", name="Reports")).to_be_visible()
    expect(page.get_by_role("navigation", name="Administration")).to_have_count(0)
    for path in ("/sites", "/runs", "/site?site=1", "/setup?site=1&step=fields"):
        visitor.open(path)
        expect(page.get_by_text("Your role (Viewer) does not allow this")).to_be_visible()


def test_answers_carry_their_protection(product):
    answer = httpx.get(f"{product.url}/sprint")
    policy = answer.headers["content-security-policy"]
    assert "'unsafe-inline'" not in policy.split("style-src")[0]
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-cache"
    font = httpx.get(f"{product.url}/fonts/plex-latin.woff2")
    assert "immutable" in font.headers["cache-control"]
