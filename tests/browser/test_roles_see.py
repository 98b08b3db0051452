"""Each page as each role sees it: nothing is shown that cannot be done, and no link leads to where one may not go.

What a page offers is read from the page itself: the handlers that its elements call, shown or folded away, its links and
forms, and the addresses that its own requests go to. What somebody may is the user's matrix, held against what handlers and
routes declare; that these declarations hold is seen in test_matrix_socket.py and test_matrix_http.py.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from playwright.sync_api import Browser, WebSocket
from reflex_base.registry import RegistrationContext

from sprintreports.identity import grants, sessions, users
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Grant, Viewer
from sprintreports.kit import clock, db
from sprintreports.settings import settings
from sprintreports.ui import routes
from sprintreports.ui.session import PUBLIC, RULE
from tests.browser.harness import Product, Visitor, apart, visitor
from tests.integration.matrix_handlers import AFTERWARDS
from tests.integration.matrix_support import Person
from tests.integration.test_api_matrix import EXPECTED
from tests.integration.test_matrix_http import FORMS

COOKIE = "sprintreports_session"
# What opening a page asks for.
PAGES = {
    route: {AFTERWARDS.get(one.fn.__qualname__, getattr(one.fn, RULE)) for one in loaded}
    for route, _, _, loaded in routes.PAGES
}
# Where a page shows nothing without a parameter.
FIRST = {
    "/site": "/site?site=1",
    "/setup": "/setup?site=1&step=fields",
    "/team": "/team?team=1",
    "/planner": "/planner?queue=1",
    "/report-template": "/report-template?kind=baseline",
}
REFUSED = re.compile(r"Your role \([\w ]+\) (does not allow this|holds on some boards)")
LIMITED = {"manager_board": "board", "manager_team": "team"}
EVERYBODY = ("viewer", "user", "manager", *LIMITED, "admin", "super_admin")
# Every function that React was given for an element calls handlers by their full names, which its source holds.
OFFERED = """
() => {
  const key = Object.keys(document).find((name) => name.startsWith("__reactContainer$"));
  const handlers = new Set(), posts = new Set(), todo = [document[key].stateNode.current];
  while (todo.length) {
    const fiber = todo.pop();
    if (fiber.sibling) todo.push(fiber.sibling);
    if (fiber.child) todo.push(fiber.child);
    const props = fiber.memoizedProps || {};
    for (const [name, value] of Object.entries(props)) {
      if (typeof value === "function")
        for (const [found] of Function.prototype.toString.call(value).matchAll(/reflex___state____state\\.[\\w.]+/g))
          handlers.add(found);
      if (name === "to" && !props.reloadDocument && typeof value === "string" && /^\\/(api|session)\\//.test(value)) posts.add(value);
    }
  }
  const all = (selector, name) => [...document.querySelectorAll(selector)].map((one) => one.getAttribute(name));
  const path = location.pathname.replace(/(.)\\/$/, "$1");
  return {handlers: [...handlers], posts: [...posts], links: all("a[href]", "href"),
    forms: all("form[method=post]", "action"), path,
    told: [...document.querySelectorAll("[role=alert]")].map((one) => one.innerText).join(" ")};
}
"""
_PATIENCE = 20_000


@dataclass(slots=True)
class Sight:
    """What a page offers, and what it complains of."""

    handlers: list[str]
    posts: list[str]
    links: list[str]
    forms: list[str]
    path: str
    told: str


@dataclass(slots=True)
class Eyes:
    """Somebody's browser, which goes from page to page as by its links.

    `told`: how often a page was said to be loaded; `found`: which downloads are theirs.
    """

    person: Person | None
    seen: Visitor
    told: list[str] = field(default_factory=list)
    found: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Playwright marks the object of a method that it is given, and this one has no room for that.
        self.seen.page.on("websocket", lambda socket: self._listen(socket))  # noqa: PLW0108

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self.told.append(str(frame)) if _loaded(frame) else None)

    def look(self, address: str) -> Sight:
        page = self.seen.page
        before = len(self.told)
        if before and self.person is not None:
            page.evaluate("(to) => window.__reactRouterDataRouter.navigate(to)", address)
        else:
            page.goto(self.seen.url + address)
        for _ in range(_PATIENCE // 20):
            if len(self.told) > before:
                break
            page.wait_for_timeout(20)
        assert len(self.told) > before, f"{address} was not loaded"
        page.wait_for_selector("main [aria-busy=true]", state="detached", timeout=_PATIENCE)
        return Sight(**page.evaluate(OFFERED))

    def may(self, permission: str | None) -> bool:
        """By the user's matrix. None: whoever has signed in."""
        return permission == PUBLIC or (self.person is not None and self.person.may(permission))

    def wrong(self, sight: Sight) -> Iterator[str]:
        """What is offered and may not be done."""
        for name in sight.handlers:
            if (rule := _rule(name)) is None or not self.may(rule):
                yield f"{sight.path}: {name.rpartition('____')[2]} needs {rule}"
        for link in sight.links:
            if not link.startswith(f"{sight.path}#") and not self._opens(link):
                yield f"{sight.path}: the link {link}"
        for action in sight.forms:
            if not self.may(_form(action)):
                yield f"{sight.path}: the form {action}"
        for address in sight.posts:
            if not self.may(_posted(address)):
                yield f"{sight.path}: the request {address}"

    def _opens(self, link: str) -> bool:
        parts = urlsplit(link)
        if parts.netloc or not parts.path:  # Jira's own pages, and places of this page
            return True
        if parts.path == "/" and self.person is None:
            return True  # the product's name, which leads back to the sign-in page
        if parts.path in PAGES:
            return all(map(self.may, PAGES[parts.path]))
        if parts.path.startswith("/session/sso/"):
            return True  # a provider's way in
        kind = re.sub(r"\d+", "1", parts.path)  # downloads: one of each kind is asked for
        if kind not in self.found:
            answer = self.seen.context.request.get(self.seen.url + link, max_redirects=0)
            self.found[kind] = answer.status < 400
        return self.found[kind]


def _loaded(frame: str | bytes) -> bool:
    return '"is_hydrated_rx_state_":true' in str(frame).replace(" ", "")


def _rule(name: str) -> str | None:
    """What the handler of this full name declares; Reflex's own need nothing."""
    if "sprintreports___" not in name:
        return PUBLIC
    found = RegistrationContext.ensure_context().event_handlers.get(name)
    return getattr(found.handler.fn, RULE, None) if found else None


def _form(action: str) -> str | None:
    return None if FORMS[f"POST {action}"] == "a session" else PUBLIC


def _posted(address: str) -> str | None:
    if f"POST {address}" in FORMS:
        return _form(address)
    (route,) = [name for name in EXPECTED if _matches(name, f"POST {address}")]
    return EXPECTED[route]


def _matches(route: str, asked: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", route), asked.partition("?")[0]) is not None


@pytest.fixture(scope="module")
def people(product: Product) -> Iterator[dict[str, Person]]:
    """One of each kind, signed in. They are gone at the end: others count users."""
    with psycopg.connect(settings().database_url) as database:
        board = database.execute("SELECT min(id) FROM board WHERE selected").fetchone()
        team = database.execute("SELECT min(id) FROM discipline").fetchone()
    assert board
    assert team
    ids = {"board": board[0], "team": team[0]}
    made = apart(lambda: _make(ids))
    yield made
    with psycopg.connect(settings().database_url) as database:
        gone = [one.user_id for one in made.values()]
        database.execute("DELETE FROM user_account WHERE id = ANY(%s)", (gone,))


async def _make(ids: dict[str, int]) -> dict[str, Person]:
    system, made = Viewer.system(), dict[str, Person]()
    try:
        for name in EVERYBODY:
            limits = LIMITED.get(name, "")
            role = Role.MANAGER if limits else Role(name)
            async with db.transaction() as session:
                user = await users.create(
                    session, system, email=f"{name}@sees.test", password=None, role=None if limits else role, name=f"The {name}"
                )  # fmt: skip
                if limits:
                    only = frozenset({ids[limits]})
                    grant = Grant(role, only) if limits == "board" else Grant(role, team_ids=only)
                    await grants.give(session, system, user_id=user.id, everywhere=None, limited=[grant])
                opened = await sessions.create(
                    session, user_id=user.id, user_agent="", address="", now=clock.now()
                )
            made[name] = Person(name, user.id, role, {}, opened.token, limits)
    finally:
        await db.dispose()
    return made


@pytest.fixture
def eyes_of(product: Product, browser: Browser, people: dict[str, Person]) -> Iterator[Callable[[str], Eyes]]:
    """Opens a browser for one of them; for a visitor by an empty name."""
    opened: list[Any] = []

    def open_for(name: str) -> Eyes:
        entered = visitor(browser, product.url)
        opened.append(entered)
        guest = entered.__enter__()
        person = people.get(name)
        if person is not None:
            guest.context.add_cookies([{"name": COOKIE, "value": person.cookie, "url": product.url}])
        return Eyes(person, guest)

    yield open_for
    for entered in opened:
        entered.__exit__(None, None, None)


def _key(address: str) -> tuple[str, str]:
    """Pages differ by their path and tab; boards and sprints show the same."""
    parts = urlsplit(address)
    return parts.path, parse_qs(parts.query).get("tab", [""])[0]


def _walk(eyes: Eyes) -> tuple[list[str], list[Sight]]:
    """Every page, and every tab that a page links to; what is wrong with them."""
    todo = [FIRST.get(route, route) for route in PAGES]
    known, wrong, sights = {_key(one) for one in todo}, list[str](), list[Sight]()
    while todo:
        address = todo.pop(0)
        sight = eyes.look(address)
        sights.append(sight)
        wrong += eyes.wrong(sight)
        path = urlsplit(address).path
        may = all(map(eyes.may, PAGES[path]))
        if may == bool(REFUSED.search(sight.told)):
            wrong.append(f"{address}: {'refused' if may else 'shown'}")
        for link in sight.links:
            if urlsplit(link).path in PAGES and not urlsplit(link).netloc and _key(link) not in known:
                known.add(_key(link))
                todo.append(link)
    return wrong, sights


@pytest.mark.parametrize("name", EVERYBODY)
def test_nobody_is_shown_what_they_cannot_do(eyes_of: Callable[[str], Eyes], name: str) -> None:
    eyes = eyes_of(name)
    wrong, sights = _walk(eyes)
    assert wrong == []
    offered = {_rule(handler) for sight in sights for handler in sight.handlers}
    hidden = {"users:read", "users:write", "settings:read", "settings:write"} - offered
    assert all(not eyes.may(permission) for permission in hidden), "the pages were not read"
    assert eyes.seen.complaints == []


def test_what_an_admin_sees_would_be_too_much_for_others(
    eyes_of: Callable[[str], Eyes], people: dict[str, Person]
) -> None:
    """That the look at a page finds what it looks for."""
    eyes = eyes_of("admin")
    sight = eyes.look("/users")
    assert list(eyes.wrong(sight)) == []
    holes = " ".join(Eyes(people["manager"], eyes.seen).wrong(sight))
    for hole in ("begin_invitation needs users:write", "the link /sites", "the link /audit"):
        assert hole in holes


def test_a_visitor_is_shown_what_visitors_may_do(eyes_of: Callable[[str], Eyes]) -> None:
    eyes = eyes_of("")
    page = eyes.seen.page
    for route, rules in PAGES.items():
        page.goto(eyes.seen.url + route)
        if rules != {PUBLIC}:
            page.wait_for_url("**/sign-in?next=*")
        page.wait_for_selector(".gate-card h1")
        assert list(eyes.wrong(Sight(**page.evaluate(OFFERED)))) == []


@pytest.mark.parametrize("name", ["admin", "super_admin"])
def test_an_account_offers_what_may_be_done_to_it(
    eyes_of: Callable[[str], Eyes], people: dict[str, Person], name: str
) -> None:
    """Super admins are for super admins, and nobody's own account for themselves: the server is asked by REST."""
    eyes = eyes_of(name)
    page, asked = eyes.seen.page, eyes.seen.context.request
    own: dict[str, Any] = {"headers": {"Origin": eyes.seen.url}, "fail_on_status_code": False}
    eyes.look("/users?search=sees.test")
    for person in (people["viewer"], people["admin"], people["super_admin"]):
        page.get_by_role("button", name=f"The {person.name}", exact=True).click()
        dialog = page.get_by_role("dialog", name=f"The {person.name}")
        dialog.get_by_role("heading", name="Roles").wait_for()
        sight = Sight(**page.evaluate(OFFERED))
        offered = {
            handler.rpartition(".")[2]
            for handler in sight.handlers
            if ".user_panel." in handler.replace("____", ".")
        }
        account = f"{eyes.seen.url}/api/v1/users/{person.user_id}"
        edited = asked.patch(account, data={"name": f"The {person.name}"}, **own)
        assert ("keep_account" in offered) == edited.ok
        if "delete" in offered:
            assert asked.put(f"{account}/grants", data={"role": person.role.value}, **own).ok
            assert list(eyes.wrong(sight)) == []
        else:
            assert asked.delete(account, **own).status in {403, 409}
            assert not offered & {"give_everywhere", "set_active", "sign_out", "erase", "take_limited"}
        dialog.get_by_role("button", name="Close").first.click()
        dialog.wait_for(state="detached")
