"""The forecast on the sprint page: what it says, how often that was right, and what it rests on."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.harness import MODES, PASSWORD


@pytest.mark.parametrize("mode", ["light", "dark", "phone"])
def test_the_forecast_is_told_with_its_hits(guest, mode: str, screenshots: Path) -> None:
    visitor = guest(**MODES[mode])
    visitor.sign_in(password=PASSWORD).wait_for_selector(".sprint-card")
    page = visitor.open("/sprint?unit=points")
    card = page.locator(".chart-card", has=page.get_by_role("heading", name="Forecast"))
    card.locator(".js-plotly-plot .main-svg").first.wait_for()
    expect(card.locator(".reading")).to_have_text(
        re.compile(
            r"(likely to finish by \w+day \d+ \w+; with 85 % certainty at least|All that is in scope).*came true\."
        )
    )
    expect(card).to_contain_text(re.compile(r"Judged by \d+ forecasts in \d+ closed sprints before"))
    page.wait_for_load_state("networkidle")
    card.scroll_into_view_if_needed()
    card.screenshot(path=screenshots / f"forecast-{mode}.png")
    page.screenshot(path=screenshots / f"forecast-page-{mode}.png", full_page=True)
    assert visitor.violations() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    card.get_by_text("Table").click()
    table = card.get_by_role("region", name="Forecast, as a table")
    expect(table.get_by_role("columnheader", name="Likely to finish")).to_be_visible()
    assert table.locator("tbody tr").count() > 1
    card.screenshot(path=screenshots / f"forecast-table-{mode}.png")
    card.get_by_role("button", name="How is Forecast computed?").click()
    expect(card.locator(".pop")).to_contain_text("10,000 trials")
    assert visitor.violations() == []
    assert visitor.complaints == []


def test_a_closed_sprint_says_what_was_told_and_what_came(admin, screenshots: Path) -> None:
    page = admin.open("/sprint?unit=points")
    card = page.locator(".chart-card", has=page.get_by_role("heading", name="Forecast"))
    card.locator(".js-plotly-plot .main-svg").first.wait_for()
    page.get_by_role("banner").get_by_label("Sprint", exact=True).select_option(index=4)
    expect(card.locator(".reading")).to_contain_text(
        re.compile(r"At its start it was .* likely to finish by .*; .* completed by then\.")
    )
    page.wait_for_load_state("networkidle")
    card.scroll_into_view_if_needed()
    card.screenshot(path=screenshots / "forecast-closed.png")
    assert admin.complaints == []
