"""A template in the browser: copied, put in order by keyboard, ticked and written in beside its preview, kept, used and taken back."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.harness import MODES, PASSWORD, READER, Visitor

NAME = "For the client"
GIVEN = ["In short", "Overview", "Burndown", "Teams", "Data quality"]


@pytest.fixture(scope="module")
def kept() -> dict[str, str]:
    """Where the template is that the first test made."""
    return {}


def clean(visitor: Visitor, name: str, screenshots: Path) -> None:
    # What is said in the corner fades away, and would be told to have too little contrast meanwhile.
    expect(visitor.page.locator("[data-sonner-toast]")).to_have_count(0, timeout=10_000)
    visitor.page.screenshot(path=screenshots / f"{name}.png", full_page=True)
    assert visitor.violations() == [], name


def piece(page: Page, key: str) -> Locator:
    return page.locator(f"[data-piece={key}]")


def in_use(page: Page, key: str) -> Locator:
    """The tick by which a part is shown or left out."""
    return page.locator(f"#{key}-shown")


def order(page: Page) -> list[str]:
    return page.locator("[data-piece]").evaluate_all("all => all.map(one => one.dataset.piece)")


def headings(page: Page) -> Locator:
    return page.locator("#preview .report h2")


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.id")


def find_given(visitor: Visitor, screenshots: Path) -> Page:
    """What comes with the product can be looked at and copied, and offers no control."""
    page = visitor.open("/reports")
    page.get_by_role("link", name="Templates", exact=True).click()
    expect(page.get_by_role("heading", name="Report templates", exact=True)).to_be_visible()
    expect(page.get_by_text("There is no template of your own")).to_be_visible()
    clean(visitor, "templates-none", screenshots)
    page.get_by_label("Search templates").fill("executive")
    rows = page.locator("#given-templates tbody tr")
    expect(rows).to_have_count(4)
    row = rows.filter(has_text="State of a sprint")
    row.get_by_role("link", name="Executive summary", exact=True).click()
    expect(headings(page)).to_have_text(GIVEN, timeout=20_000)
    expect(page.locator("[data-piece]")).to_have_count(0)
    expect(page.get_by_role("button", name="Delete")).to_have_count(0)
    clean(visitor, "template-given", screenshots)
    return page


def put_in_order(page: Page) -> None:
    """By the keyboard: with the buttons, which keep the focus wherever they go, and with Alt and an arrow."""

    def is_at(place: int) -> None:
        page.wait_for_function(
            "place => document.querySelectorAll('[data-piece]')[place].dataset.piece === 'teams'", arg=place
        )

    assert order(page)[:5] == ["text-1", "overview", "burndown", "teams", "quality"]
    page.locator("#teams-up").focus()
    page.keyboard.press("Enter")
    is_at(2)
    assert focused(page) == "teams-up"
    page.keyboard.press("Enter")
    is_at(1)
    expect(headings(page)).to_have_text(["In short", "Teams", "Overview", "Burndown", "Data quality"])
    page.locator("#teams-down").focus()
    page.keyboard.press("Enter")
    is_at(2)
    assert focused(page) == "teams-down"
    page.locator("#teams-title").focus()
    page.keyboard.press("Alt+ArrowDown")
    is_at(3)
    assert focused(page) == "teams-title"
    expect(page.get_by_role("status").filter(has_text="Teams is now number 4 of")).to_have_count(1)
    expect(headings(page)).to_have_text(GIVEN)


def choose(page: Page) -> None:
    """A chart is left out, a part left out, another taken in and one called otherwise."""
    teams = page.locator("section[aria-labelledby=part-teams]")
    expect(teams.locator(".chart-card")).to_have_count(1)
    piece(page, "teams").locator("summary").click()
    piece(page, "teams").get_by_label("Chart: Teams").uncheck()
    expect(teams.locator(".chart-card")).to_have_count(0)
    expect(teams.locator("table")).not_to_have_count(0)
    expect(piece(page, "teams").get_by_text("Without the chart “Teams”")).to_be_visible()
    in_use(page, "burndown").uncheck()
    in_use(page, "summaries").check()
    page.get_by_label("Title of Overview").fill("Where we stand on {{ board.name }}")
    page.keyboard.press("Tab")
    board = page.locator("#preview-board option:checked").inner_text()
    shown = ["In short", f"Where we stand on {board}", "Teams", "Data quality", "Types by status"]
    expect(headings(page)).to_have_text(shown)


def write(visitor: Visitor, screenshots: Path) -> None:
    """A text of one's own: a placeholder of the menu, then one that there is not, and a loop, which is refused."""
    page = visitor.page
    page.get_by_role("button", name="Add text after the last part").click()
    own = page.locator("[data-piece^=text-]").last
    expect(own.get_by_label(re.compile("^Title of"))).to_be_focused()
    page.keyboard.type("Thank you")
    page.keyboard.press("Tab")
    words = own.get_by_label(re.compile("^Text of"))
    words.fill("You asked for")
    page.keyboard.press("Tab")
    expect(own.get_by_label(re.compile("^Insert into"))).to_be_focused()
    own.get_by_label(re.compile("^Insert into")).select_option("facts.scope")
    expect(words).to_have_value("You asked for {{ facts.scope }}")
    shown = page.locator("#preview .report section").last
    expect(shown.get_by_role("heading", name="Thank you")).to_be_visible()
    expect(shown).to_contain_text(re.compile(r"You asked for \d"))
    problem = own.get_by_role("alert")
    words.fill("You asked for {% for one in facts %}{{ one }}{% endfor %}")
    page.keyboard.press("Tab")
    expect(problem).to_contain_text("in line 1 is none of them")
    words.fill("You asked for {{ facts.scop }}")
    page.keyboard.press("Tab")
    expect(problem).to_contain_text("There is no placeholder 'facts.scop'. Did you mean facts.scope?")
    clean(visitor, "template-wrong", screenshots)
    page.get_by_label("Name", exact=True).fill(NAME)
    page.get_by_role("button", name="Keep the template").click()
    expect(page.get_by_role("alert").filter(has_text="marked below")).to_be_visible()
    words.fill("You asked for {{ facts.scope }}.")
    page.keyboard.press("Tab")
    expect(problem).to_have_count(0)
    expect(shown).to_contain_text(re.compile(r"You asked for \d[^{]*\."))


