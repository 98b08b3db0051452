"""The planner as page events: what is shown to whom, edits by two people, clashes, lost answers, and planning again."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Role
from sprintreports.identity.users import User
from sprintreports.kit import clock
from sprintreports.planning.queue.options import Options
from sprintreports.planning.queue_inputs.reading import Sources
from sprintreports.planning.queues import drafts, making, store, versions
from sprintreports.planning.queues.changes import Exclude
from sprintreports.ui.pages.planner import bench as bench_module
from sprintreports.ui.pages.planner.bench import benches, settled
from sprintreports.ui.pages.planner.state import PlannerPage
from tests.integration.jira_site import NOW
from tests.integration.planning_site import ADMIN
from tests.integration.queue_site import QA, WEB, QueueSite, queue_site
from tests.integration.test_page_events import Tab, tab
from tests.integration.test_users_page import become, fire, make

__all__ = ["tab"]


@pytest.fixture
async def site(db_session: AsyncSession) -> AsyncIterator[QueueSite]:
    benches.clear()
    yield await queue_site(db_session, more=8)
    benches.clear()


@pytest.fixture
async def queue(db_session: AsyncSession, site: QueueSite) -> int:
    made = await store.create(
        db_session, ADMIN, sprint_id=site.sprints[3], name="First", options=Options(algorithm="priority"),
        sources=Sources(), now=NOW,
    )  # fmt: skip
    return made.id


@pytest.fixture
async def mia(tab: Tab) -> User:
    return await make(tab, "Mia", Role.MANAGER)


class Seen:
    """A manager's planner, and the lists as their browser has put them together."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.page: Any = tab.of(PlannerPage)
        self.got = 0
        self.lost = False
        self._lists: dict[str, Any] = {}
        self._conflicts: dict[str, Any] = {}
        self._columns: list[dict[str, Any]] = []

    async def open(self, queue: int, *, by: str = "load") -> "Seen":
        await self.tab.open(PlannerPage, f"/planner?queue={queue}", by=by)
        return self

    async def send(
        self, *changes: dict[str, Any], op: str = "edit", token: str = "t", seen: int | None = None
    ) -> Any:
        told = {
            "op": op,
            "token": token,
            "seen": self.page.head if seen is None else seen,
            "changes": changes,
            "got": self.got,
        }
        return await fire(self.page, "send", json.dumps(told))

    def lists(self) -> dict[str, list[str]]:
        """Each team's keys, `|` the cut-line, by the team's name."""
        self._take()
        names = {one["id"]: one["name"] for one in self._columns}
        return {
            names[team]: [
                *(card["key"] for card in held["cards"] if card["side"] == "in"), "|",
                *(card["key"] for card in held["cards"] if card["side"] != "in"),
            ]
            for team, held in self._lists.items()
        }  # fmt: skip

    def conflicts(self) -> list[dict[str, Any]]:
        self._take()
        return list(self._conflicts.values())

    def columns(self) -> list[dict[str, Any]]:
        """The teams with their figures."""
        self._take()
        return self._columns

    def _take(self) -> None:
        """As assets/planner_expect.jsx does it."""
        for patch in self.page.lists:
            if patch["number"] <= self.got:
                continue
            if not patch["after"]:
                self._lists, self._conflicts, self._columns = {}, {}, []
            elif patch["after"] != self.got:
                self.lost = True
                return
            self.got = patch["number"]
            for team, told in patch["teams"].items():
                held = self._lists.get(team, {"cards": []})["cards"]
                cards = {card["id"]: card for card in (*held, *told["cards"])}
                self._lists[team] = {"of": told["of"], "cards": [cards[issue] for issue in told["order"]]}
            if patch["columns"]:
                teams = {one["id"]: one for one in (*self._columns, *patch["columns"]["fresh"])}
                self._columns = [teams[team] for team in patch["columns"]["order"]]
            if patch["conflicts"]:
                every = self._conflicts | patch["conflicts"]["fresh"]
                self._conflicts = {name: every[name] for name in patch["conflicts"]["order"]}

    def card(self, key: str) -> dict[str, Any]:
        self.lists()
        return next(card for held in self._lists.values() for card in held["cards"] if card["key"] == key)


