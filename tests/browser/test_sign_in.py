"""The second factor in a real browser: set up, asked for, refused when used; and what an ended session still shows."""

import time
from dataclasses import dataclass

import httpx
import pytest
from playwright.sync_api import expect
from pyotp.totp import TOTP

from sprintreports.identity import sign_in_policy, unfinished, users
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, db
from tests.browser.harness import ADMIN, MODES, PASSWORD, Visitor, apart

COOKIE = "sprintreports_session"


async def _add(email: str) -> None:
    try:
        async with db.transaction() as session:
            await users.create(
                session, Viewer.system(), email=email, password=PASSWORD, role=Role.MANAGER, name="Mia Second"
            )
    finally:
        await db.dispose()


@dataclass(slots=True)
class Manager(Visitor):
    """A visitor who is signed in with an account of this test's own."""

    email: str = ""


@pytest.fixture
def mia(product, guest) -> Manager:
    email = f"mia-{time.monotonic_ns()}@example.org"
    apart(lambda: _add(email))
    visitor = guest()
    visitor.sign_in(email).wait_for_selector(".sprint-card")
    return Manager(visitor.page, visitor.context, visitor.url, visitor.complaints, email)


def _security(visitor: Visitor) -> None:
    visitor.open("/profile?tab=security").wait_for_selector("#current")


def _set_up(visitor: Visitor, screenshots) -> tuple[TOTP, str, list[str]]:
    """The app, the code that it was set up with, and the recovery codes."""
    _security(visitor)
    page = visitor.page
    page.get_by_role("button", name="Set up an authenticator app").click()
    app = TOTP(page.locator("#totp-secret").inner_text().replace(" ", ""))
    expect(page.get_by_alt_text("QR code")).to_be_visible()
    page.screenshot(path=screenshots / "second-factor.png", full_page=True)
    assert visitor.violations() == []
    code = app.now()
    page.fill("#first-code", code)
    page.get_by_role("button", name="Switch it on").click()
    page.wait_for_selector("#recovery-codes li")
    codes = page.locator("#recovery-codes li").all_inner_texts()
    page.screenshot(path=screenshots / "recovery-codes.png", full_page=True)
    assert visitor.violations() == []
    expect(page.get_by_text("with 10 recovery codes left")).to_be_visible()
    page.get_by_role("button", name="I have kept them").click()
    expect(page.locator("#recovery-codes")).to_have_count(0)
    return app, code, codes


def _first_step(visitor: Visitor, email: str) -> None:
    visitor.sign_in(email)
    visitor.page.wait_for_url("**/sign-in?step=code")
    visitor.page.wait_for_selector("#code")


def _give(visitor: Visitor, code: str) -> None:
    visitor.page.fill("#code", code)
    visitor.page.get_by_role("button", name="Go on").click()


def test_a_code_signs_in_and_a_used_one_does_not(mia, guest, screenshots):
    app, used, codes = _set_up(mia, screenshots)
    assert len(codes) == 10
    assert mia.complaints == []
    other = guest(**MODES["phone"])
    _first_step(other, mia.email)
    assert COOKIE not in {one["name"] for one in other.context.cookies()}
    assert other.violations() == []
    other.page.screenshot(path=screenshots / "sign-in-code.png", full_page=True)
    _give(other, used)
    expect(other.page.get_by_role("alert")).to_contain_text("used already")
    _give(other, app.at(int(time.time()) + 30))  # a clock may be a step ahead
    other.page.wait_for_selector(".sprint-card")
    third = guest()
    _first_step(third, mia.email)
    _give(third, codes[0].lower())
    third.page.wait_for_selector(".sprint-card")
    fourth = guest()
    _first_step(fourth, mia.email)
    _give(fourth, codes[0])
    expect(fourth.page.get_by_role("alert")).to_contain_text("used already")
    assert [visitor.complaints for visitor in (other, third, fourth)] == [[], [], []]


async def _need(*roles: Role) -> None:
    try:
        async with db.transaction() as session:
            await sign_in_policy.change(
                session, Viewer.system(), local_sign_in=True, second_factor_roles=roles, now=clock.now()
            )
    finally:
        await db.dispose()


async def _link() -> str:
    try:
        async with db.transaction() as session:
            return (await unfinished.break_glass(session, email=ADMIN, now=clock.now()))[1]
    finally:
        await db.dispose()


def test_a_role_that_needs_one_sets_it_up_before_anything_else(mia, guest, screenshots):
    other = guest(**MODES["phone"])
    apart(lambda: _need(Role.MANAGER))
    try:
        page = other.sign_in(mia.email, target="/velocity")
        page.wait_for_selector("#totp-secret")
        assert COOKIE not in {one["name"] for one in other.context.cookies()}
        other.page.screenshot(path=screenshots / "enrolment-phone.png", full_page=True)
        assert other.violations() == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.fill("#first-code", TOTP(page.locator("#totp-secret").inner_text().replace(" ", "")).now())
        page.get_by_role("button", name="Switch it on").click()
        page.wait_for_selector("#recovery-codes li")
        page.get_by_role("button", name="I have kept them, go on").click()
        page.wait_for_url("**/velocity")
    finally:
        apart(_need)
    assert other.complaints == []


def test_an_emergency_link_signs_in_once(product, guest, screenshots):
    token = apart(_link)
    visitor = guest()
    page = visitor.open(f"/sign-in?step=emergency#{token}")
    page.get_by_role("button", name="Sign in as super admin").wait_for()
    assert token not in page.url, "it does not stay in the address"
    page.screenshot(path=screenshots / "emergency.png", full_page=True)
    assert visitor.violations() == []
    page.get_by_role("button", name="Sign in as super admin").click()
    page.wait_for_selector(".sprint-card")
    other = guest()
    page = other.open(f"/sign-in?step=emergency#{token}")
    page.get_by_role("button", name="Sign in as super admin").click()
    expect(page.get_by_role("alert")).to_contain_text("done already")
    assert token not in product.said()
    assert visitor.complaints == other.complaints == []


def test_an_ended_session_is_shut_out_within_a_second_where_it_is_open(mia, guest, product):
    other = guest()
    page = other.sign_in(mia.email)
    page.wait_for_selector(".sprint-card")
    _security(mia)
    expect(mia.page.get_by_text("This browser")).to_have_count(1)
    row = mia.page.get_by_role("row").filter(has_not=mia.page.get_by_text("This browser"))
    expect(row.last).to_contain_text("Chrome on")
    mia.page.get_by_role("button", name="Sign out all others").click()
    page.wait_for_url("**/sign-in?next=*", timeout=5000)
    expect(page.locator(".sprint-card")).to_have_count(0)
    expect(mia.page.get_by_text("Signed out there.")).to_be_visible()
    assert mia.complaints == []


def test_a_changed_password_keeps_this_browser_and_no_other(mia, guest):
    other = guest()
    other.sign_in(mia.email).wait_for_selector(".sprint-card")
    old = next(one["value"] for one in mia.context.cookies() if one["name"] == COOKIE)
    _security(mia)
    page, new = mia.page, "eleven green kettles sing"
    for key, value in (("current", PASSWORD), ("new", new), ("again", new)):
        page.fill(f"#{key}", value)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    assert old != next(one["value"] for one in mia.context.cookies() if one["name"] == COOKIE)
    other.page.wait_for_url("**/sign-in?next=*", timeout=5000)
    dead = httpx.get(f"{mia.url}/api/v1/users/me", cookies={COOKIE: old})
    assert dead.status_code == 401
    other.sign_in(mia.email, new).wait_for_selector(".sprint-card")
