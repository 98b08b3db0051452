"""A client made of nothing but the published document: it knows operations by their ids, and checks what it sends and gets."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

from sprintreports.api.document import operations

Json = dict[str, Any]


@dataclass(slots=True)
class Sent:
    """A request in the words of openapi-core."""

    asked: httpx.Request
    parameters: RequestParameters

    @classmethod
    def of(cls, asked: httpx.Request) -> "Sent":
        query = ImmutableMultiDict(parse_qsl(asked.url.query.decode(), keep_blank_values=True))
        headers = Headers(list(asked.headers.items()))
        return cls(asked, RequestParameters(query=query, header=headers, cookie=ImmutableMultiDict()))

    @property
    def host_url(self) -> str:
        return f"{self.asked.url.scheme}://{self.asked.url.netloc.decode()}"

    @property
    def path(self) -> str:
        return self.asked.url.path

    @property
    def method(self) -> str:
        return self.asked.method.lower()

    @property
    def body(self) -> bytes | None:
        return self.asked.content or None

    @property
    def content_type(self) -> str:
        return self.asked.headers.get("content-type", "")


@dataclass(slots=True)
class Got:
    """An answer in the words of openapi-core."""

    answer: httpx.Response

    @property
    def status_code(self) -> int:
        return self.answer.status_code

    @property
    def content_type(self) -> str:
        return self.answer.headers.get("content-type", "")

    @property
    def headers(self) -> Headers:
        return Headers(list(self.answer.headers.items()))

    @property
    def data(self) -> bytes | None:
        return self.answer.content or None


@dataclass(slots=True)
class Reader:
    """Calls operations by their ids. `seen`: those that have answered with a 2xx as the document says."""

    client: httpx.AsyncClient
    document: Json
    seen: set[str] = field(default_factory=set[str])
    _known: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    _spec: OpenAPI | None = None

    def __post_init__(self) -> None:
        # What a token is checked for is the product's to say; here nobody's credentials are looked for.
        bare = json.loads(json.dumps(self.document))
        for _, _, operation in operations(bare):
            operation.pop("security", None)
        self._known = {
            operation["operationId"]: (method, path) for path, method, operation in operations(self.document)
        }
        self._spec = OpenAPI.from_dict(bare)

    @property
    def names(self) -> set[str]:
        return set(self._known)

    async def __call__(
        self,
        name: str,
        *,
        body: Any = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **path: Any,
    ) -> Any:
        """What the operation answers: the `data` of an envelope, else the whole."""
        method, template = self._known[name]
        address = re.sub(r"\{(\w+)\}", lambda found: str(path.pop(found.group(1))), template)
        assert not path, f"{name} has no {set(path)} in its path"
        asked = self.client.build_request(
            method, address, json=body, data=form, content=content, params=query, headers=headers
        )
        answer = await self.client.send(asked)
        assert answer.is_success, f"{name} {asked.url}: {answer.status_code} {answer.text[:600]}"
        assert self._spec is not None
        sent = Sent.of(asked)
        if content is None:
            self._spec.validate_request(sent)
        self._spec.validate_response(sent, Got(answer))
        self.seen.add(name)
        if not answer.content or not answer.headers.get("content-type", "").startswith("application/json"):
            return answer.text
        told = answer.json()
        return told["data"] if isinstance(told, dict) and "data" in told else told