async def opened(tab: Tab, user: User, queue: int) -> Seen:
    return await Seen(await become(Tab(tab.db, ""), user)).open(queue)


def issue(number: int, kind: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "issue": number, **more}


async def test_a_queue_is_shown_with_its_reasons_figures_and_conflicts(
    tab: Tab, mia: User, queue: int
) -> None:
    seen = await opened(tab, mia, queue)
    page = seen.page
    assert (page.status, page.name, page.may, page.head, page.fresh) == ("ready", "First", True, 0, True), (
        page.problem
    )
    assert sorted(seen.lists()) == sorted([QA, WEB, "No team"])
    everything = [key for keys in seen.lists().values() for key in keys if key != "|"]
    assert sorted(everything) == [f"APP-{n}" for n in (10, *range(100, 108), 11, 12, 13, 14, 15, 19, 20)], (
        "each once"
    )
    assert seen.card("APP-15")["why"] == "It is done."
    assert seen.card("APP-19")["why"].startswith("It has no discipline team.")
    assert page.totals["in"] == sum(one["in"] for one in seen.columns())
    assert any(one["ways"] for one in seen.conflicts())
    assert page.notes


async def test_an_edit_is_made_taken_back_and_made_again(tab: Tab, mia: User, queue: int) -> None:
    seen = await opened(tab, mia, queue)
    before = seen.lists()
    first, cut = before[QA][0], before[QA].index("|")
    await seen.send(issue(int(first[4:]), "exclude"), token="a")
    assert (seen.page.head, seen.page.complaint) == (1, "")
    assert seen.card(first)["why"] == "It was excluded by hand."
    assert seen.lists()[QA].index("|") == cut, "another one has its room"
    await seen.send(op="undo", token="b")
    assert seen.lists() == before
    await seen.send(op="redo", token="c")
    assert seen.card(first)["excluded"]
    await seen.send(op="redo", token="d")
    assert seen.page.answers[-1] == {"token": "d", "problem": "There is nothing to redo.", "clashes": []}
    assert seen.page.head == 3


async def test_what_is_sent_twice_is_made_once(tab: Tab, mia: User, queue: int) -> None:
    seen = await opened(tab, mia, queue)
    for _ in range(3):
        await seen.send(issue(107, "pin", position=1), token="lost on the way", seen=0)
    assert seen.page.head == 1
    assert [one["token"] for one in seen.page.answers] == ["lost on the way"]
    assert seen.lists()[QA][0] == "APP-107"


async def test_two_people_see_each_others_edits(tab: Tab, mia: User, queue: int) -> None:
    mias, noras = (
        await opened(tab, mia, queue),
        await opened(tab, await make(tab, "Nora", Role.MANAGER), queue),
    )
    await mias.send(issue(12, "exclude"), token="m")
    await noras.send(issue(21, "exclude"), issue(11, "exclude"), token="n", seen=0)
    await settled(next(iter(benches._benches.values())))
    for one in (mias, noras):
        await one.open(queue, by="catch_up")
    assert mias.lists() == noras.lists()
    assert {key for key in ("APP-11", "APP-12") if mias.card(key)["excluded"]} == {"APP-11", "APP-12"}


async def test_a_clash_names_both_sides_and_is_settled(tab: Tab, mia: User, queue: int) -> None:
    mias, noras = (
        await opened(tab, mia, queue),
        await opened(tab, await make(tab, "Nora", Role.MANAGER), queue),
    )
    await mias.send(issue(107, "exclude"), token="m")
    await noras.send(issue(107, "pin", position=1), token="n", seen=0)
    (clash,) = noras.page.answers[-1]["clashes"]
    assert clash["words"] == (
        "Mia left APP-107 out. Meanwhile you pinned APP-107 to place 1. Keep their change, or make yours again."
    )
    assert noras.card("APP-107")["excluded"], "theirs stands until it is settled"
    await noras.send(clash["change"], token="mine", seen=clash["seen"])
    assert noras.page.answers[-1]["clashes"] == []
    assert noras.lists()[QA][0] == "APP-107"


