"""Publishing in the browser: a connection is set up and tested, a report is sent by it, and its delivery is followed."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.harness import MODES, PASSWORD, Visitor
from tests.browser.test_reports import clean
from tests.publishing_support import Chat, standing


@pytest.fixture(scope="module")
def slack() -> Iterator[tuple[Chat, str]]:
    """A Slack on loopback, and the address of its webhook, which is the secret."""
    made = Chat()
    with standing(made) as place:
        yield made, f"{place.url}/services/T/B/x"


def test_a_connection_is_set_up_tested_and_changed(
    admin: Visitor, slack: tuple[Chat, str], screenshots: Path
) -> None:
    chat, secret = slack
    page = admin.open("/connections")
    page.get_by_role("button", name=re.compile("Set the first one up|New connection")).first.click()
    form = page.get_by_role("dialog", name="Set a connection up")
    for kind, field in (
        ("confluence-datacenter", "Personal access token or password"),
        ("confluence-cloud", "API token"),
        ("slack-bot", "Channel"),
        ("teams", "Address of the workflow's webhook"),
        ("email", "Server"),
    ):
        form.get_by_label("Service").select_option(kind)
        expect(form.get_by_label(field, exact=True)).to_be_visible()
        clean(admin, f"connection-form-{kind}", screenshots)
    form.get_by_label("Service").select_option("slack-webhook")
    expect(form.get_by_label("Address of the incoming webhook")).to_be_visible()
    form.get_by_label("Name", exact=True).fill("Company chat")
    form.get_by_label("Address of the incoming webhook").fill("no address")
    form.get_by_role("button", name="Keep", exact=True).click()
    expect(form.get_by_role("alert")).to_contain_text("begins with https://")
    form.get_by_label("Address of the incoming webhook").fill(secret)
    with page.expect_response(re.compile("/api/v1/connections$")) as kept:
        form.get_by_role("button", name="Keep", exact=True).click()
    assert kept.value.status == 201
    assert secret not in kept.value.text()
    expect(form).to_be_hidden()
    page.get_by_role("link", name="Company chat").click()
    page.wait_for_url("**/connections?connection=*")
    panel = page.get_by_role("dialog", name="Connection Company chat")
    expect(panel).to_contain_text("Never tested")
    panel.get_by_role("button", name="Test", exact=True).click()
    expect(panel).to_contain_text("Works", timeout=20_000)
    assert chat.posted == []
    clean(admin, "connection", screenshots)

    panel.get_by_role("button", name="Change", exact=True).click()
    form = page.get_by_role("dialog", name="Set a connection up")
    assert form.get_by_label("Address of the incoming webhook").input_value() == ""
    form.get_by_label("Name", exact=True).fill("Team chat")
    form.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_role("dialog", name="Connection Team chat")).to_be_visible()
    assert secret not in page.content()
    # The browser says in its console that an answer was a refusal.
    assert [one for one in admin.complaints if "422" not in one] == []


def test_a_report_is_sent_by_it_and_followed(
    admin: Visitor, slack: tuple[Chat, str], screenshots: Path
) -> None:
    chat, _ = slack
    page = admin.open("/report?review=1")
    page.get_by_role("button", name="Publish", exact=True).click()
    panel = page.get_by_role("dialog", name="Publish this report")
    panel.get_by_label("Connection").select_option(label="Team chat (Slack, incoming webhook)")
    panel.get_by_role("button", name="Look what would be done").click()
    expect(panel).to_contain_text("A message would be posted by “Team chat”.", timeout=60_000)
    assert chat.posted == []
    clean(admin, "publish-look", screenshots)
    panel.get_by_role("button", name="Send", exact=True).click()
    expect(panel.get_by_text("Delivered", exact=True)).to_be_visible(timeout=60_000)
    assert len(chat.posted) == 1
    clean(admin, "publish-sent", screenshots)
    panel.get_by_role("link", name="See the delivery").click()
    page.wait_for_url("**/deliveries?delivery=*")
    one = page.get_by_role("dialog", name=re.compile("^Delivery of "))
    expect(one.locator("ol > li")).to_have_count(1)
    clean(admin, "delivery", screenshots)
    one.get_by_role("button", name="Close").click()
    expect(one).to_be_hidden()
    page.get_by_label("State", exact=True).select_option("failed")
    expect(page.get_by_role("heading", name="No delivery is like this")).to_be_visible()
    assert admin.complaints == []


@pytest.mark.parametrize("mode", MODES)
def test_publishing_in_every_shape(guest, mode: str, screenshots: Path) -> None:
    visitor = guest(**MODES[mode])
    visitor.sign_in(password=PASSWORD).wait_for_selector(".sprint-card")
    for name, path, seen in (
        ("connections", "/connections", "#connections tbody tr"),
        ("connection", "/connections?connection=1", "dialog[open]"),
        ("deliveries", "/deliveries", "#deliveries tbody tr"),
        ("delivery", "/deliveries?delivery=1", "dialog[open] ol > li"),
    ):
        page = visitor.open(path)
        page.locator(seen).first.wait_for()
        clean(visitor, f"{name}-{mode}", screenshots)
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], name
    page = visitor.open("/report?review=1")
    page.get_by_role("button", name="Publish", exact=True).click()
    panel = page.get_by_role("dialog", name="Publish this report")
    panel.get_by_role("button", name="Look what would be done").wait_for()
    clean(visitor, f"publish-{mode}", screenshots)
    assert visitor.complaints == []