def test_a_template_is_copied_changed_with_its_preview_and_kept(
    admin: Visitor, kept: dict[str, str], screenshots: Path
) -> None:
    page = find_given(admin, screenshots)
    page.get_by_role("link", name="Copy to make your own").click()
    expect(page.get_by_label("Title of Overview")).to_be_visible()
    put_in_order(page)
    choose(page)
    write(admin, screenshots)
    page.get_by_label("Note on this version").fill("As agreed with the client")
    page.get_by_role("button", name="Keep the template").click()
    page.wait_for_url("**/report-template?id=*")
    expect(page.get_by_role("heading", name=NAME, exact=True)).to_be_visible()
    expect(page.locator("#versions tbody tr")).to_have_count(1)
    expect(page.get_by_text("Not kept yet")).to_have_count(0)
    kept["template"] = page.url.removeprefix(admin.url)
    kept["sections"] = "|".join(headings(page).all_inner_texts())
    clean(admin, "template-kept", screenshots)
    assert admin.complaints == []


def test_a_report_is_laid_out_by_it_and_stays_so(
    admin: Visitor, kept: dict[str, str], screenshots: Path
) -> None:
    page = admin.open("/reports")
    page.get_by_role("button", name="New report").click()
    form = page.get_by_role("dialog", name="New report")
    expect(form.get_by_role("link", name="Edit templates")).to_be_visible()
    form.get_by_label("Template").select_option(label=NAME)
    form.get_by_label("Name", exact=True).fill("Laid out by ours")
    form.get_by_role("button", name="Make the report").click()
    page.wait_for_url("**/report?id=*")
    sections = page.locator(".report h2")
    expect(sections).to_have_text(kept["sections"].split("|"), timeout=20_000)
    expect(page.get_by_role("combobox", name="Template")).to_have_value(re.compile(r"^\d+:1$"))
    kept["report"] = page.url.removeprefix(admin.url)
    clean(admin, "report-by-template", screenshots)
    page.get_by_role("combobox", name="Template").select_option("")
    expect(
        sections.filter(has_text="Sprint queue").or_(sections.filter(has_text="Capacity")).first
    ).to_be_visible()
    page.get_by_role("link", name="Edit templates").click()
    page.wait_for_url("**/report-templates?kind=baseline")
    page.get_by_role("link", name=NAME, exact=True).click()

    # A second version, looked at beside the first one, which is taken back.
    expect(in_use(page, "quality")).to_be_checked()
    in_use(page, "quality").uncheck()
    expect(page.get_by_text("Not kept yet")).to_be_visible()
    page.get_by_role("button", name="Keep as a new version").click()
    versions = page.locator("#versions tbody tr")
    expect(versions).to_have_count(2)
    expect(headings(page)).not_to_contain_text(["Data quality"])
    page = admin.open(kept["report"])
    expect(page.locator(".report h2")).to_have_text(kept["sections"].split("|"), timeout=20_000)

    page = admin.open(kept["template"])
    page.get_by_role("link", name="Version 1", exact=True).click()
    page.wait_for_url("**version=1")
    expect(page.get_by_text("This is version 1. The newest one is version 2.")).to_be_visible()
    expect(page.locator("[data-piece]")).to_have_count(0)
    expect(headings(page)).to_have_text(kept["sections"].split("|"), timeout=20_000)
    clean(admin, "template-older", screenshots)
    page.locator("#versions").get_by_role("button", name="Take version 1 back").click()
    page.wait_for_url(lambda url: "version=" not in url)
    expect(versions).to_have_count(3)
    expect(versions.first).to_contain_text("As version 1.")
    assert order(page)[0] == "text-1"
    expect(headings(page)).to_have_text(kept["sections"].split("|"), timeout=20_000)
    assert admin.complaints == []


