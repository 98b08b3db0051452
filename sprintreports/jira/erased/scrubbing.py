"""Takes somebody out of what Jira sent: an alias stands where their account did, so that it is read to the same numbers.

Pure. What people wrote into summaries, descriptions and comments is text like any other and stays as it is.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, cast

import msgspec

from sprintreports.jira.ingest_values import clean

Find = Callable[[str], str | None]  # the alias of an account key; None: nobody who was erased

_NAME = "name:"  # how an account key begins that is a name alone
_PEOPLE = frozenset({"assignee", "reporter", "creator", "author"})
SURE = 20  # so long is no id of anything else in a change: Atlassian's account ids are longer
_REPORTED = ("assigneeAccountId", "assigneeKey", "assignee")

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def former(alias: str) -> str:
    """What is shown in a name's place."""
    return alias.removeprefix(_NAME) if alias.startswith(_NAME) else f"Former person {alias[-6:]}"


def alias_of(account_key: str, token: str) -> str:
    """An alias of the same kind as the account key. `token`: six random characters or more."""
    alias = f"erased-{token}"
    return _NAME + former(alias) if account_key.startswith(_NAME) else alias


def scrub(body: bytes, find: Find) -> bytes:
    """The JSON without those who were erased; the very same bytes where none of them is named.

    What is no JSON is left to whoever reads it, and refused there.
    """
    try:
        value = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return body
    found = _walk(value, find)
    return body if found is value else _encoder.encode(found)


def _walk(value: Any, find: Find) -> Any:
    if isinstance(value, dict):
        return _mapping(cast("dict[str, Any]", value), find)
    if isinstance(value, list):
        items = cast("list[Any]", value)
        walked = [_walk(item, find) for item in items]
        return items if all(new is old for new, old in zip(walked, items, strict=True)) else walked
    return value


def _mapping(value: dict[str, Any], find: Find) -> dict[str, Any]:
    person = _person(value, find)
    if person is not None:
        return person
    walked = {name: _walk(item, find) for name, item in value.items()}
    if isinstance(value.get("field"), str):
        _change(walked, find)
    if "assigneeName" in value:
        _reported(walked, find)
    return value if all(walked.get(name, _GONE) is item for name, item in value.items()) else walked


_GONE = object()


def _person(value: dict[str, Any], find: Find) -> dict[str, Any] | None:
    account = value.get("accountId")
    if isinstance(account, str) and account:
        alias = find(account)
        return (
            {"accountId": alias, "displayName": former(alias), "active": False} if alias is not None else None
        )
    if "displayName" not in value and "emailAddress" not in value:
        return None
    for name in ("key", "name"):
        key = value.get(name)
        alias = find(key) if isinstance(key, str) and key else None
        if alias is not None:
            return {"key": alias, "name": alias, "displayName": former(alias), "active": False}
    return None


def _change(item: dict[str, Any], find: Find) -> None:
    of_people = str(item["field"]).casefold() in _PEOPLE
    for side in ("from", "to"):
        value, text = item.get(side), item.get(f"{side}String")
        if isinstance(value, str) and value.strip():
            _values(item, side, value, text, find=find, of_people=of_people)
        elif of_people and isinstance(text, str):
            alias = find(_NAME + clean(text))
            if alias is not None:
                item[f"{side}String"] = former(alias)
    for name in ("tmpFromAccountId", "tmpToAccountId"):
        value = item.get(name)
        alias = find(value) if isinstance(value, str) and value else None
        if alias is not None:
            item[name] = alias


def _values(
    item: dict[str, Any], side: str, value: str, text: object, *, find: Find, of_people: bool
) -> None:
    """One account, or several as "[a, b]" with their names as "[A, B]"."""
    keys = [key.strip() for key in value.strip().strip("[]").split(",")]
    aliases = [find(key) if key and (of_people or len(key) >= SURE) else None for key in keys]
    if not any(aliases):
        return
    several = value.strip().startswith("[")
    item[side] = _joined([alias or key for alias, key in zip(aliases, keys, strict=True)], several=several)
    names = [name.strip() for name in text.strip().strip("[]").split(",")] if isinstance(text, str) else []
    if len(names) != len(keys):
        names = ["" for _ in keys]  # which name is whose cannot be told
    shown = [former(alias) if alias else name for alias, name in zip(aliases, names, strict=True)]
    item[f"{side}String"] = _joined(shown, several=several)


def _joined(parts: list[str], *, several: bool) -> str:
    text = ", ".join(parts)
    return f"[{text}]" if several else text


def _reported(entry: dict[str, Any], find: Find) -> None:
    """An issue of Jira's own sprint report."""
    for name in _REPORTED:
        key = entry.get(name)
        alias = find(key) if isinstance(key, str) and key else None
        if alias is not None:
            for other in _REPORTED:
                if isinstance(entry.get(other), str):
                    entry[other] = alias
            entry["assigneeName"] = former(alias)
            entry.pop("avatarUrl", None)
            return
