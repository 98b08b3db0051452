"""The library of reports over REST: personal and shared ones, found again, changed by whom; templates and their versions."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from sprintreports.identity import grants, tokens, users
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Grant, Viewer
from sprintreports.kit import clock, db
from sprintreports.reports import making
from sprintreports.reports.library import ledger, reports
from sprintreports.reports.library.ledger import Filters
from sprintreports.reports.templates.layout import Layout, OwnText
from tests.integration.counting import asked
from tests.integration.planning_support import SYSTEM, Api, asking, person
from tests.integration.queue_site import QueueSite, queue_site
from tests.reports_samples import document


@dataclass(frozen=True, slots=True)
class Ground:
    """A site with the boards 7, which has sprints, and 8."""

    client: httpx.AsyncClient
    site: QueueSite

    def sprint(self, number: int = 3) -> dict[str, Any]:
        return {"kind": "baseline", "of": {"state": "sprint", "sprint_id": self.site.sprints[number]}}

    def trend(self, *boards: int) -> dict[str, Any]:
        return {"kind": "trend", "boards": [self.site.boards[board] for board in boards]}


@pytest_asyncio.fixture
async def ground(pg_url: str) -> AsyncIterator[Ground]:
    async with db.transaction() as session:
        site = await queue_site(session)
    async with asking() as client:
        yield Ground(client, site)


async def on_board(ground: Ground, role: Role, board: int) -> Api:
    """Somebody with a role on one board alone."""
    async with db.transaction() as session:
        made = await users.create(
            session, SYSTEM, email="limited@example.org", password=None, role=None, name="Limited"
        )
        grant = Grant(role, board_ids=frozenset({ground.site.boards[board]}))
        await grants.give(session, SYSTEM, user_id=made.id, everywhere=None, limited=[grant])
        pair = await tokens.issue(session, user_id=made.id, user_agent="", address="", now=clock.now())
    return Api(ground.client, {"Authorization": f"Bearer {pair.access_token}"})


async def put(api: Api, spec: dict[str, Any], name: str = "Sprint 3", **more: Any) -> dict[str, Any]:
    return await api("POST", "/reports", {"name": name, "spec": spec} | more, status=201)


async def names(api: Api, query: str = "") -> list[str]:
    return [one["name"] for one in await api("GET", f"/reports{query}")]


async def test_a_report_is_put_in_found_changed_and_taken_out(ground: Ground) -> None:
    api = await person(ground.client, Role.MANAGER)
    made = await put(api, ground.sprint(), tags=["Review ", "review", "Q2"])
    assert (made["kind"], made["tags"], made["shared"]) == ("baseline", ["q2", "review"], False)
    assert made["board_ids"] == [ground.site.boards[7]]
    assert (
        made["spec"]["of"]["board_id"] == ground.site.boards[7]
    )  # the board is named, whatever the default becomes
    here = f"/reports/{made['id']}"
    assert await api("GET", here) == made

    changed = await api("PATCH", here, {"name": " Close ", "tags": ["close"], "shared": True})
    assert (changed["name"], changed["tags"], changed["shared"]) == ("Close", ["close"], True)
    assert changed["spec"] == made["spec"]
    compared = {
        "kind": "comparison",
        "before": {"state": "sprint", "sprint_id": ground.site.sprints[2]},
        "after": {"state": "sprint", "sprint_id": ground.site.sprints[3]},
    }
    assert (await api("PATCH", here, {"spec": compared}))["kind"] == "comparison"
    await api("DELETE", here, status=204)
    await api("GET", here, status=404)
    assert await names(api) == []
    async with db.transaction() as session:
        told = await session.scalars(
            text("SELECT action FROM audit_entry WHERE subject_kind = 'report' ORDER BY id")
        )
        assert list(told) == ["report.created", "report.changed", "report.changed", "report.deleted"]
        assert await session.scalar(text("SELECT count(*) FROM report")) == 1  # what people made is not lost


async def test_the_ledger_is_searched_filtered_and_sorted(ground: Ground) -> None:
    api = await person(ground.client, Role.MANAGER)
    await put(api, ground.trend(7), "50%_alpha", tags=["one", "two"])
    await put(api, ground.trend(8), "Beta", tags=["two"], shared=True)
    await put(api, ground.sprint(), "gamma")
    board = (await api("GET", f"/boards/{ground.site.boards[8]}"))["name"]
    for query, expected in {
        "?sort=name": ["50%_alpha", "Beta", "gamma"],
        "": ["gamma", "Beta", "50%_alpha"],
        "?search=BET": ["Beta"],
        "?search=%25_": ["50%_alpha"],
        "?search=two&sort=-name": ["Beta", "50%_alpha"],
        "?kind=trend&sort=name": ["50%_alpha", "Beta"],
        f"?board={ground.site.boards[8]}": ["Beta"],
        "?tag=ONE": ["50%_alpha"],
        "?shared=true": ["Beta"],
        "?shared=false&sort=name": ["50%_alpha", "gamma"],
        "?owner=999999": [],
        "?per_page=2&page=2&sort=name": ["gamma"],
    }.items():
        assert await names(api, query) == expected, query
    assert "Beta" in await names(api, f"?search={board}")
    assert await api("GET", "/report-tags") == [{"tag": "two", "reports": 2}, {"tag": "one", "reports": 1}]
    viewer = Viewer(999, "V", "v@example.org", Role.VIEWER)
    async with db.transaction() as session:
        with asked() as counted:
            found = await ledger.listing(session, viewer, Filters())
        assert [one.name for one in found.items] == ["Beta"]  # others' personal ones are theirs alone
        assert len(counted) == 2


async def test_who_sees_and_changes_what(ground: Ground) -> None:
    manager, user = await person(ground.client, Role.MANAGER), await person(ground.client, Role.USER)
    mine = await put(user, ground.sprint(), "Of the user")
    await manager("GET", f"/reports/{mine['id']}", status=404)
    await user("PATCH", f"/reports/{mine['id']}", {"shared": True}, status=403)
    await user("POST", "/reports", {"name": "X", "spec": ground.sprint(), "shared": True}, status=403)
    both = await put(manager, ground.trend(7, 8), "Both", shared=True)
    assert (await user("GET", f"/reports/{both['id']}"))["name"] == "Both"
    await user("PATCH", f"/reports/{both['id']}", {"name": "Y"}, status=403)
    await user("DELETE", f"/reports/{both['id']}", status=403)
    admin = await person(ground.client, Role.ADMIN)
    assert (await admin("PATCH", f"/reports/{both['id']}", {"name": "Theirs"}))["name"] == "Theirs"
    error = await admin("PATCH", f"/reports/{both['id']}", {"shared": False}, status=403)
    assert "owner" in error["message"]


async def test_who_may_not_see_every_board_sees_no_report_of_them(ground: Ground) -> None:
    admin = await person(ground.client, Role.ADMIN)
    await put(admin, ground.trend(7, 8), "Both", shared=True)
    one = await put(admin, ground.trend(7), "One", shared=True)
    limited = await on_board(ground, Role.MANAGER, 7)
    assert await names(limited) == ["One"]
    await limited("PATCH", f"/reports/{one['id']}", {"name": "One of seven"})
    for spec in (ground.trend(8), ground.trend(7, 8)):
        await limited("POST", "/reports", {"name": "X", "spec": spec}, status=404)
        await limited("PATCH", f"/reports/{one['id']}", {"spec": spec}, status=404)
        await limited("POST", "/report-documents", {"spec": spec}, status=404)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": " "}, "name"),
        ({"name": "\u202e"}, "name"),
        ({"tags": ["a,b"]}, "tags"),
        ({"tags": ["x" * 41]}, "tags"),
        ({"tags": [f"t{n}" for n in range(11)]}, "tags"),
        ({"spec": {"kind": "trend"}}, "spec.boards"),
        ({"spec": {"kind": "trend", "boards": [1], "last": 0}}, "spec"),
        ({"spec": {"kind": "other"}}, "spec"),
        (
            {
                "spec": {
                    "kind": "baseline",
                    "of": {"state": "sprint", "sprint_id": 1, "moment": "2025-05-01T00:00:00"},
                }
            },
            "spec",
        ),
        ({"spec": {"kind": "baseline", "of": {"state": "moon"}}}, "spec"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_what_cannot_be_a_report_is_named(ground: Ground, change: dict[str, Any], field: str) -> None:
    api = await person(ground.client, Role.MANAGER)
    refused = await api.refused("POST", "/reports", {"name": "R", "spec": ground.sprint()} | change)
    assert any(one.startswith(field) for one in refused), refused


async def test_a_state_is_of_the_past_and_not_compared_with_itself(ground: Ground) -> None:
    api = await person(ground.client, Role.MANAGER)
    state = {"state": "sprint", "sprint_id": ground.site.sprints[3]}
    late = {"kind": "baseline", "of": state | {"moment": "2999-01-01T00:00:00Z"}}
    assert await api.refused("POST", "/reports", {"name": "R", "spec": late}) == {"spec.of"}
    same = {"kind": "comparison", "before": state, "after": state | {"board_id": ground.site.boards[7]}}
    assert await api.refused("POST", "/reports", {"name": "R", "spec": same}) == {"spec.after"}
    gone = {"kind": "review", "sprint_id": 999_999}
    await api("POST", "/reports", {"name": "R", "spec": gone}, status=404)


async def test_a_template_has_versions_and_reports_keep_theirs(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Layout | None] = []

    async def made(*_: Any, layout: Layout | None, **__: Any) -> Any:
        seen.append(layout)
        return document()

    monkeypatch.setattr(making, "document", made)
    user, other = await person(ground.client, Role.USER), await person(ground.client, Role.VIEWER)
    first, second = ({"pieces": [{"part": "text", "title": "T", "text": words}]} for words in ("one", "two"))
    body = {"name": "Mine", "kind": "baseline", "layout": first}
    template = await user("POST", "/report-templates", body, status=201)
    here = f"/report-templates/{template['id']}"
    report = await put(user, ground.sprint(), template={"template_id": template["id"], "version": 1})
    assert (await user("POST", f"{here}/versions", {"layout": second, "note": "N"}, status=201))[
        "versions"
    ] == 2
    told = await user("GET", f"{here}/versions")
    assert [(one["number"], one["note"]) for one in told] == [(2, "N"), (1, "")]
    assert told[1]["layout"]["pieces"] == first["pieces"]
    shown = await user("GET", f"/reports/{report['id']}/document")
    assert seen == [Layout((OwnText("T", "one"),))]
    assert [one["key"] for one in shown["sections"]] == [one.key for one in document().sections]

    await other("GET", here, status=404)
    await other(
        "POST", "/reports", {"name": "R", "spec": ground.sprint(), "template": report["template"]}, status=404
    )
    await user("POST", "/report-templates", body | {"shared": True}, status=403)
    await user(
        "POST", "/reports", {"name": "R", "spec": ground.trend(7), "template": report["template"]}, status=422
    )
    await user("DELETE", here, status=204)
    await user("GET", here, status=404)
    await user("GET", f"/reports/{report['id']}/document")  # the version is still there
    assert seen[-1] == seen[0]
    assert (await user("PATCH", f"/reports/{report['id']}", {"name": "Same"}))["template"] == report[
        "template"
    ]
    assert (await user("PATCH", f"/reports/{report['id']}", {"template": None}))["template"] is None


async def test_templates_of_the_product_can_be_chosen_and_tried(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Layout | None] = []

    async def made(*_: Any, layout: Layout | None, **__: Any) -> Any:
        seen.append(layout)
        return document()

    monkeypatch.setattr(making, "document", made)
    api = await person(ground.client, Role.VIEWER)
    given = await api("GET", "/system-report-templates?kind=baseline")
    assert given
    assert {one["kind"] for one in given} == {"baseline"}
    report = await put(api, ground.sprint(), template={"system": given[0]["system"]})
    assert report["template"]["system"] == given[0]["system"]
    await api(
        "POST", "/reports", {"name": "R", "spec": ground.sprint(), "template": {"system": "none"}}, status=404
    )
    layout = {"title": "Tried", "pieces": [{"part": "section", "key": "figures", "hidden": ["a"]}]}
    await api("POST", "/report-documents", {"spec": ground.sprint(), "layout": layout})
    assert seen[-1] is not None
    assert seen[-1].title == "Tried"


async def test_limits_hold(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "MOST_REPORTS", 1)
    api = await person(ground.client, Role.USER)
    await put(api, ground.sprint())
    error = await api("POST", "/reports", {"name": "R", "spec": ground.sprint()}, status=422)
    assert "Delete some" in error["message"]
