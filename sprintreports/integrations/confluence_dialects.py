"""How Confluence Cloud and Data Center are spoken to: the same eight questions, each in its REST interface."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import quote, unquote

import msgspec

from sprintreports.integrations.channel import AdminNeeded, Clash, File
from sprintreports.integrations.exchange import Answer, Wire, refused, told

_JSON = {"Content-Type": "application/json"}
_FORBIDDEN, _NOT_FOUND, _CLASH, _BAD = 403, 404, 409, 400
_PAGE_SIZE = 100
_MOST_PAGES = 50


@dataclass(frozen=True, slots=True)
class Found:
    """A page as Confluence has it now. author: whoever wrote its last version; message: what they said about it."""

    id: str
    title: str
    version: int
    author: str
    message: str
    url: str
    body: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Draft:
    """A page as it is to be."""

    space: str
    parent: str
    title: str
    storage: str = field(repr=False)
    message: str = ""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that hangs on a page."""

    id: str
    comment: str


class Cloud:
    """Confluence Cloud: pages by v2, users and attachments by v1."""

    def __init__(self, wire: Wire, base_url: str) -> None:
        self._wire = wire
        self._base = base_url if base_url.endswith("/wiki") else f"{base_url}/wiki"
        self._v1, self._v2 = f"{self._base}/rest/api", f"{self._base}/api/v2"
        self._spaces: dict[str, str] = {}

    async def myself(self) -> str:
        """What we are called there."""
        found = await self._wire.send("GET", f"{self._v1}/user/current")
        return _name(_object(found, "the account"), "displayName", "publicName", "accountId")

    async def look_at(self, space: str, parent: str) -> None:
        """Raises AdminNeeded where the space or the page above is not there for us."""
        await self._space_id(space)
        if parent and await self.by_id(parent) is None:
            _no_parent(parent)

    async def by_id(self, page_id: str) -> Found | None:
        """The page, or None where there is none for us: one in the bin is none."""
        url = f"{self._v2}/pages/{quote(page_id, safe='')}"
        answer = await self._wire.send("GET", url, params={"body-format": "storage"})
        if answer.status == _NOT_FOUND:
            return None
        page = _object(answer, "the page")
        return self._found(page) if page.get("status", "current") == "current" else None

    async def titled(self, space: str, title: str) -> Found | None:
        """The page of this title, of which a space has one at most."""
        params = {
            "space-id": await self._space_id(space),
            "title": title,
            "status": "current",
            "body-format": "storage",
        }
        found = _object(await self._wire.send("GET", f"{self._v2}/pages", params=params), "the space")
        results = _list(found, "results")
        return self._found(results[0]) if results else None

    async def create(self, draft: Draft) -> Found:
        body = {
            "spaceId": await self._space_id(draft.space),
            "status": "current",
            "title": draft.title,
            "body": {"representation": "storage", "value": draft.storage},
        } | ({"parentId": draft.parent} if draft.parent else {})
        answer = await self._write("POST", f"{self._v2}/pages", body)
        return self._found(_written(answer, draft))

    async def update(self, page: Found, draft: Draft) -> Found:
        body = {
            "id": page.id,
            "status": "current",
            "title": draft.title,
            "body": {"representation": "storage", "value": draft.storage},
            "version": {"number": page.version + 1, "message": draft.message},
        }
        answer = await self._write("PUT", f"{self._v2}/pages/{quote(page.id, safe='')}", body)
        return self._found(_written(answer, draft))

    async def attached(self, page_id: str) -> dict[str, Attached]:
        """What hangs on the page, by name."""
        url = f"{self._v2}/pages/{quote(page_id, safe='')}/attachments"
        found: dict[str, Attached] = {}
        params = {"limit": str(_PAGE_SIZE)}
        for _ in range(_MOST_PAGES):
            answer = _object(await self._wire.send("GET", url, params=params), "the attachments")
            for one in _list(answer, "results"):
                found[str(one.get("title"))] = Attached(str(one.get("id")), str(one.get("comment") or ""))
            cursor = _cursor(answer)
            if not cursor:
                break
            params = {"limit": str(_PAGE_SIZE), "cursor": cursor}
        return found

    async def attach(self, page_id: str, file: File, *, comment: str, known: Attached | None) -> None:
        """One request for a new file and for a new version of one."""
        del known  # found again by its name
        url = f"{self._v1}/content/{quote(page_id, safe='')}/child/attachment"
        answer = await self._wire.send("PUT", url, **_upload(file, comment))
        _object(answer, f"the attachment {file.name}")

    async def _write(self, method: str, url: str, body: Mapping[str, Any]) -> Answer:
        return await self._wire.send(method, url, content=msgspec.json.encode(body), headers=_JSON)

    async def _space_id(self, key: str) -> str:
        if key not in self._spaces:
            answer = await self._wire.send("GET", f"{self._v2}/spaces", params={"keys": key})
            results = _list(_object(answer, "the space"), "results")
            if not results:
                _no_space(key)
            self._spaces[key] = str(results[0].get("id"))
        return self._spaces[key]

    def _found(self, page: Mapping[str, Any]) -> Found:
        version = _object_in(page, "version")
        return Found(
            str(page.get("id")),
            str(page.get("title")),
            int(version.get("number") or 1),
            str(version.get("authorId") or ""),
            str(version.get("message") or ""),
            _address(self._base, page),
            str(_object_in(_object_in(page, "body"), "storage").get("value") or ""),
        )


