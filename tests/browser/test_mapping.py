"""Field mapping and board settings as an admin works with them: tried on real issues, with exceptions, then replayed."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.harness import MODES, PASSWORD

FIELDS = "/site?site=1&tab=fields"
BOARDS = "/site?site=1&tab=boards"


@pytest.mark.parametrize("mode", MODES)
def test_the_mapping_with_an_exception_in_every_shape(guest, mode: str, screenshots: Path):
    visitor = guest(**MODES[mode])
    visitor.sign_in(password=PASSWORD).wait_for_selector(".sprint-card")
    page = visitor.open(FIELDS)
    page.wait_for_selector("#mapping-preview tbody tr")
    page.get_by_label("Issue type").fill("Bug")
    page.get_by_label("Field there").select_option("none")
    page.get_by_role("button", name="Add the exception").click()
    expect(page.get_by_text("Story points of the type Bug: none.")).to_be_visible()
    expect(page.locator("#mapping-preview del").first).to_be_visible()
    page.screenshot(path=screenshots / f"mapping-{mode}.png", full_page=True)
    assert visitor.violations() == [], mode
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width, mode
    assert visitor.complaints == []


def test_a_choice_is_tried_before_it_is_kept(admin):
    page = admin.open(FIELDS)
    page.wait_for_selector("#mapping-preview tbody tr")
    rows = page.locator("#mapping-preview tbody tr")
    assert rows.count() == 10
    expect(page.locator("#mapping-preview del")).to_have_count(0)
    expect(page.get_by_text("Confirming changes nothing in the numbers.")).to_be_visible()
    assert re.search(r"Filled in \d+ % of [\d,]+ issues; \d+ values?, most frequent", page.inner_text("body"))
    page.get_by_label("Discipline team").select_option("project")
    expect(page.locator("#mapping-preview del").first).to_be_visible()
    expect(
        page.get_by_text(re.compile(r"Confirming reads [\d,]+ stored issues again, without a call to Jira\."))
    ).to_be_visible()
    page.reload()
    expect(page.get_by_label("Discipline team")).not_to_have_value("project")


def test_a_value_of_the_scheduling_field_is_told_what_it_means(admin, screenshots: Path):
    page = admin.open(FIELDS)
    page.wait_for_selector("#mapping-preview tbody tr")
    expect(page.get_by_label("Deadline")).to_have_value("duedate")
    means = page.locator("#scheduling-values")
    window = means.get_by_label("Maintenance window")
    expect(window).to_have_value("guess")
    expect(window.locator("option").first).to_have_text("As its words say: at exact times")
    window.select_option("soft")
    expect(page.locator("#mapping-preview del").first).to_contain_text("Maintenance window (at exact times)")
    means.scroll_into_view_if_needed()
    page.screenshot(path=screenshots / "mapping-values.png", full_page=True)
    assert admin.violations() == []
    page.get_by_label("Scheduling class").select_option("none")
    expect(means).to_have_count(0)
    assert admin.complaints == []


def test_an_exception_is_kept_replayed_and_taken_back(admin):
    page = admin.open(FIELDS)
    page.wait_for_selector("#mapping-preview tbody tr")
    page.get_by_role("button", name="Add the exception").click()
    expect(page.get_by_role("alert")).to_contain_text("Name a project, an issue type, or both.")
    page.get_by_label("Project key").fill("NOPE")
    page.get_by_role("button", name="Add the exception").click()
    expect(page.get_by_text("Story points of NOPE:")).to_be_visible()
    page.get_by_role("button", name="Confirm the mapping").click()
    expect(page.get_by_role("alert")).to_contain_text("No project NOPE is known here.")
    page.get_by_role("button", name="Remove the exception: Story points of NOPE").click()
    expect(page.get_by_text("There are none.")).to_be_visible()
    for _ in range(2):
        if page.get_by_text("There are none.").is_visible():
            page.get_by_label("Issue type").fill("Bug")
            page.get_by_label("Field there").select_option("none")
            page.get_by_role("button", name="Add the exception").click()
            expect(page.get_by_text(re.compile(r"Holds for [\d,]+ stored issues?\."))).to_be_visible()
        else:
            page.get_by_role("button", name="Remove the exception").click()
        page.get_by_role("button", name="Confirm the mapping").click()
        follows = page.locator("section", has=page.get_by_role("heading", name="What follows"))
        expect(follows.get_by_text("Done", exact=True)).to_be_visible(timeout=60_000)
        page.reload()
        page.wait_for_selector("#mapping-preview tbody tr")
    expect(page.get_by_text("There are none.")).to_be_visible()


def test_what_counts_as_done_is_chosen_and_told(admin):
    page = admin.open(BOARDS)
    page.wait_for_selector("fieldset.days")
    expect(page.get_by_text("In Jira this board")).to_be_visible()
    done = page.get_by_role("group", name="What counts as done")
    ticks = page.get_by_role("group", name="Statuses that count as done").get_by_role("checkbox")
    expect(ticks).to_have_count(0)
    done.get_by_label("Chosen statuses").check()
    expect(ticks.first).to_be_visible()
    ticked = [tick.is_checked() for tick in ticks.all()]
    assert any(ticked)
    assert not all(ticked)
    for tick in ticks.all():
        tick.uncheck()
    page.get_by_role("button", name="Save the settings").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose at least one status that counts as done")
    for tick, was in zip(ticks.all(), ticked, strict=True):
        tick.set_checked(was)
    page.get_by_role("button", name="Save the settings").click()
    expect(page.get_by_text("Kept. The board's numbers follow within moments.")).to_be_visible()
    page.reload()
    page.wait_for_selector("fieldset.days")
    expect(done.get_by_label("Chosen statuses")).to_be_checked()
    done.get_by_label("The right-most column.").check()
    page.get_by_role("button", name="Save the settings").click()
    expect(page.get_by_text("Kept. The board's numbers follow within moments.")).to_be_visible()
