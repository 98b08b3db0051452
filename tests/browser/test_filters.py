"""Filters live in the address: every view can be linked, and works from the keyboard."""

import re

from playwright.sync_api import expect


def _numbers(page) -> str:
    return page.get_by_role("group", name="Commitment").inner_text()


def _sprint(admin):
    page = admin.open("/sprint")
    page.wait_for_selector(".js-plotly-plot .main-svg")
    return page


def test_the_unit_is_in_the_address_and_changes_the_figures(admin):
    page = _sprint(admin)
    points = _numbers(page)
    page.get_by_role("group", name="Unit").get_by_role("link", name="Issues").click()
    page.wait_for_url(re.compile(r"[?&]unit=count"))
    unit = page.get_by_role("group", name="Commitment").locator(".unit")
    expect(unit).to_have_text("issues")
    issues = _numbers(page)
    assert issues != points
    page.reload()
    expect(unit).to_have_text("issues")
    assert _numbers(page) == issues


def test_sprint_and_board_are_picked_in_the_bar(admin):
    page = _sprint(admin)
    title = page.locator("h1").inner_text()
    page.get_by_role("banner").get_by_label("Sprint", exact=True).select_option(index=4)
    page.wait_for_url(re.compile(r"[?&]sprint=\d+"))
    expect(page.locator("h1")).not_to_have_text(title)
    page.get_by_role("banner").get_by_label("Board", exact=True).select_option(index=1)
    page.wait_for_url(lambda url: "sprint=" not in url)
    expect(page.locator("h1")).not_to_have_text(title)
    page.go_back()
    page.wait_for_url(re.compile(r"[?&]sprint=\d+"))


def test_search_and_sort_are_done_by_the_server_and_can_be_linked(admin):
    page = _sprint(admin)
    rows = page.locator("#issues tbody tr")
    everything = rows.count()
    wanted = rows.nth(2).locator("a").inner_text()
    page.get_by_label("Search issues").fill(wanted)
    page.wait_for_url(re.compile(r"[?&]search="))
    expect(rows).to_have_count(1)
    assert everything > 1
    page.reload()
    expect(rows).to_have_count(1)
    expect(page.get_by_label("Search issues")).to_have_value(wanted)
    page.get_by_label("Search issues").fill("no issue is called that")
    expect(page.get_by_text("No issue has “no issue is called that”")).to_be_visible()
    page.get_by_label("Search issues").fill("")
    expect(rows).to_have_count(everything)
    head = page.get_by_role("columnheader", name="Final")
    head.get_by_role("link").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    head.get_by_role("link").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    figures = [
        text for text in page.locator("#issues tbody tr td:nth-child(8)").all_inner_texts() if text != "—"
    ]
    assert [float(one) for one in figures] == sorted(map(float, figures), reverse=True)


def test_a_definition_opens_and_closes_from_the_keyboard(admin):
    page = _sprint(admin)
    page.get_by_role("button", name="How is Commitment computed?").focus()
    page.keyboard.press("Enter")
    popover = page.locator("#why-kpi-commitment")
    expect(popover).to_be_visible()
    expect(popover).to_contain_text("at the moment it started")
    page.keyboard.press("Escape")
    expect(popover).to_be_hidden()


def test_a_chart_has_a_table_of_the_same_numbers(admin):
    page = _sprint(admin)
    group = page.get_by_role("radiogroup", name="Show Burndown as")
    table = page.get_by_role("region", name="Burndown, as a table")
    expect(table).to_be_hidden()
    group.get_by_role("radio", name="Chart").focus()
    page.keyboard.press("ArrowRight")
    expect(table).to_be_visible()
    assert table.get_by_role("row").count() > 1


def test_velocity_looks_at_as_many_sprints_as_asked(admin):
    page = admin.open("/velocity")
    rows = page.locator("section", has=page.get_by_role("heading", name="Sprints")).locator("tbody tr")
    expect(rows).to_have_count(7)
    page.locator("select[name=last]").select_option("12")
    page.wait_for_url(re.compile(r"[?&]last=12"))
    expect(rows).to_have_count(12)


def test_the_navigation_collapses_on_a_phone(guest):
    visitor = guest(viewport={"width": 390, "height": 844})
    page = visitor.sign_in()
    page.wait_for_selector(".sprint-card")
    reports = page.get_by_role("navigation", name="Reports")
    expect(reports).to_be_hidden()
    page.get_by_role("button", name="Open the navigation").click()
    expect(reports).to_be_visible()
    reports.get_by_role("link", name="Velocity").click()
    page.wait_for_url("**/velocity*")
    expect(reports).to_be_hidden()