class DataCenter:
    """Confluence Data Center and Server."""

    _SHOWN: Mapping[str, str] = {"expand": "version,body.storage,space"}

    def __init__(self, wire: Wire, base_url: str) -> None:
        self._wire = wire
        self._base, self._api = base_url, f"{base_url}/rest/api"

    async def myself(self) -> str:
        answer = await self._wire.send("GET", f"{self._api}/user/current")
        found = _object(answer, "the account")
        if found.get("type") == "anonymous":
            raise AdminNeeded("Confluence takes us for nobody. Enter new credentials for the connection.")
        return _name(found, "displayName", "username", "userKey")

    async def look_at(self, space: str, parent: str) -> None:
        answer = await self._wire.send("GET", f"{self._api}/space/{quote(space, safe='')}")
        if answer.status == _NOT_FOUND:
            _no_space(space)
        _object(answer, "the space")
        if parent and await self.by_id(parent) is None:
            _no_parent(parent)

    async def by_id(self, page_id: str) -> Found | None:
        url = f"{self._api}/content/{quote(page_id, safe='')}"
        answer = await self._wire.send("GET", url, params=self._SHOWN)
        return None if answer.status == _NOT_FOUND else self._found(_object(answer, "the page"))

    async def titled(self, space: str, title: str) -> Found | None:
        params = {"spaceKey": space, "title": title, "type": "page", **self._SHOWN}
        answer = await self._wire.send("GET", f"{self._api}/content", params=params)
        results = _list(_object(answer, "the space"), "results")
        return self._found(results[0]) if results else None

    async def create(self, draft: Draft) -> Found:
        body = self._body(draft) | ({"ancestors": [{"id": draft.parent}]} if draft.parent else {})
        answer = await self._write("POST", f"{self._api}/content", body)
        return self._found(_written(answer, draft))

    async def update(self, page: Found, draft: Draft) -> Found:
        version = {"number": page.version + 1, "message": draft.message}
        body = self._body(draft) | {"id": page.id, "version": version}
        answer = await self._write("PUT", f"{self._api}/content/{quote(page.id, safe='')}", body)
        return self._found(_written(answer, draft))

    async def attached(self, page_id: str) -> dict[str, Attached]:
        url = f"{self._api}/content/{quote(page_id, safe='')}/child/attachment"
        found: dict[str, Attached] = {}
        for number in range(_MOST_PAGES):
            params = {"limit": str(_PAGE_SIZE), "start": str(number * _PAGE_SIZE), "expand": "metadata"}
            results = _list(
                _object(await self._wire.send("GET", url, params=params), "the attachments"), "results"
            )
            for one in results:
                comment = str(_object_in(one, "metadata").get("comment") or "")
                found[str(one.get("title"))] = Attached(str(one.get("id")), comment)
            if len(results) < _PAGE_SIZE:
                break
        return found

    async def attach(self, page_id: str, file: File, *, comment: str, known: Attached | None) -> None:
        """A new version has an address of its own."""
        url = f"{self._api}/content/{quote(page_id, safe='')}/child/attachment"
        if known is not None:
            url = f"{url}/{quote(known.id, safe='')}/data"
        _object(await self._wire.send("POST", url, **_upload(file, comment)), f"the attachment {file.name}")

    async def _write(self, method: str, url: str, body: Mapping[str, Any]) -> Answer:
        params = {"expand": "version,space"}
        return await self._wire.send(
            method, url, params=params, content=msgspec.json.encode(body), headers=_JSON
        )

    def _body(self, draft: Draft) -> dict[str, Any]:
        return {
            "type": "page",
            "title": draft.title,
            "space": {"key": draft.space},
            "body": {"storage": {"value": draft.storage, "representation": "storage"}},
        }

    def _found(self, page: Mapping[str, Any]) -> Found:
        version = _object_in(page, "version")
        by = _object_in(version, "by")
        return Found(
            str(page.get("id")),
            str(page.get("title")),
            int(version.get("number") or 1),
            str(by.get("userKey") or by.get("username") or ""),
            str(version.get("message") or ""),
            _address(self._base, page),
            str(_object_in(_object_in(page, "body"), "storage").get("value") or ""),
        )


