"""A board's sprints are compared with Jira's reports, a planted difference is shown with its reason; readers only look."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import MODES, PASSWORD, READER, Product, Visitor

ENDPOINT = "/rest/greenhopper/1.0/rapid/charts/sprintreport"


def first_sprint(page: Page) -> None:
    page.get_by_role("row").nth(1).get_by_role("link").click()
    page.wait_for_selector("input[type=file]")


def jiras_report(product: Product, page: Page) -> dict[str, Any]:
    """Jira's report of the sprint that the page shows."""
    address = page.get_by_role("link", name="Jira's report").get_attribute("href") or ""
    found = re.search(r"rapidView=(\d+).*&sprint=(\d+)", address)
    assert found is not None, address
    answer = httpx.get(
        f"{product.demo.base_url}{ENDPOINT}",
        params={"rapidViewId": found[1], "sprintId": found[2]},
        auth=(product.demo.email, product.demo.token),
        trust_env=False,
    )
    return answer.raise_for_status().json()


def chosen(report: dict[str, Any] | bytes) -> dict[str, Any]:
    body = report if isinstance(report, bytes) else json.dumps(report).encode()
    return {"name": "sprintreport.json", "mimeType": "application/json", "buffer": body}


def test_compare_upload_and_look(admin: Visitor, product: Product, guest: Any, screenshots: Path):
    page = admin.open("/reconciliation")
    page.get_by_role("button", name="Compare all that are missing").click()
    share = page.get_by_role("group", name="Sprints equal to Jira")
    expect(share).to_contain_text("100 %", timeout=60_000)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0, timeout=30_000)
    first_sprint(page)
    expect(page.locator(".reading").first).to_contain_text("are the same on both sides")
    where = page.url

    report = jiras_report(product, page)
    contents = report["contents"]
    row = next(
        row for name in ("completedIssues", "issuesNotCompletedInCurrentSprint") for row in contents[name]
    )
    row["currentEstimateStatistic"]["statFieldValue"] = {"value": 987.0}
    page.set_input_files("input[type=file]", chosen(report))
    line = page.get_by_role("row").filter(has_text=row["key"]).first
    expect(line).to_contain_text("Other estimate at the close")
    expect(line).to_contain_text("Not explained")
    expect(page.get_by_role("status").filter(has_text="Jira's report contradicts itself")).to_be_visible()

    page.set_input_files("input[type=file]", chosen(b"<html>"))
    expect(page.get_by_role("alert")).to_contain_text("The body is not valid JSON.")
    other = {**report, "sprint": {**report["sprint"], "id": 999_999}}
    page.set_input_files("input[type=file]", chosen(other))
    expect(page.get_by_role("alert")).to_contain_text("It is the report of sprint 999999")
    # The browser itself writes refused requests into its console.
    assert all("422" in said for said in admin.complaints)

    for mode, options in MODES.items():
        visitor = guest(**options)
        visitor.sign_in(password=PASSWORD).wait_for_selector(".sprint-card")
        for name, path, proof in (
            ("reconciliation", "/reconciliation", "tbody tr"),
            ("reconciliation-sprint", where.removeprefix(visitor.url), "input[type=file]"),
        ):
            shown = visitor.open(path)
            shown.wait_for_selector(proof)
            shown.wait_for_load_state("networkidle")
            shown.screenshot(path=screenshots / f"{name}-{mode}.png", full_page=True)
            assert visitor.violations() == [], (name, mode)
            assert shown.evaluate("document.documentElement.scrollWidth") <= shown.viewport_size["width"]
        assert visitor.complaints == []

    page.get_by_role("button", name="Compare now").click()
    expect(page.locator(".reading").first).to_contain_text("are the same on both sides")


@pytest.mark.parametrize("button", ["Compare now", "Compare all that are missing"])
def test_a_reader_looks_and_changes_nothing(guest: Any, button: str):
    visitor = guest()
    visitor.sign_in(READER).wait_for_selector(".sprint-card")
    page = visitor.open("/reconciliation")
    page.wait_for_selector("tbody tr")
    expect(page.get_by_role("button", name=button)).to_have_count(0)
    page.get_by_role("row").nth(1).get_by_role("link").click()
    expect(page.get_by_role("link", name="All closed sprints of the board")).to_be_visible()
    expect(page.get_by_role("button", name=button)).to_have_count(0)
    expect(page.locator("input[type=file]")).to_have_count(0)
    assert visitor.complaints == []
