"""Schedules in the browser: one of each kind is made, run, paused and followed; a report that one sends is not deleted."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.harness import MODES, PASSWORD, READER, Visitor
from tests.browser.test_reports import clean
from tests.publishing_support import Chat, standing

SOON = 60_000
CHAT, MAIL = "Schedule chat", "Schedule mail"
# What is chosen under "When", what is typed, and how the schedule is told.
WAYS = (
    ("cron", {"Cron expression": "*/20 8-11 * * 1-5"}, "Every 20 minutes from 08:00 to 11:40, every weekday, Europe/Berlin"),
    ("sprint_started", {}, "When a sprint of the board starts"),
    ("sprint_closed", {}, "When a sprint of the board is closed"),
    ("before_end", {"Days before the end": "3"}, "3 days before the planned end of each sprint, Europe/Berlin"),
    ("scope_change", {"Percent of the commitment": "15"}, "When the scope of a sprint is more than 15 % away from its commitment"),
    ("forecast_below", {"Chance in percent": "60"}, "When the chance that a sprint finishes its scope is below 60 %"),
)  # fmt: skip


@pytest.fixture(scope="module")
def slack() -> Iterator[tuple[Chat, str]]:
    """A Slack on loopback, and the address of its webhook."""
    made = Chat()
    with standing(made) as place:
        yield made, f"{place.url}/services/T/S/x"


@pytest.fixture
def boss(admin: Visitor, slack: tuple[Chat, str]) -> Visitor:
    """The admin, with a chat and a mail server to send by."""
    own = {"Origin": admin.url}
    known = admin.context.request.get(f"{admin.url}/api/v1/connections?per_page=100").json()["data"]
    mail = {"kind": "email", "host": "127.0.0.1", "port": 9, "security": "none", "sender": "reports@x.test"}
    for body in (
        {"name": CHAT, "settings": {"kind": "slack", "by": "webhook"}, "secret": slack[1]},
        {"name": MAIL, "settings": mail},
    ):
        if body["name"] not in {one["name"] for one in known}:
            made = admin.context.request.post(f"{admin.url}/api/v1/connections", data=body, headers=own)
            assert made.status == 201, made.text()
    return admin


def begun(page: Page) -> Locator:
    page.get_by_role("button", name=re.compile("New schedule|Make the first schedule")).first.click()
    form = page.get_by_role("dialog", name="Set a schedule up")
    expect(form.get_by_label("Name", exact=True)).to_be_visible()
    return form


def sent_to(form: Locator, connection: str) -> None:
    choice = form.get_by_label("Connection", exact=True)
    label = choice.locator("option").filter(has_text=connection).first.inner_text()
    choice.select_option(label=label)


def kept(page: Page, form: Locator, name: str) -> Locator:
    form.get_by_role("button", name="Keep", exact=True).click()
    panel = page.get_by_role("dialog", name=f"Schedule {name}")
    expect(panel).to_be_visible(timeout=20_000)
    expect(form).to_be_hidden()
    return panel


def test_one_is_made_looked_ahead_of_run_paused_and_deleted(
    boss: Visitor, slack: tuple[Chat, str], screenshots: Path
) -> None:
    chat, _ = slack
    before = len(chat.posted)
    page = boss.open("/schedules")
    form = begun(page)
    form.get_by_label("Name", exact=True).fill("Each morning")
    expect(form.locator("#ahead li")).to_have_count(5)
    expect(form).to_contain_text("It runs every weekday at 09:00, Europe/Berlin.")
    form.get_by_label("Monday", exact=True).uncheck()
    form.get_by_label("Time", exact=True).fill("07:30")
    expect(form).to_contain_text("It runs every Tuesday, Wednesday, Thursday and Friday at 07:30")
    form.get_by_label("What it does").select_option("both")
    sent_to(form, CHAT)
    expect(form.get_by_text("The message goes into the channel")).to_be_visible()
    clean(boss, "schedule-form", screenshots)
    panel = kept(page, form, "Each morning")
    expect(panel).to_contain_text("Sends the state of the sprint that runs on")
    expect(panel).to_contain_text("It has not run yet.")
    panel.get_by_role("button", name="Run now").click()
    expect(panel.locator("#runs > li")).to_have_count(1)
    expect(panel.get_by_text("It arrived.")).to_be_visible(timeout=SOON)
    assert len(chat.posted) == before + 1
    expect(panel.get_by_role("link", name="The baseline")).to_be_visible()
    clean(boss, "schedule-ran", screenshots)

    panel.get_by_role("button", name="Pause", exact=True).click()
    expect(panel).to_contain_text("Paused by hand.")
    expect(panel).not_to_contain_text("Next run")
    panel.get_by_role("button", name="Close").click()
    expect(page.get_by_role("row").filter(has_text="Each morning")).to_contain_text("Paused by hand.")
    clean(boss, "schedules-paused", screenshots)
    page.get_by_label("State", exact=True).select_option("running")
    expect(page.get_by_role("row").filter(has_text="Each morning")).to_have_count(0)
    page = boss.open("/schedules?search=morning")
    page.get_by_role("link", name="Each morning", exact=True).click()
    panel.get_by_role("button", name="Resume").click()
    expect(panel).to_contain_text("Next run")
    panel.get_by_role("link", name="The baseline").click()
    page.wait_for_url("**/report?of=baseline-*")
    assert boss.complaints == []


def test_it_is_changed_and_deleted(boss: Visitor, screenshots: Path) -> None:
    page = boss.open("/schedules?search=morning")
    page.get_by_role("link", name="Each morning", exact=True).click()
    panel = page.get_by_role("dialog", name="Schedule Each morning")
    panel.get_by_role("button", name="Change", exact=True).click()
    form = page.get_by_role("dialog", name="Set a schedule up")
    assert form.get_by_label("Name", exact=True).input_value() == "Each morning"
    assert form.get_by_label("Time", exact=True).input_value() == "07:30"
    assert not form.get_by_label("Monday", exact=True).is_checked()
    form.get_by_label("Monday", exact=True).check()
    panel = kept(page, form, "Each morning")
    expect(panel).to_contain_text("Every weekday at 07:30, Europe/Berlin")
    panel.get_by_role("button", name="Delete", exact=True).click()
    clean(boss, "schedule-deleting", screenshots)
    panel.get_by_role("button", name="Delete the schedule").click()
    expect(panel).to_be_hidden()
    expect(page.get_by_role("heading", name="No schedule is like this")).to_be_visible()
    assert boss.complaints == []


def test_one_of_each_kind_is_made(boss: Visitor, screenshots: Path) -> None:
    page = boss.open("/schedules")
    for on, typed, told in WAYS:
        form = begun(page)
        form.get_by_label("Name", exact=True).fill(f"By {on}")
        form.get_by_label("Report", exact=True).select_option(
            {"sprint_closed": "review", "scope_change": "comparison", "cron": "trend"}.get(on, "baseline")
        )
        form.get_by_label("When", exact=True).select_option(on)
        for label, value in typed.items():
            form.get_by_label(label, exact=True).fill(value)
        sent_to(form, CHAT)
        clean(boss, f"schedule-form-{on}", screenshots)
        panel = kept(page, form, f"By {on}")
        expect(panel).to_contain_text(told)
        panel.get_by_role("button", name="Close").click()
        expect(panel).to_be_hidden()
    page = boss.open("/schedules?search=By")
    expect(page.locator("#schedules tbody tr")).to_have_count(len(WAYS))
    clean(boss, "schedules", screenshots)
    assert boss.complaints == []


def test_what_is_wrong_is_told_beside_its_field(boss: Visitor, screenshots: Path) -> None:
    page = boss.open("/schedules")
    form = begun(page)
    form.get_by_label("Name", exact=True).fill("Wrong")
    form.get_by_label("When", exact=True).select_option("cron")
    cron = form.get_by_label("Cron expression")
    expect(cron).to_have_value("0 9 * * 1-5")
    cron.fill("0 25 * * *")
    expect(form.get_by_text("Write five fields: minute, hour")).to_be_visible()
    form.get_by_label("Time zone").fill("Mars/Olympus")
    sent_to(form, MAIL)
    form.get_by_label("To", exact=True).fill("nobody")
    form.get_by_role("button", name="Keep", exact=True).click()
    expect(form.locator("#s-cron-wrong")).to_contain_text("Write five fields")
    expect(form.locator("#s-zone-wrong")).to_contain_text("There is no such time zone")
    expect(cron).to_have_attribute("aria-invalid", "true")
    expect(cron).to_have_attribute("aria-describedby", "s-cron-wrong")
    clean(boss, "schedule-wrong", screenshots)
    cron.fill("0 9 * * 1")
    form.get_by_label("Time zone").fill("Europe/Berlin")
    expect(form.locator("#ahead li")).to_have_count(5)
    form.get_by_role("button", name="Keep", exact=True).click()
    expect(form.locator(".recipient [role=alert]")).to_contain_text("“nobody” is no address")
    expect(form.locator("#s-cron-wrong")).to_have_count(0)
    assert cron.input_value() == "0 9 * * 1"
    clean(boss, "schedule-wrong-recipient", screenshots)
    form.get_by_role("button", name="Take this recipient away").click()
    form.get_by_role("button", name="Add a recipient").click()
    form.get_by_role("button", name="Cancel").click()
    expect(form).to_be_hidden()
    assert boss.complaints == []


def test_a_report_is_scheduled_from_its_page_and_not_deleted_meanwhile(
    boss: Visitor, screenshots: Path
) -> None:
    page = boss.open("/report?review=1")
    page.get_by_role("button", name="Keep in the library").click()
    form = page.get_by_role("dialog", name="Keep the report")
    form.get_by_label("Name").fill("Sent by itself")
    form.get_by_role("button", name="Keep", exact=True).click()
    page.wait_for_url("**/report?id=*")
    page.get_by_role("link", name="Schedule it").click()
    page.wait_for_url("**/schedules?new=yes&report=*")
    form = page.get_by_role("dialog", name="Set a schedule up")
    expect(form.get_by_label("Which report")).to_be_visible()
    assert form.get_by_label("Which report").locator("option:checked").inner_text() == "Sent by itself"
    expect(form.get_by_label("Board", exact=True)).to_have_count(0)
    form.get_by_label("Name", exact=True).fill("Of the library")
    sent_to(form, CHAT)
    clean(boss, "schedule-of-report", screenshots)
    panel = kept(page, form, "Of the library")
    expect(panel).to_contain_text("Sends the report “Sent by itself”.")
    panel.get_by_role("link", name="The report", exact=True).click()
    page.wait_for_url("**/report?id=*")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete the report").click()
    expect(page.get_by_text("This report is sent by your schedule “Of the library”.").first).to_be_visible()
    assert "/report?id=" in page.url
    assert boss.complaints == []


def test_a_reader_has_it_mailed_to_themselves(boss: Visitor, guest, screenshots: Path) -> None:
    del boss
    reader = guest()
    reader.sign_in(READER).wait_for_selector(".sprint-card")
    page = reader.open("/schedules")
    expect(page.get_by_role("heading", name="Nothing is done by itself yet")).to_be_visible()
    form = begun(page)
    expect(form.get_by_label("What it does")).to_have_count(0)
    expect(form.get_by_text(f"To {READER}.")).to_be_visible()
    assert form.get_by_label("Connection", exact=True).locator("option").all_inner_texts() == [
        f"{MAIL} (E-mail)"
    ]
    form.get_by_label("Name", exact=True).fill("For me")
    form.get_by_label("PDF").check()
    clean(reader, "schedule-of-reader", screenshots)
    panel = kept(page, form, "For me")
    expect(panel).to_contain_text(f"{MAIL}: {READER}, with PDF")
    clean(reader, "schedule-reader", screenshots)
    assert reader.complaints == []


@pytest.mark.parametrize("mode", MODES)
def test_schedules_in_every_shape(boss: Visitor, guest, mode: str, screenshots: Path) -> None:
    del boss
    visitor = guest(**MODES[mode])
    visitor.sign_in(password=PASSWORD).wait_for_selector(".sprint-card")
    page = visitor.open("/schedules")
    page.locator("#schedules tbody tr").first.wait_for()
    clean(visitor, f"schedules-{mode}", screenshots)
    page.locator("#schedules tbody a").first.click()
    panel = page.get_by_role("dialog", name=re.compile("^Schedule "))
    expect(panel.get_by_role("heading", name="Runs")).to_be_visible()
    clean(visitor, f"schedule-{mode}", screenshots)
    page = visitor.open("/schedules?new=yes")
    form = page.get_by_role("dialog", name="Set a schedule up")
    expect(form.locator("#ahead li")).to_have_count(5)
    clean(visitor, f"schedule-new-{mode}", screenshots)
    wide = form.evaluate("one => one.scrollWidth <= one.clientWidth")
    assert wide, "the form scrolls sideways"
    form.get_by_role("button", name="Add a recipient").scroll_into_view_if_needed()
    page.screenshot(path=screenshots / f"schedule-new-end-{mode}.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert visitor.complaints == []
