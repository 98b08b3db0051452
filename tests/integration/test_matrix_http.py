"""Every route for everybody, over real HTTP: what the committed tables allow, and nothing of other boards and teams.

The routes' permissions are EXPECTED of test_api_matrix.py, what a role may do is the user's own matrix, and here stands what
the routes' ids belong to. All of it is compared with the code, so that a change of either side fails.
"""

import re
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from sprintreports.api.app import ROUTERS, create_api
from sprintreports.api.door import Needs, rule_of
from sprintreports.identity import sessions
from sprintreports.kit.embedded import EmbeddedPostgres
from sprintreports.ui.web import wrapped_in
from tests.integration.matrix_jobs import BY_REST
from tests.integration.matrix_support import (
    BOARD_WORDS,
    NOWHERE,
    PROGRAMS,
    TEAM_WORDS,
    Ground,
    Person,
    standing,
)
from tests.integration.test_api_matrix import EXPECTED, body_of

pytestmark = pytest.mark.unmeasured

# Whose an id in a path is: of a board or sprint, which limits hide; of the system as a whole; of whoever asks.
LIMITED = {"board_id", "queue_id", "sprint_id"}
WHOLE = {
    "client_id",
    "delivery_id",
    "person_id",
    "provider_id",
    "request_id",
    "run_id",
    "site_id",
    "test_id",
    "user_id",
}
OWN = {"key_id", "notice_id", "session_id"}
VALUES = {"check", "number"}
# What somebody made at something that limits hide: their own, and for those who may change that thing.
MADE_AT = {"feed_id", "report_delivery_id", "schedule_id"}
# Nobody but whose it is starts this (test_schedules.py).
OF_ONESELF = {"POST /api/v1/schedules/{schedule_id}/runs"}
# Known to everybody by name, so that they can choose it; how it is set up is shown to who may read settings.
NAMED = {"connection_id"}
# Of the library: somebody's own, or of boards of which all must be seen (test_report_library.py, test_report_shares.py).
OF_LIBRARY = {"export_id", "report_id", "share_id", "template_id"}
# A state of one board: whoever sees the board sees it, teams cut to their own (test_baselines.py, test_api_baselines.py).
OF_BOARD = {"baseline_id"}
# A team, or what is a team's: whoever sees a value of Jira that the team stands for sees it; changing it takes the permission
# on all boards where it works.
OF_TEAM = {"absence_id", "member_id", "override_id", "team_id"}
# Needs the permission for all teams: limited people get nowhere. (For values of Jira that one may write, test_api_teams.py.)
FOR_ALL_TEAMS = {"POST /api/v1/teams", "POST /api/v1/disciplines/teams"}
# The routes of pages: who gets anywhere with them. Besides these the framework answers pings and the socket, nothing else.
FORMS = {
    "POST /session/sign-in": "a password",
    "POST /session/second-factor": "an unfinished sign-in",
    "POST /session/enrolment": "an unfinished sign-in",
    "POST /session/enrolment/confirmation": "an unfinished sign-in",
    "POST /session/break-glass": "a link",
    "POST /session/invitation": "a link",
    "POST /session/first-admin": "a code",
    "POST /session/sign-out": "a session",
    "POST /session/proof": "a session",
    "POST /session/password": "a session",
    "POST /session/end": "a session",
    "GET /authorize": "a session",
    "POST /authorize": "a session",
    "GET /live": "a session",
    "GET /live/queue": "a session",
    "GET /queues/file": "a session",
    "GET /queues/print": "a session",
    "GET /shared/{token}": "a link",
    "POST /shared/{token}": "a link",
    "GET /session/sso/{slug}/start": "a provider",
    "GET /session/sso/{slug}/callback": "a provider",
    "POST /session/sso/{slug}/acs": "a provider",
    "GET /session/sso/{slug}/metadata": "a provider",
}
OUTSIDE = ("/sign-in", "/setup", "/invitation")
# Where programs may ask about their own person, whatever they were limited to.
FOR_PROGRAMS = {"GET /api/v1/users/me"}
# What a person does and no program, whatever its scopes: making and changing keys, clients and private links.
BY_PEOPLE = {
    "POST /api/v1/oauth-clients",
    "PATCH /api/v1/oauth-clients/{client_id}",
    "POST /api/v1/oauth-clients/{client_id}/secret",
    "DELETE /api/v1/oauth-clients/{client_id}",
    "POST /api/v1/queues/{queue_id}/feeds",
    "DELETE /api/v1/queues/{queue_id}/feeds/{feed_id}",
    "POST /api/v1/reports/{report_id}/shares",
    "DELETE /api/v1/reports/{report_id}/shares/{share_id}",
}
# Need an answer of Jira before they start a job: seen in test_mapping_done.py and test_dynamic_webhooks.py.
ASK_JIRA = {
    "PUT /api/v1/sites/{site_id}/mapping",
    "PUT /api/v1/sites/{site_id}/oauth/webhook",
    "DELETE /api/v1/sites/{site_id}/oauth/webhook",
}
# Start a job where there is a connection that something waits for: seen in test_publishing.py.
OF_CONNECTIONS = {route for route in BY_REST if BY_REST[route] == "reports.deliver"}
NOT_HERE = ASK_JIRA | OF_ONESELF | OF_CONNECTIONS
# Sent without a body by those who may: nobody waits for a Jira that does not answer.
INCOMPLETE = {"POST /api/v1/sites"}
EVERYBODY = (
    "viewer", "user", "manager", "admin", "super_admin", "viewer_board", "user_board", "manager_board", "viewer_team",
    "user_team", "manager_team", "key_board", *PROGRAMS,
)  # fmt: skip
_PARAMETER = re.compile(r"\{(\w+)\}")


