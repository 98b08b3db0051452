"""The planner in a browser: from making a queue, and from each kind of edit, until it is on the screen.

The page itself notes the times: an observer of its own changes looks whether what is waited for is there, and the moment is
taken after the frame that shows it has been painted.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

from playwright.sync_api import Page

from benchmarks import charts, planner_site, web
from benchmarks.figures import Result, Row, Target
from benchmarks.ground import Ground, run
from sprintreports.identity.sessions import COOKIE_NAME
from sprintreports.planning.queue.options import Algorithm

_SMALL, _LARGE, _QUICK_LARGE = 500, 10_000, 2_000
_RUNS, _QUICK_RUNS = 9, 3
_EDITED = (Algorithm.ROUND_ROBIN, Algorithm.WEIGHTED_FAIR, Algorithm.PRIORITY)
_SECOND = Target(must=1000)
_EDIT = Target(must=100)
_PATIENCE_MS = 60_000
_EDIT_PATIENCE_MS, _TRIES = 4_000, 6

# Until the frame that shows it has been painted: a message is taken up after the frame's own work.
_PAINTED = """
window.painted = (then) => requestAnimationFrame(() => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => then(performance.now());
  channel.port2.postMessage(0);
});
"""
_MADE = """
() => {
  window.made = new Promise((resolve) => {
    let began = 0;
    document.addEventListener("submit", (event) => { began = event.timeStamp; }, { capture: true, once: true });
    const observer = new MutationObserver(() => {
      if (!began || !document.querySelector(".plan-card")) return;
      observer.disconnect();
      window.painted((at) => resolve(at - began));
    });
    observer.observe(document.body, { subtree: true, childList: true });
  });
}
"""
# shown: the card is where, or as, it is to be. told: the figures of its team come from the server. final: so does the whole.
_EDITING = """
([issue, event, pinned, patience]) => {
  const board = document.querySelector(".planner");
  const card = () => board.querySelector(`[data-card="${issue}"]`);
  const where = () => {
    const item = card().closest(".plan-item");
    const column = item.closest("[data-team]");
    const place = [...column.querySelectorAll(".plan-item")].indexOf(item);
    return pinned ? String(card().textContent.includes("Pinned")) : `${column.dataset.team} ${place}`;
  };
  const before = where();
  const head = Number(board.dataset.head);
  const reached = {
    shown: () => where() !== before,
    told: () => Number(board.dataset.head) > head && !card().matches(".expected"),
    final: () => Number(board.dataset.head) > head && board.dataset.final === "yes" && !card().matches(".expected"),
  };
  window.edit = new Promise((resolve) => {
    const times = {};
    const due = new Set();
    let began = 0;
    document.addEventListener(event, (one) => { began = one.timeStamp; }, { capture: true, once: true });
    const observer = new MutationObserver(() => {
      if (!began || !card()) return;
      for (const [name, there] of Object.entries(reached)) {
        if (due.has(name) || !there()) continue;
        due.add(name);
        window.painted((at) => {
          times[name] = at - began;
          if (Object.keys(times).length === Object.keys(reached).length) resolve(times);
        });
      }
      if (due.size === Object.keys(reached).length) observer.disconnect();
    });
    observer.observe(board, { subtree: true, childList: true, attributes: true, characterData: true });
    setTimeout(() => { observer.disconnect(); resolve(null); }, patience);
  });
}
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """A way to edit: the event that begins it, and what a person does. pinned: it is seen by its mark, not by its place."""

    name: str
    event: str
    act: Callable[[Page, int], None]
    pinned: bool = False


def measure(ground: Ground) -> Result:
    """Links tie all teams together, so that an edit of one can change any other."""
    large = _QUICK_LARGE if ground.quick else _LARGE
    ground.migrated("bench_planner")
    small_sprint, large_sprint = run(lambda: planner_site.filled(_SMALL, large))
    queues = {name: run(lambda name=name: planner_site.queue_of(large_sprint, name)) for name in _EDITED}
    runs = _QUICK_RUNS if ground.quick else _RUNS
    rows: list[Row] = []
    with web.answering(ground) as (port, _), signed_in(port) as page:
        for name in Algorithm:
            samples = _making(page, small_sprint, name, runs)
            what = f"{_SMALL} issues, {name}: from “Generate” until its board is there"
            rows.append(Row(what, samples, "ms", _SECOND))
        for name, queue in queues.items():
            page.goto(f"/planner?queue={queue}")
            page.locator(".planner[data-final=yes] .plan-card").first.wait_for()
            for kind in KINDS:
                samples = [edited(page, kind, number) for number in range(runs)]
                rows += _rows(f"{large:,} issues, {name}, {kind.name}", samples)
    return Result("planner", "The planner in headless Chromium", rows, [_NOTE])


