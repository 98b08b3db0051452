"""Getting about: the skip link, tables that scroll, titles, help, and forms that come back."""

from playwright.sync_api import expect

from tests.browser.harness import ADMIN, MODES, PASSWORD


def test_the_skip_link_moves_the_focus_and_leaves_the_address(admin):
    page = admin.open("/sprint?unit=count")
    page.wait_for_selector(".js-plotly-plot .main-svg")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    assert page.url.endswith("/sprint?unit=count")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_the_table_of_a_chart_shows_all_of_it(guest):
    visitor = guest(**MODES["phone"])
    visitor.sign_in(password=PASSWORD).wait_for_selector(".sprint-card")
    page = visitor.open("/sprint")
    card = page.locator(".chart-card", has=page.get_by_role("heading", name="Burndown"))
    card.get_by_text("Table").click()
    side = card.get_by_role("region", name="Burndown, as a table")
    expect(side).to_be_visible()
    heads = side.locator("thead th")
    assert heads.nth(1).evaluate("cell => getComputedStyle(cell).textAlign") == "left"
    assert heads.last.evaluate("cell => getComputedStyle(cell).textAlign") == "right"
    side.scroll_into_view_if_needed()
    side.evaluate("box => box.scrollTo(box.scrollWidth, box.scrollHeight)")
    expect(side.locator("tbody tr").last.locator("td").last).to_be_in_viewport(ratio=0.9)
    expect(side.locator("tbody tr").last.locator("th")).to_be_in_viewport(ratio=0.9)  # it stays in sight


def test_the_navigation_stays_beside_a_long_page(admin):
    page = admin.open("/definitions#health")
    page.wait_for_selector("article")
    page.mouse.move(700, 400)
    page.mouse.wheel(0, 4000)
    page.wait_for_function("scrollY > 0")
    expect(page.get_by_role("navigation", name="Reports").get_by_text("Overview")).to_be_in_viewport()


def test_help_does_not_cover_the_figure_it_explains(admin):
    page = admin.open("/sprint")
    tile = page.get_by_role("group", name="Commitment")
    tile.get_by_role("button").click()
    help_text = tile.locator(".pop")
    expect(help_text).to_be_visible()
    figure, shown = tile.locator(".kpi-value").bounding_box(), help_text.bounding_box()
    assert figure is not None
    assert shown is not None
    assert shown["y"] >= figure["y"] + figure["height"]


def test_a_wrong_password_leaves_the_name_in_the_form(guest):
    visitor = guest()
    page = visitor.sign_in(password="wrong")
    page.wait_for_url("**/sign-in?problem=*")
    expect(page.locator("#login")).to_have_value(ADMIN)
    expect(page.locator("#password")).to_be_focused()
    assert ADMIN not in page.url
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".sprint-card")
    assert visitor.complaints == []


def test_connecting_a_jira_can_be_left_and_gone_back_through(admin):
    page = admin.open("/setup?site=1&step=fields")
    steps = page.get_by_role("list", name="Steps")
    steps.get_by_role("link", name="Choose boards").click()
    page.wait_for_url("**/setup?site=1&step=boards")
    expect(page).to_have_title("Choose the boards · Sprint Reports")
    expect(steps.get_by_role("link", name="Check the fields")).to_have_count(0)
    page.get_by_role("link", name="Back to the Jira sites").click()
    page.wait_for_url("**/sites")
    expect(page).to_have_title("Jira sites · Sprint Reports")


def test_a_page_past_the_end_is_the_last_one(admin):
    page = admin.open("/runs?page=9999")
    expect(page.locator("tbody tr").first).to_be_visible()