@pytest.fixture(scope="module")
def ground(
    postgres: EmbeddedPostgres, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    with standing(postgres, template, tmp_path_factory.mktemp("matrix")) as ready:
        yield ready


@pytest.fixture(scope="module")
def web(ground: Ground) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=ground.url, timeout=30, trust_env=False) as client:
        yield client


def _fill(
    path: str, ids: dict[str, int], *, foreign: bool = False, real: bool = False, teams: bool = False
) -> str:
    """A route's path with ids: a board's and a sprint's are there, others are nobody's, or are there too (`real`, `teams`)."""
    side = "foreign_" if foreign else ""
    values = {
        "board_id": ids[f"{side}board"],
        "sprint_id": ids[f"{side}sprint"],
        "queue_id": ids[f"{side}queue"],
        "check": "done-without-estimate",
        "number": ids["number"],
    }
    if teams:
        values |= {
            f"{name}_id": ids[f"{side}planned_{name}"] for name in ("team", "member", "absence", "override")
        }
    if real:
        values |= {f"{name}_id": ids[name] for name in ("site", "user", "person", "delivery") if name in ids}
    return _PARAMETER.sub(lambda one: str(values.get(one[1], NOWHERE)), path)


def _ask(
    web: httpx.Client,
    ground: Ground,
    route: str,
    headers: dict[str, str],
    *,
    foreign: bool = False,
    real: bool = False,
    teams: bool = False,
) -> httpx.Response:
    method, path = route.split(" ")
    # What is read of a team, and what is refused about it, is there; what is allowed would take it away from the next one.
    address = _fill(
        path, ground.ids, foreign=foreign, real=real, teams=real or teams or route.startswith("GET")
    )
    body = body_of(route) if real or route not in INCOMPLETE else {}
    return web.request(method, address, json=body, headers=headers)


def _split(person: Person) -> tuple[list[str], list[str]]:
    """The routes that are open to a person, and the others."""
    may = [
        route
        for route, permission in EXPECTED.items()
        if person.may(permission, programs=route in FOR_PROGRAMS)
    ]
    return may, [route for route in EXPECTED if route not in may]


def _limited(route: str) -> bool:
    return bool(LIMITED & set(_PARAMETER.findall(route)))


def _of_team(route: str) -> bool:
    return bool(OF_TEAM & set(_PARAMETER.findall(route)))


def test_every_id_in_a_path_is_somebodys() -> None:
    for route, permission in EXPECTED.items():
        parameters = set(_PARAMETER.findall(route))
        known = LIMITED | WHOLE | OWN | VALUES | OF_TEAM | MADE_AT | NAMED | OF_LIBRARY | OF_BOARD
        assert parameters <= known, f"{route}: say whose this id is"
        subject = (permission or "").partition(":")[0]
        if parameters & WHOLE:
            assert subject in {"users", "settings"}, (
                f"{route}: limited people must not reach what is the system's"
            )
        if parameters & OWN:
            assert permission is None, route
        if parameters & OF_TEAM:
            assert subject == "capacity", route


def test_what_programs_may_ask_without_a_scope() -> None:
    found = {
        f"{method} {route.path}"
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and isinstance(rule := rule_of(route), Needs)
        if rule.permission is None and rule.programs
        for method in route.methods
    }
    assert found == FOR_PROGRAMS


def test_the_routes_of_pages_are_these(monkeypatch: pytest.MonkeyPatch) -> None:
    api, included = create_api(), list[APIRouter]()
    monkeypatch.setattr(api, "include_router", included.append)
    wrapped_in(api)
    routes = [route for router in included for route in router.routes if isinstance(route, APIRoute)]
    assert {f"{method} {route.path}" for route in routes for method in route.methods} == set(FORMS)


