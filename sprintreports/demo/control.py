"""The strings behind the stand-in: edits and webhooks on demand, under a path that no Jira has. From this machine only."""

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sprintreports.demo.answers import Refusal, json
from sprintreports.demo.company_site import CompanySite
from sprintreports.demo.editing import NoSuchEdit, apply
from sprintreports.demo.happenings import Happening
from sprintreports.demo.jql import JqlError, parse
from sprintreports.demo.postman import Delivery, Hook, Postman

T = TypeVar("T", bound=msgspec.Struct)

_LOOPBACK = ("127.0.0.1", "::1", "localhost", "testclient")


class EditOrder(msgspec.Struct, forbid_unknown_fields=True):
    """`at`: when the first is made, in milliseconds (default: now); `step`: the most between two; `kinds`: only these."""

    count: int
    seed: int | str = 1
    at: int | None = None
    step: int = 20
    kinds: tuple[str, ...] = ()
    delivery: Delivery = msgspec.field(default_factory=Delivery)


class HookOrder(msgspec.Struct, forbid_unknown_fields=True):
    """A webhook as an admin registers it. No events: all of them. `identifier` False: an old sender without one."""

    url: str
    secret: str = ""
    events: tuple[str, ...] = ()
    identifier: bool = True


class AgeOrder(msgspec.Struct, forbid_unknown_fields=True):
    days: float


class Control:
    """One site's strings. `edited` is told of every change."""

    def __init__(self, site: CompanySite, postman: Postman, edited: Callable[[], None]) -> None:
        self._site = site
        self._postman = postman
        self._edited = edited

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/__standin__/edits", self.edit, methods=["POST"]),
            Route("/__standin__/webhooks", self.hooks, methods=["GET"]),
            Route("/__standin__/webhooks", self.listen, methods=["POST"]),
            Route("/__standin__/webhooks/{hook:int}", self.forget, methods=["DELETE"]),
            Route("/__standin__/webhooks/age", self.age, methods=["POST"]),
            Route("/__standin__/deliveries", self.tally, methods=["GET"]),
            Route("/__standin__/deliveries", self.bring, methods=["POST"]),
        ]

    async def edit(self, request: Request) -> Response:
        """Edit, and send the webhooks about it unless they are to be held."""
        order = await order_of(request, EditOrder)
        start = time.time_ns() // 1_000_000 if order.at is None else order.at
        try:
            edits = apply(
                self._site.company,
                seed=order.seed,
                count=order.count,
                start=start,
                step=order.step,
                kinds=order.kinds,
                tell=self._tell,
            )
        except NoSuchEdit as problem:
            raise Refusal(400, str(problem)) from None
        finally:
            self._edited()
        if not order.delivery.hold:
            self._postman.bring(order.delivery)
        return json({"edits": [asdict(edit) for edit in edits], "now": self._site.company.ledger.clock})

    async def hooks(self, request: Request) -> Response:
        from_here_only(request)
        return json([_shown(hook) for hook in self._postman.hooks.values()])

    async def listen(self, request: Request) -> Response:
        order = await order_of(request, HookOrder)
        hook = self._postman.add(
            order.url, secret=order.secret, events=frozenset(order.events), identifier=order.identifier
        )
        return json(_shown(hook), status=201)

    async def forget(self, request: Request) -> Response:
        from_here_only(request)
        if self._postman.hooks.pop(request.path_params["hook"], None) is None:
            raise Refusal(404, "There is no such webhook.")
        return Response(status_code=204)

    async def age(self, request: Request) -> Response:
        self._postman.age((await order_of(request, AgeOrder)).days)
        return Response(status_code=204)

    async def tally(self, request: Request) -> Response:
        from_here_only(request)
        return json(asdict(self._postman.tally))

    async def bring(self, request: Request) -> Response:
        """Let the held letters go."""
        self._postman.bring(await order_of(request, Delivery))
        return json(asdict(self._postman.tally))

    def _tell(self, happening: Happening) -> None:
        if self._postman.wanted(happening.event):
            self._postman.write(
                happening.event, self._site.announcement(happening), lambda jql: self._matches(jql, happening)
            )

    def _matches(self, jql: str, happening: Happening) -> bool:
        """Whether a dynamic webhook's filter shows the issue, which is asked before it is deleted."""
        row = None if happening.issue is None else self._site.find(str(happening.issue.id))
        try:
            query = parse(jql, filters=lambda _: None, zone=self._site.time_zone())
        except JqlError:
            return False
        return row is not None and (query.where is None or query.where(row))


def from_here_only(request: Request) -> None:
    """Raises Refusal for a request from another machine."""
    if request.client is None or request.client.host not in _LOOPBACK:
        raise Refusal(403, "This can be asked from this machine only.")


async def order_of(request: Request, kind: type[T]) -> T:
    """What is asked for. Raises Refusal for what is none, and for a request from another machine."""
    from_here_only(request)
    try:
        return msgspec.json.decode(await request.body() or b"{}", type=kind)
    except msgspec.DecodeError as problem:
        raise Refusal(400, str(problem)) from None


def _shown(hook: Hook) -> dict[str, object]:
    return {"id": hook.id, "url": hook.url, "events": sorted(hook.events), "signed": bool(hook.secret)}
