"""Queues in the browser: one by each algorithm, made the plan, followed, compared, taken out; and looked at in every shape."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import MODES, PASSWORD, READER, Visitor

ALGORITHMS = ("Round-robin", "Weighted fair", "Priority", "Optimal")
TABS = {
    "Versions": "#versions",
    "Progress": "#progress",
    "Compare": "#compared",
    "Export": "#files",
}


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    """Where the queue of each algorithm is planned, by the algorithm."""
    return {}


def clean(visitor: Visitor, name: str, screenshots: Path) -> None:
    # What is said in the corner fades away, and would be told to have too little contrast meanwhile.
    expect(visitor.page.locator("[data-sonner-toast]")).to_have_count(0, timeout=10_000)
    visitor.page.screenshot(path=screenshots / f"{name}.png", full_page=True)
    assert visitor.violations() == [], name


def tab(page: Page, name: str) -> None:
    page.get_by_role("group", name="Part of the planner").get_by_role("link", name=name).click()
    expect(page.locator(TABS[name])).to_be_visible()


def test_a_queue_is_made_by_each_algorithm(admin: Visitor, made: dict[str, str], screenshots: Path) -> None:
    for algorithm in ALGORITHMS:
        page = admin.open("/queues")
        expect(page.get_by_role("heading", name=re.compile("^Queues of "), level=1)).to_be_visible()
        page.get_by_role("button", name=re.compile("^(New queue|Make the first one)$")).first.click()
        form = page.get_by_role("dialog", name="New queue")
        form.get_by_label("Name").fill(f"By {algorithm}")
        form.get_by_role("radio", name=re.compile(f"^{algorithm}")).check()
        form.get_by_label("Buffer in %").fill("10")
        if algorithm == "Optimal":
            form.get_by_label("Begin from").select_option(label="By Priority")
            expect(form).to_contain_text("Everything that was decided in “By Priority”")
            form.get_by_role("radio", name=re.compile(f"^{algorithm}")).check()
            form.get_by_label("Name").fill(f"By {algorithm}")
            clean(admin, "queue-new", screenshots)
        form.get_by_role("button", name="Generate").click()
        page.wait_for_url("**/planner?queue=*")
        made[algorithm] = page.url.removeprefix(admin.url)
        expect(page.get_by_role("heading", name=f"By {algorithm}", level=1)).to_be_visible()
    page = admin.open("/queues")
    for algorithm in ALGORITHMS:
        row = page.get_by_role("row", name=re.compile(f"^By {algorithm}"))
        expect(row).to_contain_text("1 version")
        expect(row).to_contain_text("Ada Lovelace")
    page.get_by_role("button", name="Rename By Priority").click()
    panel = page.get_by_role("dialog", name="Rename the queue")
    panel.get_by_label("Name").fill("Strictly by priority")
    panel.get_by_role("button", name="Rename", exact=True).click()
    expect(page.get_by_role("link", name="Strictly by priority")).to_be_visible()
    assert admin.complaints == []


def test_a_queue_becomes_the_plan_and_is_followed(
    admin: Visitor, made: dict[str, str], screenshots: Path
) -> None:
    page = admin.open(made["Round-robin"])
    tab(page, "Versions")
    page.get_by_role("button", name="Make it the plan of the sprint").click()
    clean(admin, "queue-activate", screenshots)
    page.get_by_role("button", name="Make it the plan", exact=True).click()
    expect(page.locator("#queue-state .chip")).to_have_text("Active")
    page.get_by_role("button", name="Look at Version 1").click()
    order = page.locator("#version-order")
    expect(order.get_by_role("heading", name=re.compile("^Rounds of "))).to_be_visible()
    expect(order.locator("tr.round").first).to_be_visible()
    expect(order.get_by_label("How issues can be scheduled")).to_contain_text("Hard scheduled")
    teams = page.locator("#version-teams")
    last = teams.get_by_role("button").last
    name = last.inner_text()
    last.click()
    expect(order.get_by_role("heading", name=f"Rounds of {name}")).to_be_visible()
    clean(admin, "queue-version", screenshots)
    page.get_by_role("button", name="← All versions").click()
    expect(page.locator("#versions")).to_be_visible()

    tab(page, "Progress")
    expect(page.locator("#progress")).to_contain_text("planned issues done")
    expect(page.locator("#progress [role=progressbar]").first).to_be_visible()
    clean(admin, "queue-progress", screenshots)

    page = admin.open(made["Priority"] + "&tab=versions")
    page.get_by_role("button", name="Make this one the plan instead").click()
    expect(page.locator(".pop:popover-open")).to_contain_text("“By Round-robin” is completed")
    page.get_by_role("button", name="Complete that one, and make this one the plan").click()
    expect(page.locator("#queue-state .chip")).to_have_text("Active")
    assert admin.complaints == []


def test_two_plans_are_compared(admin: Visitor, made: dict[str, str], screenshots: Path) -> None:
    page = admin.open(made["Round-robin"])
    tab(page, "Compare")
    page.get_by_label("Second").select_option(label="By Optimal, version 1, the last one")
    compared = page.locator("#compared")
    expect(compared.get_by_role("columnheader", name="Second: By Optimal, version 1")).to_be_visible()
    expect(compared.get_by_role("row", name=re.compile("^Algorithm"))).to_contain_text("Optimal, proven best")
    expect(compared.get_by_role("status")).to_contain_text(re.compile("as in the other|Both have the same"))
    clean(admin, "queue-compare", screenshots)
    assert admin.complaints == []


def test_a_plan_is_taken_out(admin: Visitor, made: dict[str, str]) -> None:
    page = admin.open(made["Priority"])
    tab(page, "Export")
    for name in ("CSV", "Excel", "JSON", "iCalendar", "Print"):
        with page.expect_download() as download:
            page.locator("#files").get_by_role("link", name=name).click()
        assert download.value.path().stat().st_size > 100
    assert admin.complaints == []


@pytest.mark.parametrize("mode", MODES)
def test_queues_in_every_shape(guest, made: dict[str, str], mode: str, screenshots: Path) -> None:
    """By somebody who may only look: no action is offered."""
    reader = guest(**MODES[mode])
    reader.sign_in(READER, PASSWORD).wait_for_selector(".sprint-card")
    page = reader.open("/queues")
    page.locator("#queues tbody tr").first.wait_for()
    shapes(reader, f"queues-{mode}", screenshots)
    expect(page.get_by_role("button", name="New queue")).to_have_count(0)
    for name, proof in TABS.items():
        page = reader.open(f"{made['Round-robin']}&tab={name.lower()}")
        page.locator(proof).wait_for()
        shapes(reader, f"queue-{name.lower()}-{mode}", screenshots)
    assert reader.complaints == []
    if mode == "phone":
        return
    page = reader.open(made["Round-robin"] + "&tab=versions")
    page.get_by_role("button", name="Look at Version 1").click()
    page.locator("#version-order").wait_for()
    shapes(reader, f"queue-version-{mode}", screenshots)
    expect(page.get_by_role("button", name="Begin a new queue from it")).to_have_count(0)
    assert reader.complaints == []


def shapes(visitor: Visitor, name: str, screenshots: Path) -> None:
    page = visitor.page
    page.wait_for_load_state("networkidle")
    clean(visitor, name, screenshots)
    width = page.viewport_size["width"]  # type: ignore[index]
    assert page.evaluate("document.documentElement.scrollWidth") <= width, name