def test_forms_come_from_our_pages_and_bring_what_they_need(web: httpx.Client, ground: Ground) -> None:
    before, dead = ground.stored(), f"{sessions.cookie_name()}={ground.people['gone'].cookie}"
    for route, needed in FORMS.items():
        method, path = route.replace("{slug}", "nobody").split(" ")
        foreign = web.request(method, path, headers={"Cookie": dead, "Origin": "https://evil.example"})
        if method == "POST" and needed != "a provider":
            assert foreign.headers["location"] == "/sign-in?problem=foreign", route
        for cookie in ({}, {"Cookie": dead}):
            answer = web.request(method, path, headers={"Origin": ground.url, **cookie})
            assert answer.status_code in {204, 303, 400, 404, 409, 422}, f"{route}: {answer.text}"
            assert answer.headers.get("location", "/sign-in").startswith(OUTSIDE), route
            assert f"{sessions.cookie_name()}=" not in answer.headers.get("set-cookie", "").replace('=""', "")
    for path in ("/_upload", "/_event/", "/auth-codespace"):
        assert web.post(path, headers={"Origin": ground.url}).status_code in {400, 404, 405}, path
    assert ground.stored() == before


def test_visitors_and_those_who_were_deactivated_get_nothing(web: httpx.Client, ground: Ground) -> None:
    before, gone = ground.stored(), ground.people["gone"]
    cookie = {"Cookie": f"{sessions.cookie_name()}={gone.cookie}", "Origin": ground.url}
    for route in EXPECTED:
        for headers in ({}, gone.credential if route.startswith("GET") else cookie):
            answer = _ask(web, ground, route, headers, real=True)
            assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED"), route
    assert ground.stored() == before


def test_what_is_somebodys_own_is_closed_to_admins_too(web: httpx.Client, ground: Ground) -> None:
    """Sessions and keys have ids that anybody can count up to. Admins see and end keys, and change none."""
    ((session_id,),) = ground.ask(
        "SELECT id FROM user_session WHERE user_id = %s", ground.people["viewer"].user_id
    )
    ((key_id,),) = ground.ask(
        "SELECT id FROM api_key WHERE user_id = %s", ground.people["settings:read"].user_id
    )
    for name in ("manager", "super_admin"):
        credential = ground.people[name].credential
        for method, path in (
            ("DELETE", f"users/me/sessions/{session_id}"),
            ("PATCH", f"api-keys/{key_id}"),
            *([("GET", f"api-keys/{key_id}"), ("DELETE", f"api-keys/{key_id}")] if name == "manager" else []),
        ):
            body = {"name": "Mine"} if method == "PATCH" else None
            answer = web.request(method, f"/api/v1/{path}", headers=credential, json=body)
            assert answer.status_code == 404, f"{name} {path}: {answer.text}"


def test_a_cookie_writes_only_from_our_own_pages(web: httpx.Client, ground: Ground) -> None:
    cookie = {"Cookie": f"{sessions.cookie_name()}={ground.people['viewer'].cookie}"}
    before = ground.stored()
    foreign = cycle(({}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}))
    for route, said in zip((one for one in EXPECTED if not one.startswith("GET")), foreign, strict=False):
        assert _ask(web, ground, route, cookie | said, real=True).status_code == 403, route
    assert ground.stored() == before


@pytest.mark.parametrize("name", EVERYBODY)
def test_everybody_gets_what_the_tables_allow_and_nothing_else(
    web: httpx.Client, ground: Ground, name: str
) -> None:
    person = ground.people[name]
    may, may_not = _split(person)
    before = ground.stored()
    for route in may_not:
        answer = _ask(web, ground, route, person.credential, real=True)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN"), route
    assert ground.stored() == before, "a refused request changed something"
    assert ground.refused(person.user_id) == set(may_not)
    told = [_allowed(web, ground, person, route) for route in may]
    told += [_foreign(web, ground, person, route) for route in may if _limited(route)]
    told += [_other_team(web, ground, person, route) for route in may if _of_team(route)]
    words = {word for word in BOARD_WORDS | TEAM_WORDS if any(word in one for one in told)}
    if person.may("sprints:read"):
        assert words == (BOARD_WORDS | TEAM_WORDS) - person.unseen


