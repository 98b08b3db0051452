"""An admin switches webhooks on, enters the values into the stand-in Jira, and sees deliveries come, with their bodies."""

import re
from pathlib import Path

from playwright.sync_api import expect
from sqlalchemy import text

from sprintreports.kit import db
from tests.browser.harness import MODES, PASSWORD, READER, apart


async def forget_deliveries() -> None:
    """What other tests had sent here."""
    try:
        async with db.transaction() as session:
            await session.execute(text("DELETE FROM webhook_delivery"))
    finally:
        await db.dispose()


def switch_on(page) -> tuple[str, str]:
    """The address and the secret that the page shows, once."""
    page.get_by_role("button", name=re.compile("Switch webhooks on|Make a new secret")).first.click()
    if page.locator("#renew-webhook").is_visible():
        page.locator("#renew-webhook").get_by_role("button").click()
    expect(page.get_by_text("Copy these now")).to_be_visible()
    secret, address = page.locator(".once code").all_inner_texts()
    return address, secret


def test_from_the_values_to_the_first_delivery(admin, product, screenshots: Path):
    apart(forget_deliveries)
    page = admin.open("/webhooks")
    expect(page.get_by_text("Webhooks are off")).to_be_visible()
    address, secret = switch_on(page)
    shown = page.get_by_text("Enter this address in the field").locator("..").locator("code")
    expect(shown).to_have_text(re.compile(r"/api/v1/webhooks/jira/\d+$"))
    plain = shown.inner_text()
    assert address.startswith(plain + "/")
    assert admin.violations() == []
    page.screenshot(path=screenshots / "webhooks-once.png", full_page=True)
    page.get_by_role("button", name="I have copied them").click()
    assert secret not in page.content()
    page.reload()
    expect(page.get_by_text("Webhooks are on, and none has come")).to_be_visible()
    assert secret not in page.content()
    assert address.removeprefix(plain + "/") not in page.content()

    product.demo.listen(plain, secret=secret)
    product.demo.edit(3, seed="first-letters", kinds=("summary",))
    rows = page.locator("#deliveries tbody tr")
    expect(rows.first).to_be_visible(timeout=30_000)
    expect(rows.first.get_by_text("Done", exact=True)).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Webhooks arrive")).to_be_visible()
    rows.first.locator("button.look").click()
    body = page.get_by_role("region", name="The body as it came")
    expect(body).to_contain_text('"webhookEvent": "jira:issue_updated"')
    assert admin.violations() == []
    page.screenshot(path=screenshots / "webhooks-delivery.png")
    page.keyboard.press("Escape")
    expect(body).to_be_hidden()

    page.get_by_label("Outcome").select_option("failed")
    page.wait_for_url(re.compile("outcome=failed"))
    expect(page.get_by_text("No delivery of the last 14 days is like this")).to_be_visible()

    page.get_by_role("button", name="Switch webhooks off").click()
    page.locator("#webhooks-off").get_by_role("button").click()
    expect(page.get_by_text("Webhooks are off")).to_be_visible()
    expect(page.get_by_role("button", name="Switch webhooks on")).to_be_visible()
    assert secret not in product.said()
    assert admin.complaints == []


def test_the_form_fits_a_phone_and_the_dark(guest, screenshots: Path):
    for mode in ("dark", "phone"):
        visitor = guest(**MODES[mode])
        visitor.sign_in(password=PASSWORD).wait_for_selector(".sprint-card")
        page = visitor.open("/webhooks")
        switch_on(page)
        assert visitor.violations() == []
        page.screenshot(path=screenshots / f"webhooks-once-{mode}.png", full_page=True)
        width = page.viewport_size["width"]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.get_by_role("button", name="Switch webhooks off").click()
        page.locator("#webhooks-off").get_by_role("button").click()
        expect(page.get_by_text("Webhooks are off")).to_be_visible()


def test_others_do_not_see_it(guest):
    visitor = guest()
    visitor.sign_in(READER, PASSWORD).wait_for_selector(".sprint-card")
    expect(visitor.page.get_by_role("link", name="Webhooks")).to_have_count(0)
    visitor.open("/webhooks")
    expect(visitor.page.get_by_role("alert")).to_contain_text("not allow")
