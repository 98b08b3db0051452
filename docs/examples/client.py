"""A thin typed client of the REST API: copy it, keep what you need, add shapes from /api/v1/openapi.json. It needs httpx.

with SprintReports("https://reports.example.org", ApiKey("srk_…")) as reports:
    for sprint in reports.sprints(state="closed"):
        print(sprint["name"], reports.velocity(sprint["board_id"])["mean"])
"""

import time
import uuid
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self, TypedDict, cast

import httpx

Json = dict[str, Any]
Parameter = str | int | bool


class Sprint(TypedDict):
    """Some fields of a sprint. An answer has more, and may get new ones."""

    id: int
    name: str
    state: str
    board_id: int
    start_date: str | None


class Board(TypedDict):
    id: int
    name: str
    unit: str
    zone: str


class Velocity(TypedDict):
    unit: str
    mean: float | None


class Refused(Exception):
    """What the API refused. `code` is one of the documented list; `message` is a sentence for people."""

    def __init__(self, answer: httpx.Response) -> None:
        told = _error_in(answer)
        self.status = answer.status_code
        self.code = str(told.get("code", "UNKNOWN"))
        self.message = str(told.get("message", answer.reason_phrase))
        self.details = cast("list[Json]", told.get("details", []))
        self.request_id = str(told.get("request_id", ""))
        super().__init__(f"{self.status} {self.code}: {self.message} ({self.request_id})")


class ApiKey(httpx.Auth):
    """A key that somebody made in their profile, for a script of theirs."""

    def __init__(self, key: str) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["X-API-Key"] = self._key
        yield request


class ClientCredentials(httpx.Auth):
    """A registered service with a role of its own: gets a token when it needs one, and a new one when that has ended."""

    requires_response_body = True

    def __init__(self, base_url: str, client_id: str, client_secret: str, scope: str = "") -> None:
        self._form = {"grant_type": "client_credentials", **({"scope": scope} if scope else {})}
        self._address = f"{base_url.rstrip('/')}/api/v1/auth/token"
        self._shown = httpx.BasicAuth(client_id, client_secret)
        self._token, self._good_until = "", 0.0

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if time.monotonic() >= self._good_until:
            yield from self._renewed()
        request.headers["Authorization"] = f"Bearer {self._token}"
        answer = yield request
        if answer.status_code == HTTPStatus.UNAUTHORIZED:  # ended early, such as by a changed role
            yield from self._renewed()
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request

    def _renewed(self) -> Generator[httpx.Request, httpx.Response, None]:
        answer = yield next(self._shown.auth_flow(httpx.Request("POST", self._address, data=self._form)))
        if not answer.is_success:
            raise Refused(answer)
        told = cast("Json", answer.json())
        self._token = told["access_token"]
        self._good_until = time.monotonic() + told["expires_in"] - 30


@dataclass(frozen=True, slots=True)
class _Kept:
    tag: str
    body: Json


class SprintReports:
    """The API of one installation. `tries`: how often a request is sent that has to wait or whose answer gets lost."""

    def __init__(
        self,
        base_url: str,
        auth: httpx.Auth,
        *,
        tries: int = 4,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = httpx.Client(base_url=f"{base_url.rstrip('/')}/api/v1", auth=auth, timeout=30.0)
        self._tries, self._sleep = tries, sleep
        self._kept: dict[str, _Kept] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def sprints(self, **filters: Parameter) -> Iterator[Sprint]:
        return cast("Iterator[Sprint]", self.each("/sprints", **filters))

    def boards(self, **filters: Parameter) -> Iterator[Board]:
        return cast("Iterator[Board]", self.each("/boards", **filters))

    def velocity(self, board_id: int, **choices: Parameter) -> Velocity:
        return cast("Velocity", self.get(f"/boards/{board_id}/velocity", **choices))

    def change_board(self, board_id: int, **changes: Any) -> Board:
        return cast("Board", self.change(f"/boards/{board_id}", changes))

    def get(self, path: str, **query: Parameter) -> Json:
        """One thing. What is still as it was is not sent again: its tag is asked for."""
        return self._read(str(httpx.URL(path, params=query)))["data"]

    def each(self, path: str, **query: Parameter) -> Iterator[Json]:
        """The things of a list, page by page, as they are needed."""
        address: str | None = str(httpx.URL(path, params={"per_page": 100, **query}))
        while address:
            page = self._read(address)
            yield from page["data"]
            onward = cast("str | None", page["links"]["next"])
            address = onward and onward.removeprefix("/api/v1")

    def create(self, path: str, body: Json) -> Json:
        """POST. It has a name of its own, so that sending it again after a lost answer does nothing twice."""
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        return self._sent("POST", path, headers=headers, json=body).json()["data"]

    def change(self, path: str, changes: Json) -> Json:
        """PATCH over what was read last; Refused with PRECONDITION_FAILED where somebody else was quicker."""
        kept = self._kept.pop(path, None)
        headers = {"If-Match": kept.tag} if kept else {}
        return self._sent("PATCH", path, headers=headers, json=changes).json()["data"]

    def _read(self, address: str) -> Json:
        kept = self._kept.get(address)
        answer = self._sent("GET", address, headers={"If-None-Match": kept.tag} if kept else {})
        if kept and answer.status_code == HTTPStatus.NOT_MODIFIED:
            return kept.body
        body = cast("Json", answer.json())
        if "ETag" in answer.headers:
            self._kept[address] = _Kept(answer.headers["ETag"], body)
        return body

    def _sent(self, method: str, address: str, **options: Any) -> httpx.Response:
        """The answer. Waits as long as the API asks for, and sends what may be sent again."""
        again = method == "GET" or "Idempotency-Key" in options["headers"]
        for left in reversed(range(self._tries)):
            try:
                answer = self._http.request(method, address, **options)
            except httpx.TransportError:
                if not left or not again:
                    raise
                self._sleep(1.0)
                continue
            if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS and left:
                self._sleep(float(answer.headers.get("Retry-After", "1")))
                continue
            if answer.is_success or answer.status_code == HTTPStatus.NOT_MODIFIED:
                return answer
            raise Refused(answer)
        raise ValueError("tries has to be 1 at least")


def _error_in(answer: httpx.Response) -> Json:
    """The error of an answer of ours, also as OAuth 2.0 has it; nothing where something else answered."""
    try:
        told = answer.json()
    except ValueError:
        return {}
    if not isinstance(told, dict):
        return {}
    found = cast("Json", told)
    error = found.get("error")
    if isinstance(error, dict):
        return cast("Json", error)
    return {"code": error, "message": found.get("error_description", "")} if error else {}