_NOTE = (
    "An edit is counted from the key press, or the drop, until the frame with it is painted. “Its team's figures”: load, share, "
    "cut-line, fairness and conflicts as the server says them, a figure that may still change marked so; “all is final”: no "
    "mark is left. The tab shows all teams side by side. Browser, web process and database share the cores."
)


@contextmanager
def signed_in(port: int) -> Iterator[Page]:
    """A page of an admin."""
    address = f"http://127.0.0.1:{port}"
    (cookie,) = web.cookies(1)
    with charts.chromium() as browser:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=address)
        context.set_default_timeout(_PATIENCE_MS)
        context.add_cookies([{"name": COOKIE_NAME, "value": cookie, "url": address}])
        context.add_init_script(_PAINTED)
        yield context.new_page()


def _making(page: Page, sprint: int, algorithm: str, runs: int) -> list[float]:
    """The first is not counted: the scripts of both pages come with it."""
    samples: list[float] = []
    for _ in range(runs + 1):
        page.goto(f"/queues?sprint={sprint}")
        page.get_by_role("button", name="New queue").or_(
            page.get_by_role("button", name="Make the first one")
        ).first.click()
        page.locator(f"#new-queue input[value={algorithm}]").check()
        page.evaluate(_MADE)
        page.get_by_role("button", name="Generate").click()
        samples.append(page.evaluate("window.made"))
    return samples[1:]


def edited(page: Page, kind: Kind, number: int) -> Mapping[str, float]:
    """One edit, and when each of its stages was on the screen; milliseconds. number: whose turn it is among the cards.

    A card that the plan's rules put back to where it was (its blocker comes first, its time is exact) shows nothing to measure:
    then it is another one's turn.
    """
    cards: list[int] = page.evaluate(
        """() => [...document.querySelectorAll(".planner [data-team]")].slice(0, 4).flatMap((team) =>
        [...team.querySelectorAll("[data-side=in] [data-card]")].slice(2, 6).map((card) => Number(card.dataset.card)))"""
    )
    turns = Random(number).sample(cards, min(_TRIES, len(cards)))  # noqa: S311  # a measurement, not a secret
    for issue in turns:
        times = _tried(page, kind, issue)
        if times is not None:
            return times
    raise RuntimeError(f"None of {_TRIES} cards could be edited: {kind.name}.")


def _tried(page: Page, kind: Kind, issue: int) -> Mapping[str, float] | None:
    card = page.locator(f"[data-card='{issue}']")
    card.scroll_into_view_if_needed()
    card.focus()
    page.evaluate(_EDITING, [issue, kind.event, kind.pinned, _EDIT_PATIENCE_MS])
    kind.act(page, issue)
    return page.evaluate("window.edit")


def _rows(what: str, samples: list[Mapping[str, float]]) -> list[Row]:
    def of(stage: str) -> list[float]:
        return [one[stage] for one in samples]

    return [
        Row(f"{what}: the card is shown so", of("shown"), "ms", _EDIT),
        Row(f"{what}: its team's figures", of("told"), "ms", _EDIT),
        Row(f"{what}: all is final", of("final"), "ms"),
    ]


def _up(page: Page, issue: int) -> None:
    del issue  # it has the focus
    page.keyboard.press("Shift+ArrowUp")


def _pin(page: Page, issue: int) -> None:
    del issue
    page.keyboard.press("p")


def _drag(page: Page, issue: int) -> None:
    card = page.locator(f"[data-card='{issue}']")
    first = card.locator("xpath=ancestor::section").locator("[data-card]").first
    card.drag_to(first, target_position={"x": 60, "y": 4})


KINDS = (
    Kind("a move by key", "keydown", _up),
    Kind("a pin by key", "keydown", _pin, pinned=True),
    Kind("a card dragged", "drop", _drag),
)