async def test_rules_weights_times_and_suggestions_are_edits(tab: Tab, mia: User, queue: int) -> None:
    seen = await opened(tab, mia, queue)
    for at, rule in enumerate((
        {"rule": "algorithm", "value": "optimal"}, {"rule": "buffer", "value": 20}, {"rule": "unit", "value": "count"},
        {"rule": "carry_over_first", "value": True},
    )):  # fmt: skip
        await seen.send({"kind": "rule", **rule}, token=f"r{at}")
        assert seen.page.rules[rule["rule"]] == rule["value"]
    found = next(iter(benches._benches.values()))
    assert not seen.page.final or found.final
    await settled(found)
    await seen.open(queue, by="catch_up")
    assert (seen.page.final, seen.page.totals["quality"]) == (True, "Proven to be the best there is.")
    person = next(one["person"] for one in seen.page.weights if one["person"])
    await seen.send({"kind": "weight", "person": person, "weight": 300}, token="w")
    assert next(one["weight"] for one in seen.page.weights if one["person"] == person) == 300
    times = {"kind": "hard", "start": "2026-01-20T09:00", "end": "2026-01-20T11:00"}
    await seen.send(issue(12, "timing", timing=times), token="t")
    assert (seen.card("APP-12")["from"], seen.card("APP-12")["timed"]) == ("2026-01-20T09:00", "exact times")
    await settled(found)
    await seen.open(queue, by="catch_up")
    way = next(way for one in seen.conflicts() for way in one["ways"] if way["change"]["kind"] == "exclude")
    count = seen.page.totals["aside"]
    await seen.send(way["change"], token="s")
    await settled(found)
    await seen.open(queue, by="catch_up")
    assert seen.page.totals["aside"] == count + 1


async def test_what_cannot_be_done_is_told_and_changes_nothing(tab: Tab, mia: User, queue: int) -> None:
    seen = await opened(tab, mia, queue)
    for at, (changes, words) in enumerate((
        ([{"kind": "rule", "rule": "buffer", "value": 101}], "The buffer is a percentage. Give a number from 0 to 100."),
        ([issue(12, "timing", timing={"kind": "soft", "end": "tomorrow"})], "'tomorrow' is no time."),
        ([{"kind": "nonsense"}], "A change names its kind"),
    )):  # fmt: skip
        await seen.send(*changes, token=f"bad{at}")
        assert words in seen.page.complaint
    await fire(seen.page, "send", "{")
    assert seen.page.complaint == "The page sent something that cannot be read. Load it again."
    assert (seen.page.head, (await drafts.read(tab.db, ADMIN, queue)).edits) == (0, ())


async def test_planning_again_when_jira_has_moved_on(tab: Tab, mia: User, queue: int) -> None:
    seen = await opened(tab, mia, queue)
    kept = seen.lists()
    await fire(seen.page, "keep", {"note": "agreed"})
    stored = await versions.read(tab.db, ADMIN, queue)
    assert (stored.version.number, stored.version.note, seen.page.versions) == (1, "agreed", 1)
    urgent = {"key": next(key for key in kept[QA][kept[QA].index("|") :] if key > "APP-1" and len(key) == 7)}
    await tab.db.execute(text("UPDATE issue SET priority = 'Highest' WHERE key = :key"), urgent)
    next(iter(benches._benches.values())).looked = ""  # as after the next collection
    await seen.open(queue, by="refresh")
    assert not seen.page.fresh
    assert seen.lists() == kept, "what is shown stays until somebody plans again"
    await fire(seen.page, "plan_again")
    assert seen.page.fresh
    cut = kept[QA].index("|")
    assert cut > 0
    assert seen.lists()[QA][: cut + 1] == kept[QA][: cut + 1], "what was in stays in"
    assert seen.lists()[QA][cut + 1] == urgent["key"]
    benches.clear()
    again = await opened(tab, mia, queue)
    assert (again.page.fresh, again.page.behind) == (False, "version 1")


