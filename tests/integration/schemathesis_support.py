"""Made-up requests to every operation of the published document, good ones and bad ones, and what their answers break.

Whoever asks is somebody new at each operation that writes, and so is the account that is asked about: what one operation
ends (a session, a role, an account) no other one needs. Operations that take the ground away from others come last.
"""

import asyncio
import json
from collections.abc import Coroutine, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sprintreports.identity import sessions, tokens, users
from sprintreports.identity.clients import keys
from sprintreports.identity.permissions import MATRIX, Permission, Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, db

T = TypeVar("T")
Json = dict[str, Any]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# So many requests to an operation that is open to the role, good and bad; to others the first of each.
GOOD, BAD = 3, 2
# A Jira or identity provider that does not answer is no failure of ours: those that ask one say 502 in the document.
ASKED_IN_VAIN = 502
_ORDER = {"get": 0, "post": 1, "put": 1, "patch": 1, "delete": 2}
# It can ask a second factor of everybody, which nobody has: whoever comes afterwards sees nothing but that.
_LAST = "replace_sign_in_policy"
_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who was made for one operation, and what is theirs or made for it."""

    credential: dict[str, str]
    ids: dict[str, list[Any]]


@dataclass(slots=True)
class Crowd:
    """Makes people while the server works on: `loop` is the one that owns the database's connections."""

    loop: asyncio.AbstractEventLoop
    role: Role | None
    ids: dict[str, list[Any]]
    _made: int = 0

    def next(self) -> Asker:
        self._made += 1
        return self._wait(self._newcomer())

    async def _newcomer(self) -> Asker:
        now, ids = clock.now(), dict(self.ids)
        async with db.transaction() as session:
            other = await self._account("other", Role.USER, session)
            if self.role is None:
                return Asker({}, ids | {"user_id": [other]})
            me = await self._account("asker", self.role, session)
            pair = await tokens.issue(session, user_id=me, user_agent="", address="", now=now)
            opened = await sessions.create(session, user_id=me, user_agent="", address="", now=now)
            viewer = Viewer(me, "", f"asker{self._made}@example.org", self.role)
            scopes = frozenset({Permission.SPRINTS_READ})
            key = await keys.create(session, viewer, name="Export", scopes=scopes, now=now)
            found = await sessions.resolve(session, opened.token, now=now)
        assert found is not None
        own = {"user_id": [other, me], "key_id": [key.key.id], "session_id": [found.id]}
        return Asker({"Authorization": f"Bearer {pair.access_token}"}, ids | own)

    async def _account(self, name: str, role: Role, session: Any) -> int:
        email = f"{name}{self._made}@example.org"
        made = await users.create(session, Viewer.system(), email=email, password=None, role=role, name=name)
        return made.id

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        running: Future[T] = asyncio.run_coroutine_threadsafe(work, self.loop)
        return running.result(_PATIENCE)


@dataclass(frozen=True, slots=True)
class MadeUp:
    """A request, the ids that were made up for its path, and which of those that exist take their place (0: none)."""

    case: Any
    path: dict[str, Any]
    pick: int

    def aimed_at(self, ids: dict[str, list[Any]]) -> Any:
        chosen = {name: ids[name][self.pick % len(ids[name])] for name in self.path if name in ids}
        self.case.path_parameters = {**self.path, **(chosen if self.pick else {})}
        return self.case


@dataclass(slots=True)
class Asking:
    """One role's requests to a running server. `seen`: the statuses of each operation; `broken`: what breaks the document."""

    base: str
    crowd: Crowd
    seen: dict[str, set[int]] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)

    def all(self, document: Json) -> None:
        """Ask every operation of the document."""
        with requests.Session() as session:
            session.trust_env = False
            reader = self.crowd.next()
            for operation, made in made_up(document):
                asker = reader if operation.method.lower() == "get" else self.crowd.next()
                some = made if open_to(self.crowd.role, operation) else made[::GOOD]
                self._one(operation, some, asker, session)

    def _one(self, operation: Any, made: Sequence[MadeUp], asker: Asker, session: requests.Session) -> None:
        name = operation.definition.raw["operationId"]
        credential = asker.credential if takes_token(operation) else {}
        statuses = self.seen.setdefault(name, set())
        for one in made:
            case = one.aimed_at(asker.ids)
            answer = case.call(base_url=self.base, session=session, headers=credential)
            statuses.add(answer.status_code)
            checks = CHECKS[1:] if answer.status_code == ASKED_IN_VAIN else CHECKS
            try:
                case.validate_response(answer, checks=checks)
            except FailureGroup as failure:  # all that is broken is told together
                self.broken[name] = str(failure)[:1500]


def made_up(document: Json) -> Iterator[tuple[Any, Sequence[MadeUp]]]:
    """The operations with their requests, reads first, deletes last and of those the deepest first."""
    for operation in _loaded(json.dumps(document)):
        yield operation, _requests_to(operation)


@cache
def _loaded(document: str) -> tuple[Any, ...]:
    config = schemathesis.Config.from_dict({"generation": {"with-security-parameters": False}})
    schema = schemathesis.openapi.from_dict(json.loads(document), config=config)
    return tuple(sorted((found.ok() for found in schema.get_all_operations()), key=_place))


def _place(operation: Any) -> tuple[bool, int, int, str]:
    last = operation.definition.raw["operationId"] == _LAST
    return last, _ORDER[operation.method.lower()], -operation.path.count("/"), operation.label


@cache
def _requests_to(operation: Any) -> Sequence[MadeUp]:
    """The same for every role: making them up takes longer than sending them."""
    made = _generated(operation, GenerationMode.POSITIVE, GOOD)
    # A tag or a key in a header may be any text: without anything else there is nothing to be wrong.
    if operation.path_parameters or operation.query or operation.body:
        made += _generated(operation, GenerationMode.NEGATIVE, BAD)
    return made


def _generated(operation: Any, mode: GenerationMode, wanted: int) -> list[MadeUp]:
    made: list[MadeUp] = []

    @settings(
        max_examples=wanted,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def keep(case: Any) -> None:
        made.append(MadeUp(case, dict(case.path_parameters), (len(made) + 1) % wanted))

    keep()
    return made


def takes_token(operation: Any) -> bool:
    """Whether the document says that a bearer token is shown here."""
    return any("bearer" in way for way in operation.definition.raw.get("security", ()))


def open_to(role: Role | None, operation: Any) -> bool:
    """Whether the role's permissions are enough, by the document's word; None: whether nobody has to show who they are."""
    ways = operation.definition.raw.get("security", ())
    if role is None:
        return not any({"bearer", "session"} & set(way) for way in ways)
    needed = {scope for way in ways for scope in way.get("oauth2", ())}
    return needed <= {str(permission) for permission in MATRIX[role]}
