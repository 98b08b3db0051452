"""The first run, as an admin walks through it, with the mistakes that people make."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.harness import ADMIN, PASSWORD, Product, Visitor


def walk_through(admin: Visitor, product: Product, screenshots: Path) -> None:
    """From an empty deployment to the first chart."""
    page = admin.open("/")
    page.wait_for_url("**/setup*")
    _make_account(admin, "WRONG-CODE", screenshots)
    expect(page.get_by_role("alert")).to_contain_text("The setup code is wrong or too old.")
    expect(page.locator("#name")).to_have_value("Ada Lovelace")
    _make_account(admin, product.setup_code, screenshots)
    _connect(admin, product, screenshots)
    _choose(admin, screenshots)
    _sync(admin, screenshots)
    assert admin.complaints == []


def _make_account(admin: Visitor, code: str, screenshots: Path) -> None:
    page = admin.page
    page.fill("#code", code)
    page.fill("#name", "Ada Lovelace")
    page.fill("#email", ADMIN)
    page.fill("#password", PASSWORD)
    _look(admin, screenshots, "account")
    with page.expect_navigation():
        page.click("button[type=submit]")


def _connect(admin: Visitor, product: Product, screenshots: Path) -> None:
    page = admin.page
    page.fill("#c-base_url", product.demo.base_url)
    page.fill("#c-account", product.demo.email)
    page.fill("#c-secret", "not the token")
    page.get_by_role("button", name="Test and connect").click()
    expect(page.get_by_role("alert")).to_contain_text("Not connected")
    expect(page.get_by_text("does not accept this account and token")).to_be_visible()
    _look(admin, screenshots, "refused")
    page.fill("#c-secret", product.demo.token)
    page.get_by_role("button", name="Test and connect").click()


def _choose(admin: Visitor, screenshots: Path) -> None:
    page = admin.page
    boards = page.get_by_role("group", name="Boards to sync").get_by_role("checkbox")
    expect(boards.first).to_be_checked(timeout=20_000)
    _look(admin, screenshots, "boards")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_label("Story points")).not_to_have_value("none", timeout=20_000)
    _look(admin, screenshots, "fields")
    page.get_by_role("button", name="Confirm and go on").click()


def _sync(admin: Visitor, screenshots: Path) -> None:
    page = admin.page
    page.get_by_role("button", name="Start the first sync").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    _look(admin, screenshots, "syncing")
    page.get_by_role("link", name="Show the first chart").click(timeout=120_000)
    page.wait_for_url("**/sprint*")
    page.wait_for_selector(".js-plotly-plot .main-svg")
    page.screenshot(path=screenshots / "first-chart.png", full_page=True)


def _look(admin: Visitor, screenshots: Path, name: str) -> None:
    admin.page.screenshot(path=screenshots / f"first-run-{name}.png", full_page=True)
    assert admin.violations() == [], name