@pytest.mark.parametrize("edits", [1, 3])
async def test_planning_again_takes_in_what_is_edited_meanwhile(
    tab: Tab, mia: User, queue: int, monkeypatch: pytest.MonkeyPatch, edits: int
) -> None:
    """The queue is not held while it is planned, so an edit goes through; whoever edits on and on is told of."""
    seen = await opened(tab, mia, queue)
    outs, replanned, asked = [key for key in seen.lists()[QA] if key != "|"], making.replanned, 0

    async def edited_meanwhile(*given: Any, **more: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked <= edits:
            draft = await drafts.read(tab.db, ADMIN, queue)
            told = {"seen": draft.info.head, "token": f"e{asked}", "now": clock.now()}
            await drafts.apply(tab.db, ADMIN, queue, (Exclude(int(outs[asked - 1][4:])),), **told)
        return await replanned(*given, **more)

    monkeypatch.setattr(making, "replanned", edited_meanwhile)
    await fire(seen.page, "plan_again")
    if edits == 1:
        assert (asked, seen.page.complaint, seen.page.fresh) == (2, "", True)
        assert seen.page.head == 1
        now = seen.lists()[QA]
        assert outs[0] not in now[: now.index("|")]
    else:
        assert asked == edits
        assert "edited while" in seen.page.complaint


async def test_a_viewer_looks_and_does_nothing(tab: Tab, queue: int) -> None:
    seen = await opened(tab, await make(tab, "Vera", Role.VIEWER), queue)
    assert (seen.page.status, seen.page.may) == ("ready", False)
    await seen.send(issue(12, "exclude"), token="v")
    await fire(seen.page, "keep", {})
    await fire(seen.page, "plan_again")
    assert "does not allow this" in seen.page.complaint
    assert (await drafts.read(tab.db, ADMIN, queue)).edits == ()


async def test_a_queue_that_is_not_there_and_none_at_all(tab: Tab, mia: User, queue: int) -> None:
    seen = await opened(tab, mia, queue + 1)
    assert (seen.page.status, seen.page.problem) == ("failed", store.NO_QUEUE)
    await seen.tab.open(PlannerPage, "/planner")
    assert seen.page.status == "empty"


async def test_lists_come_as_they_come_into_sight(tab: Tab, mia: User, queue: int) -> None:
    seen = await opened(tab, mia, queue)
    qa = next(one["id"] for one in seen.columns() if one["name"] == QA)
    assert len(seen.lists()[QA]) > 2
    await fire(seen.page, "want", f"{qa}:1,nonsense,7:x,:")
    assert [len(patch["teams"][qa]["order"]) for patch in seen.page.lists if qa in patch["teams"]][-1] == 1
    assert bench_module.MOST_ISSUES > 10_000


async def test_an_edit_brings_what_differs_and_nothing_that_the_page_has(
    tab: Tab, mia: User, queue: int
) -> None:
    seen = await opened(tab, mia, queue)
    before = seen.lists()
    last = before[QA][-1]
    await seen.send(issue(int(last[4:]), "exclude"), token="a")
    (patch,) = seen.page.lists
    told = {card["key"] for team in patch["teams"].values() for card in team["cards"]}
    assert last in told
    assert len(told) < len(before[QA]) - 1, "cards that say the same stay where they are"
    after = seen.lists()
    await seen.open(queue, by="load")
    assert (seen.lists(), seen.lost) == (after, False), "patch by patch or anew: the same lists"
    await fire(seen.page, "catch_up", seen.got)
    assert seen.page.lists == [], "it has everything"


async def test_what_is_lost_on_the_way_comes_again_as_a_whole(tab: Tab, mia: User, queue: int) -> None:
    seen, other = await opened(tab, mia, queue), await opened(tab, mia, queue)
    seen.lists()
    for number in range(12):
        await seen.send(issue(100 + number % 8, "exclude" if number < 8 else "include"), token=f"t{number}")
    await other.open(queue, by="catch_up")
    assert (seen.lists(), seen.lost) == (other.lists(), False), "without a word of the page all of it comes"
    seen.page.lists = []
    await seen.send(issue(107, "pin", position=1), token="gap", seen=seen.page.head)
    seen.got += 1
    seen.lists()
    assert seen.lost, "this patch does not follow on what the page has"
    await fire(seen.page, "catch_up", -1)
    await other.open(queue, by="catch_up")
    seen.lost = False
    assert (seen.lists(), seen.lost) == (other.lists(), False)