def _object(answer: Answer, what: str) -> dict[str, Any]:
    """The object in a good answer. Raises AdminNeeded for what we may not see or do, Refused for the rest."""
    if answer.status in {_FORBIDDEN, _NOT_FOUND}:
        raise AdminNeeded(
            f"Confluence does not show or give us {what} ({answer.status}): {said(answer)} Check the account's rights in this space.",
            connection=False,
        )
    if not answer.ok:
        raise refused("Confluence", answer, said(answer))
    found = answer.json()
    if not found:
        raise AdminNeeded(
            "What answers there is not Confluence's REST interface. Check the address of the connection."
        )
    return found


def _written(answer: Answer, draft: Draft) -> dict[str, Any]:
    """The page that was written. Raises Clash, AdminNeeded, Refused."""
    why = said(answer)
    if answer.status == _CLASH:
        raise Clash(
            f"Somebody changed the page “{draft.title}” while we were writing it. Overwrite it once (its history keeps their "
            "changes), or make a new page."
        )
    if answer.status == _BAD and "title" in why.casefold():
        raise Clash(
            f"Confluence does not take the title “{draft.title}”: {why} Overwrite the page once, or make a new one."
        )
    if answer.status == _BAD and "parent" in why.casefold():
        _no_parent(draft.parent)
    if answer.status in {_FORBIDDEN, _NOT_FOUND}:
        raise AdminNeeded(
            f"Our account may not write pages in the space {draft.space} ({answer.status}): {why} Ask who administers the "
            "space, or choose another one.",
            connection=False,
        )
    return _object(answer, "the page")


def said(answer: Answer) -> str:
    """What Confluence says went wrong, as a sentence."""
    body = answer.json()
    errors = _list(body, "errors")
    text = str(body.get("message") or (errors[0].get("title") if errors else "") or "")
    text = told(text) or "it does not say why"
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _upload(file: File, comment: str) -> dict[str, Any]:
    """Form data as the specification has it: each field by its type, and the header without which nothing is taken."""
    files: dict[str, Any] = {
        "file": (file.name, file.content, file.media),
        "comment": (None, comment, "text/plain; charset=utf-8"),
        "minorEdit": (None, "true"),
    }
    return {"files": files, "headers": {"X-Atlassian-Token": "nocheck"}}


def _address(base: str, page: Mapping[str, Any]) -> str:
    links = _object_in(page, "_links")
    shown = str(links.get("webui") or "")
    if not shown.startswith("/"):
        return f"{base}/pages/viewpage.action?pageId={quote(str(page.get('id')), safe='')}"
    return f"{base}{shown}"


def _cursor(answer: Mapping[str, Any]) -> str:
    following = str(_object_in(answer, "_links").get("next") or "")
    query = following.partition("cursor=")[2].partition("&")[0]
    return unquote(query)


def _name(found: Mapping[str, Any], *keys: str) -> str:
    return next((told(str(found[key]), 100) for key in keys if found.get(key)), "an account without a name")


def _object_in(found: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    inner = found.get(key)
    return inner if isinstance(inner, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def _list(found: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    inner = found.get(key)
    return [one for one in inner if isinstance(one, dict)] if isinstance(inner, list) else []  # pyright: ignore[reportUnknownVariableType]


def _no_space(key: str) -> NoReturn:
    raise AdminNeeded(
        f"Confluence shows us no space {told(key, 60)}. Check the key of the space, and whether our account may see it.",
        connection=False,
    )


def _no_parent(page_id: str) -> NoReturn:
    raise AdminNeeded(
        f"The page {told(page_id, 40)}, under which the report belongs, is gone or not ours to see. Choose another parent page.",
        connection=False,
    )
