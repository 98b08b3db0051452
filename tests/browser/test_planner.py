"""The planner in browsers: a queue is shown, edited by drag and by key, by two people at once, and without a connection."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Locator, Page, expect

from sprintreports.identity import users
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import db
from sprintreports.settings import settings
from tests.browser.harness import MODES, PASSWORD, READER, Product, Visitor, add_queue, apart

OTHER = "otto@example.org"


@pytest.fixture
def queue(product: Product) -> str:
    """The address of a new queue of the sprint that runs."""
    assert product
    return f"/planner?queue={apart(add_queue)}"


@pytest.fixture(scope="module")
def other(product: Product) -> Iterator[str]:
    """A second manager, who is gone at the end: others count users."""
    apart(add_other)
    yield OTHER
    with psycopg.connect(settings().database_url) as database:
        database.execute("DELETE FROM user_account WHERE email = %s", (OTHER,))


async def add_other() -> None:
    try:
        async with db.transaction() as session:
            await users.create(
                session, Viewer.system(), email=OTHER, password=PASSWORD, role=Role.MANAGER, name="Otto Other"
            )
    finally:
        await db.dispose()


def column(page: Page, team: str) -> Locator:
    return page.get_by_role("region", name=team, exact=True)


def keys(page: Page, side: str = "in", *, team: str) -> list[str]:
    """What the server says is on this side of the cut-line, in order; what is out of sight has no inner text."""
    expect(page.locator("[data-waiting='0']")).to_have_count(1)
    expect(page.locator(".plan-card.expected")).to_have_count(0)
    return column(page, team).locator(f"[data-side={side}] .key").all_text_contents()


def card(page: Page, key: str) -> Locator:
    return page.locator(f"[data-key='{key}']")


def opened(visitor: Visitor, address: str) -> Page:
    page = visitor.open(address)
    expect(page.locator(".plan-card").first).to_be_visible()
    return page


def pictured(visitor: Visitor, name: str, screenshots: Path) -> None:
    expect(visitor.page.locator("[data-sonner-toast]")).to_have_count(0, timeout=10_000)
    visitor.page.screenshot(path=screenshots / f"{name}.png", full_page=True)
    assert visitor.violations() == [], name


@pytest.mark.parametrize("mode", MODES)
def test_a_queue_is_shown_in_every_mode(guest, queue: str, mode: str, screenshots: Path) -> None:
    visitor = guest(**MODES[mode])
    visitor.sign_in(password=PASSWORD).wait_for_selector(".sprint-card")
    page = visitor.open(queue)
    expect(page.locator(".plan-card").first).to_be_visible()
    expect(page.locator(".plan-cut").first).to_contain_text("Cut-line")
    pictured(visitor, f"planner-{mode}", screenshots)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
    assert visitor.complaints == []


def busiest(page: Page) -> str:
    """The name of the first team, which has something in its plan."""
    return page.locator(".plan-column h3").first.inner_text()


def test_a_plan_is_changed_by_keys_and_taken_back(admin: Visitor, queue: str) -> None:
    page = opened(admin, queue)
    team = busiest(page)
    first, second, *rest = before = keys(page, team=team)
    card(page, second).focus()
    page.keyboard.press("Shift+ArrowUp")
    expect(card(page, second)).to_be_focused()
    assert keys(page, team=team) == [second, first, *rest]
    expect(card(page, second)).to_contain_text("It is pinned.")
    page.keyboard.press("x")
    expect(card(page, second)).to_contain_text("It was excluded by hand.")
    assert second in keys(page, "aside", team=team)
    page.keyboard.press("Control+z")
    assert keys(page, team=team) == [second, first, *rest]
    page.get_by_role("button", name="Undo").click()
    expect(card(page, second)).not_to_contain_text("It is pinned.")
    assert keys(page, team=team) == before
    page.get_by_role("button", name="Redo").click()
    assert keys(page, team=team)[0] == second
    card(page, second).focus()
    page.keyboard.press("ArrowDown")
    expect(card(page, first)).to_be_focused()
    page.keyboard.press("Shift+ArrowRight")
    expect(column(page, team).locator(f"[data-key='{first}']")).to_have_count(0)
    assert first not in keys(page, team=team)
    page.reload()
    expect(card(page, second)).to_contain_text("It is pinned.")
    assert admin.complaints == []


def test_a_card_is_dragged_across_the_line_and_to_another_team(guest, queue: str, screenshots: Path) -> None:
    # All cards are in sight: what scrolls between pressing and moving would be another card.
    admin = guest(viewport={"width": 1440, "height": 2600})
    admin.sign_in(password=PASSWORD).wait_for_selector(".sprint-card")
    page = opened(admin, queue)
    team = busiest(page)
    out, last = keys(page, "below", team=team)[0], keys(page, team=team)[-1]
    card(page, out).drag_to(card(page, keys(page, team=team)[0]), target_position={"x": 60, "y": 4})
    assert keys(page, team=team)[0] == out
    expect(card(page, out)).to_contain_text("Pinned")
    other = page.locator(".plan-column h3").nth(1).inner_text()
    card(page, last).drag_to(column(page, other).locator(".plan-head"))
    expect(column(page, other).locator(f"[data-key='{last}']")).to_be_visible()
    keys(page, team=other)
    pictured(admin, "planner-dragged", screenshots)
    card(page, out).get_by_role("button", name=f"Details of {out}").click()
    details = page.get_by_role("dialog", name=f"Details of {out}")
    details.get_by_label("Scheduling").select_option("soft")
    details.get_by_label("Is due").fill("2090-01-02T12:00")
    pictured(admin, "planner-details", screenshots)
    details.get_by_role("button", name="Set the scheduling").click()
    expect(card(page, out)).to_contain_text("Deadline")
    card(page, out).get_by_role("button", name=f"Details of {out}").click()
    expect(details).to_contain_text("By a deadline, set here by")
    details.get_by_role("button", name="As in Jira").click()
    expect(card(page, out)).not_to_contain_text("Working out")
    card(page, out).get_by_role("button", name=f"Details of {out}").click()
    expect(details.get_by_role("button", name="As in Jira")).to_have_count(0)
    expect(details).not_to_contain_text("set here")
    assert admin.complaints == []


def test_suggestions_rules_and_versions(admin: Visitor, queue: str, screenshots: Path) -> None:
    page = opened(admin, queue)
    way = page.locator("#conflicts").get_by_role("button", name="out.").first
    issue = way.inner_text().split()[1]
    way.click()
    expect(card(page, issue)).to_contain_text("It was excluded by hand.")
    page.get_by_text("How it is planned").click()
    page.get_by_label("Algorithm").select_option("optimal")
    expect(page.get_by_text("Proven to be the best there is.")).to_be_visible()
    page.get_by_label("Buffer in percent").fill("50")
    page.get_by_label("Buffer in percent").press("Enter")
    expect(page.locator(".plan-cut").first).to_contain_text("of 2")
    pictured(admin, "planner-rules", screenshots)
    page.locator("#keep-note").fill("Agreed with everybody")
    page.get_by_role("button", name="Keep a version").click()
    expect(page.locator("#keeping")).to_contain_text("The last one is version 1.")
    page.reload()
    expect(page.locator("#keeping")).to_contain_text("The last one is version 1.")
    expect(card(page, issue)).to_contain_text("It was excluded by hand.")
    assert admin.complaints == []


def test_two_people_edit_one_queue_and_lose_nothing(
    admin: Visitor, guest, other: str, queue: str, screenshots: Path
) -> None:
    second_one = guest()
    second_one.sign_in(password=PASSWORD, login=other).wait_for_selector(".sprint-card")
    mine, theirs = opened(admin, queue), opened(second_one, queue)
    expect(mine.locator("#presence")).to_contain_text("Otto Other")
    team = busiest(mine)
    first, second, third, *_ = keys(mine, team=team)
    card(mine, first).focus()
    mine.keyboard.press("x")
    expect(card(theirs, first)).to_contain_text("Left out")
    card(theirs, second).focus()
    theirs.keyboard.press("p")
    expect(card(mine, second)).to_contain_text("Pinned")
    assert keys(mine, team=team) == keys(theirs, team=team)

    second_one.context.set_offline(True)
    card(theirs, third).focus()
    theirs.keyboard.press("x")
    expect(theirs.locator("[data-waiting='1']")).to_be_visible()
    card(mine, third).focus()
    mine.keyboard.press("p")
    expect(card(mine, third)).to_contain_text("Pinned")
    second_one.context.set_offline(False)
    clash = theirs.locator(".plan-clashes")
    expect(clash).to_contain_text(f"pinned {third}. Meanwhile you left {third} out.", timeout=30_000)
    pictured(second_one, "planner-clash", screenshots)
    clash.get_by_role("button", name="Keep mine").click()
    expect(card(mine, third)).to_contain_text("Left out")
    expect(clash).to_have_count(0)
    assert keys(mine, "aside", team=team) == keys(theirs, "aside", team=team)

    second_one.context.set_offline(True)
    fourth = keys(theirs, team=team)[-1]
    card(theirs, fourth).focus()
    theirs.keyboard.press("x")
    second_one.context.set_offline(False)
    expect(card(mine, fourth)).to_contain_text("Left out", timeout=30_000)
    expect(theirs.locator("[data-waiting='0']")).to_have_count(1)
    second_one.context.close()
    expect(mine.locator("#presence")).to_have_count(0)


def test_a_reader_sees_reasons_and_changes_nothing(guest, queue: str) -> None:
    reader = guest()
    reader.sign_in(password=PASSWORD, login=READER).wait_for_selector(".sprint-card")
    page = opened(reader, queue)
    team = busiest(page)
    first, *_ = before = keys(page, team=team)
    card(page, first).focus()
    page.keyboard.press("x")
    page.keyboard.press("Shift+ArrowDown")
    assert keys(page, team=team) == before
    assert page.get_by_role("button", name="Undo").count() == 0
    page.keyboard.press("Enter")
    details = page.get_by_role("dialog", name=f"Details of {first}")
    expect(details).to_contain_text("Why it is in the plan:")
    expect(details.get_by_role("button", name="Leave it out")).to_have_count(0)
    assert reader.complaints == []
