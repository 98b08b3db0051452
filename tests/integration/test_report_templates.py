"""Report templates: what is refused before it is kept, the pages' list and editor as events, versions, and who may."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Role
from sprintreports.identity.users import User
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock
from sprintreports.kit.errors import Conflict, Invalid
from sprintreports.reports.document.blocks import DocumentKind
from sprintreports.reports.library import templates
from sprintreports.reports.templates.layout import Layout, OwnText, Part
from sprintreports.reports.templates.parts import SECTIONS
from sprintreports.ui.pages.report.state import ReportPage
from sprintreports.ui.pages.report_template.preview import TemplatePreview
from sprintreports.ui.pages.report_template.state import ReportTemplate
from sprintreports.ui.pages.report_templates.state import ReportTemplates
from tests.integration.jira_site import rows
from tests.integration.planning_support import asking, person
from tests.integration.queue_site import QueueSite, queue_site
from tests.integration.test_page_events import WARM, Tab, tab
from tests.integration.test_users_page import become, fire, make

__all__ = ["tab"]
LAYOUT = Layout((OwnText("In short", "{{ sprint.name }}"), Part("overview"), Part("teams")))


@pytest.fixture
async def site(db_session: AsyncSession) -> QueueSite:
    return await queue_site(db_session)


def viewer_of(user: User, role: Role) -> Viewer:
    return Viewer(user.id, user.name, user.email, role)


async def made(tab: Tab, user: User, role: Role, **more: Any) -> int:
    wanted: dict[str, Any] = {"name": "Mine", "kind": DocumentKind.BASELINE, "layout": LAYOUT} | more
    return (await templates.create(tab.db, viewer_of(user, role), now=clock.now(), **wanted)).id


@pytest.fixture
async def uma(tab: Tab, site: QueueSite) -> User:
    """Somebody who reads reports, and has templates of her own alone."""
    return await make(tab, "Uma", Role.USER)


async def opened(tab: Tab, user: User, query: str) -> Any:
    """The editor with its preview, as this person."""
    await become(tab, user)
    await tab.open(ReportTemplate, f"/report-template?{query}")
    await fire(tab.of(TemplatePreview), "load")
    return tab.of(ReportTemplate)


def headings(tab: Tab) -> list[str]:
    return [group.title for group in tab.of(TemplatePreview).groups]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"note": "x" * 501}, "note"),
        ({"note": "a\0b"}, "note"),
        ({"layout": Layout((OwnText("", "{{ sprint.nobody }}"),))}, "layout.pieces.0.text"),
        ({"layout": Layout((Part("teams"), OwnText("{% for %}", "")))}, "layout.pieces.1.title"),
        ({"layout": Layout((OwnText("", "a\0b"),))}, "layout.pieces.0.text"),
        ({"layout": Layout((OwnText("", "a\ud800b"),))}, "layout.pieces.0.text"),
        ({"layout": Layout((Part("teams", "two\nlines"),))}, "layout.pieces.0.title"),
        ({"layout": Layout((Part("carry_over"),))}, "layout.pieces.0.key"),
        ({"layout": Layout((Part("teams"), Part("teams")))}, "layout.pieces.1.key"),
        ({"layout": Layout(title="x" * 201)}, "layout.title"),
        ({"layout": Layout(tuple(OwnText("", "") for _ in range(61)))}, "layout"),
        ({"layout": Layout(tuple(OwnText("", "x" * 15_000) for _ in range(2)))}, "layout"),
    ],
)
async def test_what_could_not_be_shown_is_not_kept(
    tab: Tab, uma: User, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await made(tab, uma, Role.USER, **changes)
    assert [one.field for one in refused.value.details] == [field]
    template = await made(tab, uma, Role.USER)
    with pytest.raises(Invalid):
        await templates.change(
            tab.db, viewer_of(uma, Role.USER), template, **{"layout": LAYOUT} | _changing(changes), now=clock.now()
        )  # fmt: skip
    assert await rows(tab.db, "SELECT versions FROM report_template") == [(1,)]


def _changing(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in changes.items() if name in {"name", "note", "layout"}}


async def test_a_version_is_not_kept_on_top_of_one_that_was_not_seen(tab: Tab, uma: User) -> None:
    viewer, template = viewer_of(uma, Role.USER), await made(tab, uma, Role.USER)
    other = Layout((Part("teams"),))
    kept = await templates.change(tab.db, viewer, template, layout=other, based_on=1, now=clock.now())
    assert kept.versions == 2
    with pytest.raises(Conflict, match=r"version 2.*version 1"):
        await templates.change(tab.db, viewer, template, layout=LAYOUT, based_on=1, now=clock.now())
    assert (await templates.one(tab.db, viewer, template)).versions == 2
    # Who does not say what they have seen writes on top of whatever is there.
    assert (await templates.change(tab.db, viewer, template, layout=LAYOUT, now=clock.now())).versions == 3


async def test_the_list_has_ones_own_those_for_all_and_those_of_the_product(tab: Tab, uma: User) -> None:
    mia, otto = await make(tab, "Mia", Role.MANAGER), await make(tab, "Otto", Role.USER)
    own = await made(tab, uma, Role.USER, name="Weekly")
    await made(
        tab, mia, Role.MANAGER, name="House style", kind=DocumentKind.TREND, layout=Layout(), shared=True
    )
    await made(tab, otto, Role.USER, name="Secret")
    await become(tab, uma)
    await tab.open(ReportTemplates, "/report-templates")
    page = tab.of(ReportTemplates)
    assert [(one.name, one.owner, one.shared, one.may_change) for one in page.lines] == [
        ("House style", "Mia", "For all", False),
        ("Weekly", "Uma", "Personal", True),
    ]
    assert {one.id for one in page.given} >= {"baseline-executive", "review-full"}
    for query, found in {
        "?search=WEEK": ["Weekly"],
        "?search=mia": ["House style"],
        "?search=%25": [],
        "?kind=trend": ["House style"],
        "?kind=review": [],
        "?kind=novel": ["House style", "Weekly"],
        "?sort=name&order=desc": ["Weekly", "House style"],
        "?page=9": ["House style", "Weekly"],
    }.items():
        await tab.open(ReportTemplates, f"/report-templates{query.replace('%25', '%')}")
        assert [one.name for one in page.lines] == found, query
    await tab.open(ReportTemplates, "/report-templates?search=stakeholders&kind=baseline")
    assert [one.id for one in page.given] == ["baseline-stakeholders"]
    await tab.open(ReportTemplates, "/report-templates")
    await fire(page, "delete", page.lines[0].id)  # it is for all, and Uma does not write those
    assert len(page.lines) == 2
    await fire(page, "delete", str(own))
    assert [one.name for one in page.lines] == ["House style"]


async def test_a_copy_is_edited_previewed_kept_and_used(tab: Tab, site: QueueSite, uma: User) -> None:
    page = await opened(tab, uma, f"copy=system:baseline-stakeholders&board={site.boards[7]}")
    preview = tab.of(TemplatePreview)
    assert (page.status, page.template, page.name, page.may_edit) == (
        "ready",
        "",
        "Stakeholders (copy)",
        True,
    )
    await fire(preview, "pick", f"sprint-{site.sprints[3]}")
    assert preview.complaint == ""
    named = SECTIONS[DocumentKind.BASELINE]
    assert headings(tab) == [
        "In short",
        *(named[key] for key in ("stakeholders", "priorities", "not_counted")),
    ]

    await fire(page, "move", "priorities", "up")
    assert page.said.startswith("Priorities is now number 2 of")
    await fire(page, "tick", "stakeholders", "stakeholders_chart", False)
    await fire(page, "retitle", "stakeholders", "Who asked for {{ sprint.name }}")
    await fire(page, "show", "not_counted", False)
    await fire(page, "add_text", "last")
    await fire(page, "insert", page.fresh, "board.name")
    await fire(page, "insert", page.fresh, "no.such")
    await fire(page, "write", page.fresh, "Of {{ board.name }}, {{ facts.nothing }}.")
    text_row = next(row for row in page.pieces if row.id == page.fresh)
    assert "'facts.nothing'" in text_row.problem
    assert page.wrong
    await fire(preview, "again")
    assert headings(tab)[:3] == ["In short", "Priorities", "Who asked for Sprint 3"]
    kinds = [
        part.kind for group in preview.groups if group.title.startswith("Who asked") for part in group.parts
    ]
    assert kinds == ["table"]
    await fire(page, "keep", {"name": "Ours", "note": ""})
    assert "marked below" in page.complaint
    assert await rows(tab.db, "SELECT count(*) FROM report_template") == [(0,)]

    await fire(page, "write", page.fresh, "Of {{ board.name }}.")
    assert page.wrong == ""
    ((board,),) = await rows(tab.db, "SELECT name FROM board WHERE id = %s", site.boards[7])
    await fire(preview, "again")
    (own,) = preview.groups[-1].parts
    assert own.texts == [f"Of {board}."]
    said = str(await fire(page, "keep", {"name": "Ours", "note": "First"}))
    ((template,),) = await rows(tab.db, "SELECT id FROM report_template")
    assert f"/report-template?id={template}" in said
    page = await opened(tab, uma, f"id={template}")
    assert (page.name, page.version, page.changed, page.may_change) == ("Ours", "1", False, True)
    assert [one.note for one in page.history] == ["First"]

    report = tab.of(ReportPage)
    await tab.open(ReportPage, f"/report?of=sprint-{site.sprints[3]}&template={template}:1")
    assert [group.title for group in report.groups] == headings(tab)
    assert report.templates_link == "/report-templates?kind=baseline"


async def test_the_usual_order_can_be_chosen_for_a_report_with_a_template(
    tab: Tab, site: QueueSite, uma: User
) -> None:
    await become(tab, uma)
    report = tab.of(ReportPage)
    await tab.open(ReportPage, f"/report?of=sprint-{site.sprints[3]}&template=system:baseline-stakeholders")
    await fire(report, "keep", {"name": "Kept", "tags": ""})
    ((kept,),) = await rows(tab.db, "SELECT max(id) FROM report")
    await tab.open(ReportPage, f"/report?id={kept}")
    assert len(report.groups) == 4
    said = str(await fire(report, "pick_template", ""))
    assert f"/report?id={kept}&template=usual" in said
    await tab.open(ReportPage, f"/report?id={kept}&template=usual")
    assert (report.template, len(report.groups) > 4) == ("", True)


async def test_versions_are_looked_at_taken_back_and_not_written_over(tab: Tab, uma: User) -> None:
    template = await made(tab, uma, Role.USER)
    page = await opened(tab, uma, f"id={template}")
    await fire(page, "show", "teams", False)
    assert page.changed
    await fire(page, "keep", {"name": "Mine", "note": "Shorter"})
    assert (page.version, page.changed, page.complaint) == ("2", False, "")
    assert [(one.number, one.note, one.author) for one in page.history] == [
        ("2", "Shorter", "Uma"),
        ("1", "", "Uma"),
    ]

    await fire(page, "keep", {"name": "Called otherwise", "note": "lost"})
    assert (page.name, page.version) == ("Called otherwise", "2")

    page = await opened(tab, uma, f"id={template}&version=1")
    assert (page.older, page.may_edit, page.may_change) == (True, False, True)
    assert [row.id for row in page.pieces if row.shown] == ["text-1", "overview", "teams"]
    said = str(await fire(page, "take_back", "1"))
    assert f"/report-template?id={template}" in said
    page = await opened(tab, uma, f"id={template}")
    assert (page.version, page.history[0].note) == ("3", "As version 1.")
    assert [row.id for row in page.pieces if row.shown] == ["text-1", "overview", "teams"]

    # Somebody else keeps a version meanwhile: what is on the page stays there, and can be kept apart.
    await templates.change(tab.db, viewer_of(uma, Role.USER), template, layout=Layout(), now=clock.now())
    await fire(page, "show", "overview", False)
    await fire(page, "keep", {"name": "Mine", "note": ""})
    assert "version 4" in page.complaint
    assert page.changed
    said = str(await fire(page, "keep_apart"))
    ((other,),) = await rows(tab.db, "SELECT max(id) FROM report_template")
    assert other != template
    assert f"id={other}" in said
    await fire(page, "take_back", "1")
    assert "version 4" in page.complaint
    for wrong in ("0", "9", "x", str(2**70)):
        page = await opened(tab, uma, f"id={template}&version={wrong}")
        assert page.status == "failed", wrong


async def test_who_may_not_change_a_template_sees_it_and_copies_it(tab: Tab, uma: User) -> None:
    mia = await make(tab, "Mia", Role.MANAGER)
    template = await made(tab, mia, Role.MANAGER, shared=True)
    page = await opened(tab, uma, f"id={template}")
    assert (page.may_edit, page.may_change, page.may_share) == (False, False, False)
    assert page.copy_link == f"/report-template?copy={template}%3A1"
    await fire(page, "keep", {"name": "Taken over", "note": ""})
    assert "role" in page.complaint
    await fire(page, "delete")
    assert "role" in page.complaint
    page = await opened(tab, uma, f"copy={template}:1")
    await fire(page, "keep", {"name": "For all", "note": "", "shared": "on"})
    assert page.complaint
    await fire(page, "keep", {"name": "Own", "note": ""})
    assert await rows(tab.db, "SELECT name, shared FROM report_template ORDER BY id") == [
        ("Mine", True),
        ("Own", False),
    ]
    page = await opened(tab, mia, f"id={template}")
    assert (page.may_edit, page.may_share) == (True, True)
    await tab.db.execute(text("UPDATE report_template SET shared = false"))
    for query in (f"id={template}", f"copy={template}:1", "system=none", "kind=novel", "copy=x", ""):
        page = await opened(tab, uma, query)
        assert page.status == "failed", query
        assert tab.of(TemplatePreview).groups == []


@pytest.mark.parametrize("kind", list(DocumentKind))
async def test_each_kind_is_previewed_on_a_sprint_or_on_a_report(
    tab: Tab, site: QueueSite, uma: User, kind: DocumentKind
) -> None:
    page = await opened(tab, uma, f"kind={kind.value}&board={site.boards[7]}")
    preview = tab.of(TemplatePreview)
    assert page.status == "ready"
    assert preview.sprints
    subject = "board" if kind is DocumentKind.TREND else f"sprint-{site.sprints[2]}"
    if subject in {one.value for one in preview.sprints}:
        await fire(preview, "pick", subject)
    assert preview.complaint == ""
    assert preview.title
    assert headings(tab)
    before = headings(tab)
    await fire(page, "title_report", "Ours: {{ report.moment }}")
    await fire(preview, "again")
    assert preview.title.startswith("Ours: ")
    assert headings(tab) == before
    await fire(preview, "pick", "sprint-999999")  # what is not offered is not asked for
    assert preview.groups == []
    await fire(preview, "pick_board", "999999")
    assert preview.complaint == ""


async def test_who_sees_no_board_is_told_that_there_is_nothing_to_show_it_on(tab: Tab, uma: User) -> None:
    await tab.db.execute(text("UPDATE board SET selected = false"))
    page = await opened(tab, uma, "system=baseline-full")
    preview = tab.of(TemplatePreview)
    assert (page.status, preview.subject, preview.groups, preview.complaint) == ("ready", "", [], "")


@pytest_asyncio.fixture
async def client(pg_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with asking() as opened:
        yield opened


async def test_over_rest_templates_are_searched_and_versions_name_what_they_were_made_from(
    client: httpx.AsyncClient,
) -> None:
    api = await person(client, Role.MANAGER)
    section = {"part": "section", "key": "teams"}
    for name in ("50% of it", "Weekly"):
        body = {"name": name, "kind": "baseline", "layout": {"pieces": [section]}}
        made = await api("POST", "/report-templates", body, status=201)
    for search, found in {
        "week": ["Weekly"],
        "%25": ["50% of it"],
        "none": [],
        "": ["50% of it", "Weekly"],
    }.items():
        assert [one["name"] for one in await api("GET", f"/report-templates?search={search}")] == found, (
            search
        )
    here = f"/report-templates/{made['id']}/versions"
    wrong = {"layout": {"pieces": [section, {"part": "text", "title": "", "text": "{{ no.such }}"}]}}
    assert await api.refused("POST", here, wrong) == {"layout.pieces.1.text"}
    assert (await api("POST", here, {"layout": {}, "based_on": 1}, status=201))["versions"] == 2
    answer = await api.answer("POST", here, json={"layout": {}, "based_on": 1})
    assert answer.status_code == 409
    assert "version 2" in answer.json()["error"]["message"]
    assert len(await api("GET", here)) == 2


async def test_what_the_pages_ask_the_database(tab: Tab, uma: User) -> None:
    for name in ("One", "Two", "Three"):
        template = await made(tab, uma, Role.USER, name=name)
    await become(tab, uma)
    await tab.open(ReportTemplates, "/report-templates")
    await tab.open(ReportTemplates, "/report-templates")
    assert len(tab.asked) == WARM + 2, "how many there are, and a page of them"
    await tab.open(ReportTemplate, f"/report-template?id={template}")
    assert await tab.open(ReportTemplate, f"/report-template?id={template}") == {"opened"}
    assert len(tab.asked) == WARM + 6, "the template thrice, its layout, its versions, their authors"
    await fire(tab.of(ReportTemplate), "move", "teams", "up")
    asked = len(tab.asked)
    await fire(tab.of(ReportTemplate), "move", "teams", "down")
    assert len(tab.asked) == asked + 1, "who asks: what is not kept is in the tab alone"
