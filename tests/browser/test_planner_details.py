"""Parts of the planner in browsers: scheduling by keyboard, weights and what they do, deleting a queue, and the page to print."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.harness import MODES, PASSWORD, Product, Visitor, add_queue, apart
from tests.browser.test_planner import busiest, card, keys, opened, pictured


@pytest.fixture
def queue(product: Product) -> int:
    """A new queue of a sprint to come."""
    assert product
    return apart(add_queue)


def typed_time(page: Page, field: Locator, day: str, hour: str) -> None:
    """As somebody types who has no mouse: month, day and year, then the hour."""
    field.focus()
    page.keyboard.type(day)
    page.keyboard.press("ArrowRight")
    page.keyboard.type(hour)


def test_exact_times_are_set_by_keyboard_and_taken_back(admin: Visitor, queue: int) -> None:
    page = opened(admin, f"/planner?queue={queue}")
    untimed = (
        key
        for key in keys(page, team=busiest(page))
        if "Exact times" not in (card(page, key).text_content() or "")
    )
    key = next(untimed)
    card(page, key).focus()
    page.keyboard.press("Enter")
    details = page.get_by_role("dialog", name=f"Details of {key}")
    details.get_by_label("Scheduling").focus()
    page.keyboard.press("h")
    expect(details.get_by_label("Scheduling")).to_have_value("hard")
    typed_time(page, details.get_by_label("Starts"), "03102089", "0930AM")
    typed_time(page, details.get_by_label("Ends"), "03102089", "1115AM")
    expect(details.get_by_label("Starts")).to_have_value("2089-03-10T09:30")
    expect(details.get_by_label("Ends")).to_have_value("2089-03-10T11:15")
    page.keyboard.press("Enter")
    expect(details).to_have_count(0)
    expect(card(page, key)).to_contain_text("Exact times")
    expect(page.locator("[data-waiting='0']")).to_have_count(1)
    page.reload()
    expect(card(page, key)).to_contain_text("Exact times")
    card(page, key).focus()
    page.keyboard.press("Enter")
    expect(details.get_by_label("Starts")).to_have_value("2089-03-10T09:30")
    expect(details.get_by_label("Ends")).to_have_value("2089-03-10T11:15")
    page.keyboard.press("Escape")
    card(page, key).focus()
    page.keyboard.press("Control+z")
    expect(card(page, key)).not_to_contain_text("Exact times")
    assert admin.complaints == []


def stakeholder(one: Locator) -> str:
    """Whom a card is for: what stands after its last "for", as summaries have that word, too."""
    found = re.search(r".* for (.+?), (place|below|aside)", one.get_attribute("aria-label") or "")
    assert found is not None
    return found.group(1)


def brought_in(
    page: Page, team: str, of: dict[str, str], below: list[str], *, most: int
) -> tuple[Locator, str]:
    """The weight that brought all issues of a stakeholder in, and one of them. Whose issue waits for another one stays below
    whatever the weight is: then it is the next one's turn."""
    for key in sorted(below, key=lambda key: list(of.values()).count(of[key])):
        theirs = {one for one in of if of[one] == of[key]}
        if len(theirs) > most:
            continue
        weight = page.locator(".plan-weights").get_by_label(re.compile(rf"^{re.escape(of[key])} \("))
        weight.fill("10000")
        weight.press("Enter")
        expect(page.locator("[data-waiting='0']")).to_have_count(1)
        page.wait_for_timeout(1_500)
        if theirs <= set(keys(page, team=team)):
            return weight, key
        weight.fill("100")
        weight.press("Enter")
        expect(page.locator("[data-waiting='0']")).to_have_count(1)
    raise AssertionError("no weight brings anybody's issues in")


def test_a_weight_brings_a_stakeholders_issues_in(admin: Visitor, queue: int) -> None:
    page = opened(admin, f"/planner?queue={queue}")
    team = busiest(page)
    page.get_by_text("How it is planned").click()
    page.get_by_label("Algorithm").select_option("weighted_fair")
    expect(page.get_by_label("Algorithm")).to_have_value("weighted_fair")
    inside, below = keys(page, team=team), keys(page, "below", team=team)
    of = {key: stakeholder(card(page, key)) for key in (*inside, *below)}
    page.locator("summary", has_text="Weights of").click()
    weight, rarest = brought_in(page, team, of, below, most=len(inside))
    page.reload()
    page.get_by_text("How it is planned").click()
    page.locator("summary", has_text="Weights of").click()
    expect(weight).to_have_value("10000")
    weight.fill("100")
    weight.press("Tab")
    expect(card(page, rarest).locator("xpath=..")).to_have_attribute("data-side", "below")
    assert keys(page, team=team) == inside
    assert admin.complaints == []


def test_a_version_is_printed_in_every_mode_and_a_draft_is_deleted(
    admin: Visitor, guest, queue: int, screenshots: Path
) -> None:
    page = opened(admin, f"/planner?queue={queue}")
    key = keys(page, team=busiest(page))[0]
    page.get_by_role("button", name="Keep a version").click()
    expect(page.locator("#keeping")).to_contain_text("The last one is version 1.")
    for mode, options in MODES.items():
        visitor = guest(**options)
        visitor.sign_in(password=PASSWORD).wait_for_selector(".sprint-card")
        printed = visitor.open(f"/queues/print?queue={queue}")
        expect(printed.get_by_text(key).first).to_be_visible()
        assert printed.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{mode}: sticks out"
        pictured(visitor, f"queue-printed-{mode}", screenshots)
        assert visitor.complaints == [], mode
    page.get_by_role("link", name="All queues of the sprint").click()
    row = page.locator(f"tr:has(a[href*='queue={queue}'])")
    row.get_by_role("button", name="Delete Plan of the teams").click()
    expect(page.get_by_role("heading", name="Delete this queue?")).to_be_visible()
    page.get_by_role("button", name="Delete it").and_(page.locator(":visible")).click()
    expect(page.get_by_text("is deleted.", exact=False).first).to_be_visible()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Take it back").click()
    expect(row).to_have_count(1)
    pictured(admin, "queue-taken-back", screenshots)
    assert admin.complaints == []
