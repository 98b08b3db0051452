"""Cloud's dynamic webhooks: only apps that came in by OAuth 2.0 or Connect may register them, for 30 days at a time."""

import re
from datetime import UTC, datetime
from typing import cast
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sprintreports.demo.answers import Refusal, body_of, json, number, page
from sprintreports.demo.catalog import APP_TOKEN
from sprintreports.demo.gateway import APP
from sprintreports.demo.postman import Hook, Postman
from sprintreports.demo.site import Json

EVENTS = frozenset(
    {
        "jira:issue_created", "jira:issue_updated", "jira:issue_deleted", "comment_created", "comment_updated",
        "comment_deleted", "issue_property_set", "issue_property_deleted",
    }
)  # fmt: skip
_MOST = 100
_MOST_HOOKS = 5  # of one app and person in one site
# What a filter may hold: "a subset of JQL".
_FIELDS = frozenset({"issuekey", "key", "project", "issuetype", "status", "assignee", "reporter"})
_CLAUSE = re.compile(r"([\w.\[\]]+)\s*(!=|=|~|<=|>=|<|>|not\s+in\b|in\b|is\b|was\b|changed\b)", re.IGNORECASE)
_OPERATORS = frozenset({"=", "!=", "in", "not in"})


class DynamicWebhooks:
    """/rest/api/3/webhook. Of sprints and boards such a webhook is never told."""

    def __init__(self, postman: Postman) -> None:
        self._postman = postman

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/rest/api/3/webhook", self.listing, methods=["GET"]),
            Route("/rest/api/3/webhook", self.register, methods=["POST"]),
            Route("/rest/api/3/webhook", self.delete, methods=["DELETE"]),
            Route("/rest/api/3/webhook/refresh", self.refresh, methods=["PUT"]),
            Route("/rest/api/3/webhook/failed", self.failed, methods=["GET"]),
        ]

    async def listing(self, request: Request) -> Response:
        _app_only(request)
        start = number(request.query_params.get("startAt"), "startAt", default=0, most=10**9)
        size = number(request.query_params.get("maxResults"), "maxResults", default=_MOST, most=_MOST)
        return json(page([_shown(hook) for hook in self._own().values()], start, size))

    async def register(self, request: Request) -> Response:
        """Each of the wanted webhooks gets an id or the reasons why it has none."""
        _app_only(request)
        asked = await body_of(request)
        url, wanted = asked.get("url"), asked.get("webhooks")
        if not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https"):
            raise Refusal(400, "The webhook's URL is not valid.")
        if not isinstance(wanted, list) or not wanted:
            raise Refusal(400, "At least one webhook must be given.")
        if any(hook.url != url for hook in self._own().values()):
            raise Refusal(400, "Only a single URL per app is allowed to be registered.")
        secret = str(request.scope.get(APP, ""))
        results = [self._registered(url, one, secret) for one in cast("list[Json]", wanted)]
        return json({"webhookRegistrationResult": results})

    async def failed(self, request: Request) -> Response:
        """What did not arrive, the oldest first. The body that Jira would add is left out."""
        _app_only(request)
        after = number(request.query_params.get("after"), "after", default=0, most=10**15)
        size = number(request.query_params.get("maxResults"), "maxResults", default=_MOST, most=_MOST)
        found = [one for one in self._postman.failures if one.at > after and one.letter.hook.expires]
        shown = [
            {"id": one.letter.identifier, "url": one.letter.hook.url, "failureTime": one.at}
            for one in found[:size]
        ]
        return json({"values": shown, "maxResults": size})

    async def refresh(self, request: Request) -> Response:
        _app_only(request)
        hooks = [self._own()[number] for number in _ids(await body_of(request)) if number in self._own()]
        for hook in hooks:
            self._postman.refresh(hook)
        if not hooks:
            raise Refusal(400, "None of these webhooks exists.")
        return json({"expirationDate": _moment(hooks[0])})

    async def delete(self, request: Request) -> Response:
        _app_only(request)
        for gone in set(_ids(await body_of(request))) & set(self._own()):
            del self._postman.hooks[gone]
        return Response(status_code=202)

    def _registered(self, url: str, wanted: Json, secret: str) -> Json:
        events = frozenset(map(str, wanted.get("events") or ()))
        problems = [f"The event '{event}' is not supported." for event in sorted(events - EVENTS)]
        if not events:
            problems.append("At least one event must be given.")
        if not wanted.get("jqlFilter"):
            problems.append("The JQL filter must not be empty.")
        problems += _not_supported(str(wanted.get("jqlFilter") or ""))
        if len(self._own()) >= _MOST_HOOKS:
            problems.append(f"The maximum of {_MOST_HOOKS} webhooks is reached.")
        if problems:
            return {"errors": problems}
        hook = self._postman.add(url, events=events, jql=str(wanted["jqlFilter"]), app_secret=secret)
        self._postman.refresh(hook)
        return {"createdWebhookId": hook.id}

    def _own(self) -> dict[int, Hook]:
        return {hook.id: hook for hook in self._postman.hooks.values() if hook.expires is not None}


def _app_only(request: Request) -> None:
    """Raises Refusal: a token of a person is not enough here."""
    if APP not in request.scope and request.headers.get("authorization") != f"Bearer {APP_TOKEN}":
        raise Refusal(
            403, "The caller is not an app: only Connect and OAuth 2.0 apps can use this operation."
        )


def _not_supported(jql: str) -> list[str]:
    """What a webhook's filter may not hold. Values in quotes are no clauses."""
    found = [
        (name.casefold(), " ".join(operator.casefold().split()))
        for name, operator in _CLAUSE.findall(re.sub(r'"[^"]*"', '""', jql))
    ]
    return [
        f"The clause with field '{name}' and operator '{operator}' is not supported."
        for name, operator in found
        if name not in _FIELDS or operator not in _OPERATORS
    ]


def _ids(asked: Json) -> list[int]:
    given = asked.get("webhookIds")
    if not isinstance(given, list) or not given:
        raise Refusal(400, "Webhook IDs must be given.")
    return [int(str(one)) for one in cast("list[object]", given) if str(one).isdigit()]


def _moment(hook: Hook) -> str:
    moment = datetime.fromtimestamp(hook.expires or 0, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def _shown(hook: Hook) -> Json:
    return {
        "id": hook.id,
        "url": hook.url,
        "jqlFilter": hook.jql,
        "events": sorted(hook.events),
        "expirationDate": _moment(hook),
    }