def _allowed(web: httpx.Client, ground: Ground, person: Person, route: str) -> str:
    """The answer to what somebody may ask, about their own board."""
    answer = _ask(web, ground, route, person.credential)
    reads = route.startswith("GET")
    writes = not reads and (EXPECTED[route] or "").endswith(":write")
    of_all = _limited(route) and not _of_team(route) and writes and person.limits == "team"
    if of_all or (person.limits and route in FOR_ALL_TEAMS):
        assert answer.status_code == 403, f"{route} touches other teams"
    elif person.scopes is not None and route in BY_PEOPLE:
        assert answer.status_code in {403, 404}, f"{route}: {answer.text}"
    elif (_limited(route) or _of_team(route)) and reads:
        assert answer.status_code == 200, f"{route}: {answer.text}"
    else:
        assert answer.status_code not in {401, 403}, f"{route}: {answer.text}"
        assert answer.status_code < 500, f"{route}: {answer.text}"
    return answer.text


def _foreign(web: httpx.Client, ground: Ground, person: Person, route: str) -> str:
    """The same about the foreign board: to whom it is closed, it does not exist."""
    answer = _ask(web, ground, route, person.credential, foreign=True)
    if person.limits == "board":
        assert answer.status_code == 404 or (answer.status_code == 403 and not route.startswith("GET")), route
    return answer.text


def _other_team(web: httpx.Client, ground: Ground, person: Person, route: str) -> str:
    """About another team: to whom it is closed, it does not exist. Who may change it is not asked to."""
    reads = route.startswith("GET")
    if person.limits != "team" and not reads:
        return ""
    answer = _ask(web, ground, route, person.credential, foreign=True, teams=True)
    if person.limits == "team":
        assert answer.status_code == 404, f"{route}: {answer.text}"
    return answer.text


@pytest.mark.parametrize("name", ["manager", "manager_board", "manager_team"])
def test_filters_and_searches_lead_to_nothing_foreign(web: httpx.Client, ground: Ground, name: str) -> None:
    person, ids = ground.people[name], ground.ids
    questions = (
        f"sprints?board={ids['foreign_board']}",
        "sprints?search=quagg",
        f"sprints/{ids['sprint']}/report?board={ids['foreign_board']}",
        f"sprints/{ids['sprint']}/issues?search=ocelo",
        f"sprints/{ids['sprint']}/issues?team={ids['foreign_team']}",
        f"sprints/{ids['foreign_sprint']}/issues?board={ids['board']}",
    )
    told = [web.get(f"/api/v1/{question}", headers=person.credential).text for question in questions]
    found = {word for word in ("Quagga", "Ocelot") if any(word in one for one in told)}
    assert found == {"Quagga", "Ocelot"} - person.unseen


@pytest.mark.parametrize(
    ("limits", "boards", "sprints", "issues", "changes", "found"),
    [("", 2, 5, 5, 3, 1), ("_board", 1, 4, 5, 3, 0), ("_team", 2, 5, 2, 1, 1)],
)
def test_totals_count_what_is_shown(
    web: httpx.Client, ground: Ground, limits: str, boards: int, sprints: int, issues: int, changes: int, found: int
) -> None:  # fmt: skip
    own = ground.ids["sprint"]
    for role in ("viewer", "user", "manager"):
        person = ground.people[f"{role}{limits}"]
        for path, total in {
            "boards": boards,
            "sprints": sprints,
            "sprints?search=quagg": found,
            f"sprints/{own}/issues": issues,
            f"sprints/{own}/scope-changes": changes,
        }.items():
            body = web.get(f"/api/v1/{path}", headers=person.credential).json()
            assert (body["meta"]["total"], len(body["data"])) == (total, total), path


@pytest.mark.parametrize("name", ["admin", "super_admin", "settings:write", "users:write"])
def test_who_may_starts_the_job_and_nobody_else(web: httpx.Client, ground: Ground, name: str) -> None:
    """That the others start none is told by what is stored, below; here all that may do so, on what is there."""
    person, ids = ground.people[name], ground.with_work()
    bodies: dict[str, dict[str, Any]] = {
        "PATCH /api/v1/sites/{site_id}": {"paused": False},
        "PATCH /api/v1/boards/{board_id}": {"zone": f"Etc/GMT+{person.user_id % 12}"},
    }
    routes = [route for route in BY_REST if person.may(EXPECTED[route]) and route not in NOT_HERE]
    started: dict[str, str] = {}
    for route in routes:
        method, path = route.split(" ")
        body = bodies.get(route, body_of(route))
        answer = web.request(method, _fill(path, ids, real=True), json=body, headers=person.credential)
        assert answer.is_success, f"{route}: {answer.text}"
        started[route] = " ".join(sorted(ground.take_jobs()))
    assert started == {route: BY_REST[route].removeprefix("jira.board ") for route in routes}
