"""The data quality page: doubts, worst first, the issues behind one, and the choice of sprints."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.harness import MODES, PASSWORD

DRILLED = "/quality?check=done-without-estimate"


@pytest.mark.parametrize("mode", MODES)
def test_the_page_and_its_list_in_every_shape(guest, mode: str, screenshots: Path):
    visitor = guest(**MODES[mode])
    visitor.sign_in(password=PASSWORD).wait_for_selector(".sprint-card")
    for name, path, proof in (("quality", "/quality", ".doubts > li"), ("quality-list", DRILLED, "tbody tr")):
        page = visitor.open(path)
        page.wait_for_selector(proof)
        page.wait_for_load_state("networkidle")
        if name == "quality":
            page.locator(".quiet-checks summary").click()
            page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=screenshots / f"{name}-{mode}.png", full_page=True)
        assert visitor.violations() == [], (name, mode)
        width = page.viewport_size["width"]
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, mode)
    assert visitor.complaints == []


def test_from_a_doubt_to_its_issues_and_back(admin):
    page = admin.open("/")
    page.get_by_role("navigation", name="Reports").get_by_role("link", name="Data quality").click()
    doubt = page.locator(".doubts > li").filter(
        has=page.get_by_role("heading", name="Done work without an estimate")
    )
    number = re.search(r"Show (\d+) issues?", doubt.inner_text())
    assert number is not None
    doubt.get_by_role("link", name="Show").click()
    page.wait_for_url(re.compile(r"[?&]check=done-without-estimate"))
    expect(page.get_by_role("heading", level=1, name="Done work without an estimate")).to_be_visible()
    expect(page.get_by_role("heading", level=2)).to_have_text(re.compile(rf"^{number.group(1)} issues?$"))
    first = page.locator("tbody tr").first
    expect(first.get_by_role("link").first).to_have_attribute(
        "href", re.compile(r"^http://127\.0\.0\.1:\d+/browse/\w+-\d+$")
    )
    expect(first).to_contain_text("adds 0 to every sum")
    page.get_by_role("link", name="All checks").click()
    expect(page.get_by_role("heading", level=1, name="Data quality")).to_be_visible()


def test_one_sprint_can_be_chosen_and_stays_in_the_address(admin):
    page = admin.open("/quality")
    page.wait_for_selector(".doubts > li")
    everything = page.locator("p.reading").first.inner_text()
    page.locator("select[name=sprint]").select_option(index=3)
    page.wait_for_url(re.compile(r"[?&]sprint=\d+"))
    expect(page.locator("p.reading").first).not_to_have_text(everything)
    page.reload()
    expect(page.locator("select[name=sprint]")).not_to_have_value("")


def test_a_check_that_does_not_exist_leads_to_all_of_them(admin):
    page = admin.open("/quality?check=nonsense")
    page.wait_for_selector(".doubts > li")
    expect(page.get_by_role("heading", level=1, name="Data quality")).to_be_visible()


def test_a_sprint_without_a_doubt_is_praised(admin, screenshots: Path):
    page = admin.open("/quality")
    page.wait_for_selector(".doubts > li")
    sprints = (
        page.locator("select[name=sprint]").locator("option").evaluate_all("all => all.map(one => one.value)")
    )
    for sprint in filter(None, sprints):
        admin.open(f"/quality?sprint={sprint}")
        page.wait_for_selector(".quiet-checks")
        if page.locator(".empty").count():
            break
    expect(page.get_by_role("heading", name="Nothing to doubt")).to_be_visible()
    page.screenshot(path=screenshots / "quality-praise.png", full_page=True)
    assert admin.violations() == []