def test_two_people_do_not_write_over_each_other(admin: Visitor, guest, kept: dict[str, str]) -> None:
    page = admin.open(kept["template"])
    expect(piece(page, "quality")).to_be_visible()
    second = guest()
    second.sign_in(password=PASSWORD).wait_for_selector(".sprint-card")
    other = second.open(kept["template"])
    in_use(other, "quality").uncheck()
    other.get_by_role("button", name="Keep as a new version").click()
    expect(other.locator("#versions tbody tr")).to_have_count(4)
    in_use(page, "summaries").uncheck()
    page.get_by_role("button", name="Keep as a new version").click()
    expect(page.get_by_role("alert").filter(has_text="Somebody has kept version 4")).to_be_visible()
    page.get_by_role("button", name="Keep as a template of its own").click()
    expect(page.get_by_role("heading", name=f"{NAME} (copy)", exact=True)).to_be_visible()
    expect(page.locator("#versions tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete the template").click()
    page.wait_for_url("**/report-templates")
    expect(page.get_by_role("link", name=NAME, exact=True)).to_be_visible()
    expect(page.get_by_role("link", name=f"{NAME} (copy)", exact=True)).to_have_count(0)
    assert admin.complaints == second.complaints == []


def test_a_template_for_all_is_there_for_others_without_its_controls(
    admin: Visitor, guest, kept: dict[str, str]
) -> None:
    page = admin.open(kept["template"])
    page.get_by_role("checkbox", name=re.compile("^For all")).check()
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_text("For all, by")).to_be_visible()
    reader = guest()
    reader.sign_in(READER).wait_for_selector(".sprint-card")
    seen = reader.open("/report-templates")
    row = seen.locator("#templates tbody tr").filter(has_text=NAME)
    expect(row).to_contain_text("For all")
    expect(row.get_by_role("button")).to_have_count(0)
    row.get_by_role("link", name=NAME, exact=True).click()
    expect(headings(seen).first).to_be_visible(timeout=20_000)
    expect(seen.get_by_role("link", name="Copy to make your own")).to_be_visible()
    expect(
        seen.locator("main").get_by_role("button", name=re.compile("Keep|Delete|Move|back"))
    ).to_have_count(0)
    assert reader.violations() == []
    assert admin.complaints == reader.complaints == []


@pytest.mark.parametrize("mode", MODES)
def test_templates_in_every_shape(guest, kept: dict[str, str], mode: str, screenshots: Path) -> None:
    visitor = guest(**MODES[mode])
    visitor.sign_in(password=PASSWORD).wait_for_selector(".sprint-card")
    for name, path in (("templates", "/report-templates"), ("template", kept["template"])):
        page = visitor.open(path)
        page.locator("#given-templates tbody tr, #preview .report h2").first.wait_for(timeout=20_000)
        page.wait_for_load_state("networkidle")
        if name == "template":
            piece(page, "overview").locator("summary").click()
        clean(visitor, f"{name}-{mode}", screenshots)
        width = page.viewport_size["width"]
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, mode)
    assert visitor.complaints == []
