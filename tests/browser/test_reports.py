"""Reports in the browser: a sprint is frozen, looked at, compared, taken as files, and shown to somebody without an account."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import MODES, PASSWORD, Visitor

SECRET = "four plain old words"  # of a link in a test


@pytest.fixture(scope="module")
def kept() -> dict[str, str]:
    """Where the baseline and the report are that the first tests made."""
    return {}


def clean(visitor: Visitor, name: str, screenshots: Path) -> None:
    # What is said in the corner fades away, and would be told to have too little contrast meanwhile.
    expect(visitor.page.locator("[data-sonner-toast]")).to_have_count(0, timeout=10_000)
    visitor.page.screenshot(path=screenshots / f"{name}.png", full_page=True)
    assert visitor.violations() == [], name


def shown(page: Page) -> None:
    expect(page.locator(".report h2").first).to_be_visible(timeout=20_000)
    expect(page.locator(".report .js-plotly-plot .main-svg").first).to_be_visible()


def test_a_sprint_is_frozen_and_the_baseline_is_looked_at(
    admin: Visitor, kept: dict[str, str], screenshots: Path
) -> None:
    page = admin.open("/sprint")
    page.get_by_role("button", name="Freeze", exact=True).click()
    form = page.get_by_role("dialog", name="Freeze a sprint")
    form.get_by_label("Note").fill("As it was agreed")
    clean(admin, "freeze", screenshots)
    form.get_by_role("button", name="Freeze", exact=True).click()
    page.wait_for_url("**/report?of=baseline-*")
    shown(page)
    kept["baseline"] = page.url.removeprefix(admin.url)
    behind = page.locator("tr.behind summary").first
    behind.click()
    expect(page.locator("tr.behind table tbody tr").first).to_be_visible()
    page.locator(".report .twin").first.get_by_text("Table").click()
    clean(admin, "report-baseline", screenshots)

    page = admin.open("/baselines")
    row = page.get_by_role("row").filter(has_text="As it was agreed")
    expect(row).to_contain_text("By hand")
    clean(admin, "baselines-one", screenshots)
    row.get_by_role("link", name=re.compile("with now$")).click()
    page.wait_for_url("**/report?before=*")
    expect(page.locator(".report h2").first).to_be_visible(timeout=20_000)
    # Nothing changed since: no table has a row that was added, removed or changed.
    expect(page.locator("tr.mark-added, tr.mark-removed, tr.mark-changed")).to_have_count(0)
    clean(admin, "report-unchanged", screenshots)
    assert admin.complaints == []


def test_a_report_is_kept_found_and_taken_as_files(
    admin: Visitor, kept: dict[str, str], screenshots: Path, tmp_path: Path
) -> None:
    page = admin.open(kept["baseline"])
    shown(page)
    page.get_by_role("button", name="Keep in the library").click()
    form = page.get_by_role("dialog", name="Keep the report")
    form.get_by_label("Name").fill("What was agreed")
    form.get_by_label("Tags").fill("client, agreed")
    form.get_by_role("button", name="Keep", exact=True).click()
    page.wait_for_url("**/report?id=*")
    shown(page)
    kept["report"] = page.url.removeprefix(admin.url)
    page.get_by_role("button", name="Export").click()
    panel = page.get_by_role("dialog", name="Export this report")
    for name in ("HTML", "CSV", "JSON"):
        panel.get_by_role("radio", name=re.compile(f"^{name}")).check()
        panel.get_by_role("button", name="Make the file").click()
        link = panel.get_by_role("link", name=re.compile(f"^{name}: "))
        expect(link).to_be_visible(timeout=60_000)
        with page.expect_download() as download:
            link.click()
        body = Path(download.value.path()).read_bytes()
        if name == "HTML":
            assert b"<!doctype html>" in body[:100].lower()
        elif name == "CSV":
            assert body.startswith(b"PK")
        else:
            assert json.loads(body)["sections"]
    clean(admin, "report-files", screenshots)

    page = admin.open("/reports?tag=client")
    expect(page.get_by_role("link", name="What was agreed")).to_be_visible()
    clean(admin, "reports-found", screenshots)
    page.get_by_label("Search reports").fill("no such report")
    expect(page.get_by_role("heading", name="No report is like this")).to_be_visible()
    page = admin.open("/reports")
    page.get_by_role("button", name="New report").click()
    form = page.get_by_role("dialog", name="New report")
    for kind in ("comparison", "trend", "review", "baseline"):
        form.get_by_label("Kind").select_option(kind)
    clean(admin, "report-new", screenshots)
    assert admin.complaints == []


def test_a_panel_that_was_left_open_is_not_there_over_another_report(
    admin: Visitor, kept: dict[str, str]
) -> None:
    page = admin.open(kept["report"])
    shown(page)
    panel = page.locator("dialog[open]")
    for button in ("Share", "Export", "Publish"):
        page.get_by_role("button", name=button, exact=True).click()
        expect(panel).to_be_visible()
        admin.open(kept["baseline"])
        shown(page)
        expect(panel).to_have_count(0)
        admin.open(kept["report"])
        shown(page)
        panel.get_by_role("button", name="Close").click()
        expect(panel).to_have_count(0)
    assert admin.complaints == []


def test_a_link_shows_it_to_somebody_without_an_account(
    admin: Visitor, guest, kept: dict[str, str], screenshots: Path
) -> None:
    page = admin.open(kept["report"])
    shown(page)
    page.get_by_role("button", name="Share").click()
    panel = page.get_by_role("dialog", name="Share this report")
    panel.get_by_label("For whom?").fill("The client")
    panel.get_by_label("Password").fill(SECRET)
    panel.get_by_role("button", name="Make a link").click()
    said = panel.locator("code, output, input[readonly]").filter(has_text="/shared/srl_").first
    expect(said).to_be_visible()
    url = re.search(r"/shared/srl_[\w-]{43}", said.inner_text())
    assert url
    clean(admin, "report-shared", screenshots)

    stranger = guest().page
    answer = stranger.goto(admin.url + url[0])
    assert answer is not None
    assert answer.headers["x-robots-tag"].startswith("noindex")
    asked: list[str] = []
    stranger.get_by_label("Password").fill("something else")
    stranger.get_by_role("button", name="Show the report").click()
    expect(stranger.get_by_role("alert")).to_contain_text("not the password")
    stranger.on("request", lambda request: asked.append(request.url))
    stranger.get_by_label("Password").fill(SECRET)
    stranger.get_by_role("button", name="Show the report").click()
    expect(stranger.locator(".main-svg").first).to_be_visible(timeout=20_000)
    stranger.wait_for_load_state("networkidle")
    assert [one for one in asked if not one.startswith(("data:", "blob:"))] == [admin.url + url[0]]
    stranger.screenshot(path=screenshots / "shared.png", full_page=True)
    assert stranger.context.cookies() == []

    panel.get_by_role("button", name="Revoke The client").click()
    expect(panel.get_by_role("row").filter(has_text="The client")).to_contain_text("Revoked")
    ended = stranger.goto(admin.url + url[0])
    assert ended is not None
    assert ended.status == 404
    assert admin.complaints == []


@pytest.mark.parametrize("mode", MODES)
def test_a_report_in_every_shape(guest, kept: dict[str, str], mode: str, screenshots: Path) -> None:
    visitor = guest(**MODES[mode])
    visitor.sign_in(password=PASSWORD).wait_for_selector(".sprint-card")
    for name, path in (("report", kept["report"]), ("library", "/reports"), ("baselines", "/baselines")):
        page = visitor.open(path)
        page.locator(".report h2, main table").first.wait_for()
        page.wait_for_load_state("networkidle")
        clean(visitor, f"{name}-{mode}", screenshots)
        width = page.viewport_size["width"]
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, mode)
    assert visitor.complaints == []
