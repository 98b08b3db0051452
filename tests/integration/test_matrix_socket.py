"""Every handler for everybody, over a real socket: what the committed table allows, and nothing of other boards and teams.

Events are sent by name, whatever page somebody is on. The audit log says who was refused what; the database says whether
anything changed; what the server answered is searched for words that only others may see.
"""

import inspect
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from reflex_base.registry import RegistrationContext
from websockets.exceptions import InvalidStatus

from sprintreports.kit.embedded import EmbeddedPostgres
from sprintreports.ui import routes
from sprintreports.ui.guard import FRAMEWORK, rule_of
from tests.integration.matrix_handlers import AFTERWARDS, RULES
from tests.integration.matrix_jobs import BY_PAGE
from tests.integration.matrix_socket import Tab, opened
from tests.integration.matrix_support import BOARD_WORDS, NOWHERE, TEAM_WORDS, Ground, Person, standing

pytestmark = pytest.mark.unmeasured

PUBLIC = "public"
EVERYBODY = (
    "viewer", "user", "manager", "admin", "super_admin", "viewer_board", "user_board", "manager_board", "viewer_team",
    "user_team", "manager_team",
)  # fmt: skip
SECRET = "sprintreports-matrix"
# What people who may would type in, so that a guard that did not hold would be seen in the database.
FORMS: dict[str, dict[str, Any]] = {
    "AboutForm.keep_profile": {"name": "Renamed", "theme": "dark"},
    "Users.invite": {"email": "guest@example.org", "name": "Guest", "role": "viewer", "password": "tall green yak 8"},
    "ConnectionForm.submit": {"base_url": "http://127.0.0.1:1", "auth": "bearer", "secret": SECRET},
    "ProviderForm.keep": {"name": "K", "issuer": "https://id.example.org", "client_id": "a", "client_secret": SECRET},
    "SignInProviders.keep_policy": {"role-admin": "on"},
    "UserPanel.give_everywhere": {"role": "super_admin"},
    "Audit.ask": {"action": "sign_in"},
}  # fmt: skip
_LEAVE = "/sign-in?next="


@pytest.fixture(scope="module")
def ground(
    postgres: EmbeddedPostgres, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    with standing(postgres, template, tmp_path_factory.mktemp("matrix")) as ready:
        yield ready


def _registered() -> dict[str, str]:
    """Our handlers: how they are called in the code, and on the wire."""
    assert routes.register  # importing the routes registers every state
    found = RegistrationContext.ensure_context().event_handlers
    ours = [name for name in found if "sprintreports___" in name and not name.endswith(".setvar")]
    named = {found[name].handler.fn.__qualname__: name for name in ours}
    assert len(named) == len(ours), "two handlers of one name: the audit log could not tell them apart"
    return named


HANDLERS = _registered()


def _payload(handler: str, ground: Ground, *, foreign: bool) -> dict[str, Any]:
    """Plausible values: ids of boards and sprints that are there, other ids of nobody."""
    side = "foreign_" if foreign else ""
    known = {
        "board": str(ground.ids[f"{side}board"]),
        "sprint": str(ground.ids[f"{side}sprint"]),
        "words": "quagg" if foreign else "APP-3",
    }
    values = {"str": str(NOWHERE), "int": 0, "bool": True}
    registered = RegistrationContext.ensure_context().event_handlers[HANDLERS[handler]].handler.fn
    payload: dict[str, Any] = {}
    for name, parameter in list(inspect.signature(registered).parameters.items())[1:]:
        kind = getattr(parameter.annotation, "__name__", "")
        payload[name] = known.get(name, values.get(kind, [{"pointNumber": 0}] if kind == "list" else None))
        if kind == "dict":
            payload[name] = FORMS.get(handler, {})
    return payload


def _fire(
    tab: Tab, handlers: Iterable[str], ground: Ground, *, foreign: bool = False, site: int = NOWHERE
) -> str:
    side = "foreign_" if foreign else ""
    at = (
        f"/?board={ground.ids[f'{side}board']}&sprint={ground.ids[f'{side}sprint']}&site={site}"
        "&check=done-without-estimate"
    )
    for handler in handlers:
        tab.fire(HANDLERS[handler], _payload(handler, ground, foreign=foreign), at=at)
    return tab.settle()


def _split(person: Person) -> tuple[list[str], list[str]]:
    rules = RULES | AFTERWARDS
    may = [handler for handler, rule in rules.items() if rule == PUBLIC or person.may(rule)]
    return may, [handler for handler in RULES if handler not in may]


def test_every_handler_is_in_the_table_and_wears_its_rule() -> None:
    assert {handler: rule_of(name) for handler, name in HANDLERS.items()} == RULES


@pytest.mark.parametrize("name", EVERYBODY)
def test_everybody_sends_what_the_table_allows_and_nothing_else(ground: Ground, name: str) -> None:
    person = ground.people[name]
    may, may_not = _split(person)
    with opened(ground.url, cookie=person.cookie) as tab:
        before = ground.stored()
        told = _fire(tab, may_not, ground, site=ground.ids["site"])
        assert ground.stored() == before, "a refused event changed something"
        assert ground.refused(person.user_id) == set(may_not)
        assert not [word for word in BOARD_WORDS | TEAM_WORDS if word in told]
        heard = [_fire(tab, may, ground, foreign=foreign) for foreign in (False, True)]
    assert ground.refused(person.user_id) == set(may_not)
    assert not [one for one in heard if _LEAVE in one]
    seen = {word for word in BOARD_WORDS | TEAM_WORDS if any(word in one for one in heard)}
    assert seen == (BOARD_WORDS | TEAM_WORDS) - person.unseen
    assert SECRET not in "".join(heard)
    failed = [line for line in ground.said().splitlines() if "event_failed" in line]
    assert not failed


@pytest.mark.parametrize("name", ["", "gone"])
def test_visitors_and_those_who_were_deactivated_are_sent_to_sign_in(ground: Ground, name: str) -> None:
    cookie = ground.people[name].cookie if name else ""
    before = ground.stored()
    with opened(ground.url, cookie=cookie) as tab:
        for handler, rule in (RULES | AFTERWARDS).items():
            heard = _fire(tab, [handler], ground)
            assert (_LEAVE in heard) is (rule != PUBLIC), f"{handler}: {heard}"
            assert not [word for word in BOARD_WORDS | TEAM_WORDS if word in heard]
    assert ground.stored() == before


def test_what_has_no_rule_is_open_to_nobody(ground: Ground) -> None:
    """Reflex's own setters among it. An event that is not registered at all ends in the framework."""
    found = RegistrationContext.ensure_context().event_handlers
    ours = set(HANDLERS.values())
    of_tests = "reflex___istate___dynamic"  # where Reflex puts the states that other tests make
    doors = [name for name in found if name not in ours | FRAMEWORK and of_tests not in name]
    assert [name for name in doors if name.endswith("setvar")]
    before = ground.stored()
    values = {"var_name": "user_name", "value": "Mallory", "vars": {"user_name": "Mallory"}}
    with opened(ground.url, cookie=ground.people["super_admin"].cookie) as tab:
        for door in doors:
            tab.fire(door, values)
        tab.fire(f"{HANDLERS['Frame.load'].rpartition('.')[0]}._show")
        assert "Mallory" not in tab.settle()
    assert ground.stored() == before
    assert ground.refused(None) >= set(doors)


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_a_foreign_page_opens_no_socket(ground: Ground, origin: str) -> None:
    cookie = ground.people["admin"].cookie
    with pytest.raises(InvalidStatus) as refused, opened(ground.url, cookie=cookie, origin=origin):
        pytest.fail("the socket was opened")
    assert refused.value.response.status_code in {400, 403}


def test_somebody_elses_key_is_not_ended(ground: Ground) -> None:
    """A key's id is a number that anybody can count up to."""
    ((key_id,),) = ground.ask(
        "SELECT id FROM api_key WHERE user_id = %s", ground.people["settings:read"].user_id
    )
    with opened(ground.url, cookie=ground.people["manager"].cookie) as tab:
        tab.fire(HANDLERS["KeysTab.revoke"], {"key_id": str(key_id)}, at="/profile?tab=keys")
        assert "There is no such" in tab.settle()
    assert ground.ask("SELECT revoked_at FROM api_key WHERE id = %s", key_id) == [(None,)]


@pytest.mark.parametrize("name", ["admin", "super_admin"])
def test_who_may_starts_the_job(ground: Ground, name: str) -> None:
    """That the others start none is told by what is stored, above. Those left out need an answer of Jira, or a form."""
    ids = ground.with_work()
    at = f"/?site={ids['site']}&board={ids['board']}&sprint={ids['sprint']}"
    payloads = {"Webhooks.retry": {"delivery_id": str(ids["delivery"])}}
    handlers = (
        "SyncWatch.resume", "SyncWatch.start_full", "SyncWatch.start_changes", "Reconciling.compare_all", "Webhooks.retry",
    )  # fmt: skip
    started: dict[str, str] = {}
    with opened(ground.url, cookie=ground.people[name].cookie) as tab:
        tab.fire(HANDLERS["Webhooks.load"], at=at)
        for handler in handlers:
            tab.fire(HANDLERS[handler], payloads.get(handler), at=at)
            tab.settle()
            started[handler] = " ".join(ground.take_jobs())
    assert started == {handler: BY_PAGE[handler] for handler in handlers}
