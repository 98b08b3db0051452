"""Somebody is taken out of Jira's JSON wherever it names them, and out of nothing else."""

from typing import Any

import msgspec
import pytest

from sprintreports.jira.erased.scrubbing import alias_of, former, scrub

ADA, BEN = "712020:ada-0000-4444-8888", "712020:ben-0000-4444-8888"
ALIAS = "erased-00000000abc123"
NAME = "Former person abc123"


def find(key: str) -> str | None:
    known = {ADA: ALIAS, "ada": ALIAS, "name:Ada Lovelace": "name:Former person abc123"}
    return known.get(key)


def after(value: Any) -> Any:
    return msgspec.json.decode(scrub(msgspec.json.encode(value), find))


CLOUD = {
    "accountId": ADA,
    "displayName": "Ada",
    "emailAddress": "a@x",
    "avatarUrls": {"48x48": "https://x"},
    "self": "u",
}
SERVER = {"key": "ada", "name": "alovelace", "displayName": "Ada", "emailAddress": "a@x"}
GONE = {"accountId": ALIAS, "displayName": NAME, "active": False}
GONE_SERVER = {"key": ALIAS, "name": ALIAS, "displayName": NAME, "active": False}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (CLOUD, GONE),
        (SERVER, GONE_SERVER),
        ({"fields": {"assignee": CLOUD, "customfield_1": [CLOUD, {"accountId": BEN}]}},
         {"fields": {"assignee": GONE, "customfield_1": [GONE, {"accountId": BEN}]}}),
        ({"items": [{"field": "assignee", "from": ADA, "fromString": "Ada", "to": BEN, "toString": "Ben",
                     "tmpFromAccountId": ADA, "tmpToAccountId": BEN}]},
         {"items": [{"field": "assignee", "from": ALIAS, "fromString": NAME, "to": BEN, "toString": "Ben",
                     "tmpFromAccountId": ALIAS, "tmpToAccountId": BEN}]}),
        ({"field": "Reviewers", "from": None, "to": f"[{ADA}, {BEN}]", "toString": "[Ada, Ben]"},
         {"field": "Reviewers", "from": None, "to": f"[{ALIAS}, {BEN}]", "toString": f"[{NAME}, Ben]"}),
        ({"field": "Reviewers", "to": f"[{ADA}, {BEN}]", "toString": "[Lovelace, Ada, Ben]"},
         {"field": "Reviewers", "to": f"[{ALIAS}, {BEN}]", "toString": f"[{NAME}, ]"}),
        ({"field": "assignee", "from": "ada", "fromString": "Ada", "to": None, "toString": None},
         {"field": "assignee", "from": ALIAS, "fromString": NAME, "to": None, "toString": None}),
        ({"field": "assignee", "from": None, "fromString": "Ada Lovelace"},
         {"field": "assignee", "from": None, "fromString": "Former person abc123"}),
        ({"id": 1, "assignee": "ada", "assigneeKey": "ada", "assigneeName": "Ada", "avatarUrl": "https://x"},
         {"id": 1, "assignee": ALIAS, "assigneeKey": ALIAS, "assigneeName": NAME}),
    ],
)  # fmt: skip
def test_who_was_erased_is_taken_out(value: Any, expected: Any):
    assert after(value) == expected
    assert after(after(value)) == expected


@pytest.mark.parametrize(
    "value",
    [
        {"accountId": BEN, "displayName": "Ada Lovelace"},
        {"key": "ada", "name": "Project Ada"},  # a project, not a person
        {"field": "labels", "from": "ada", "fromString": "ada"},  # a word that is somebody's user key
        {"field": "status", "from": "1", "to": None, "fromString": 7},
        {"summary": "Ask Ada Lovelace", "n": 1.5},
        [], "ada", None, {"field": 7, "from": ADA},
    ],
)  # fmt: skip
def test_what_names_nobody_erased_keeps_its_bytes(value: Any):
    body = b" " + msgspec.json.encode(value)
    assert scrub(body, find) is body


def test_what_is_no_json_is_left_to_its_reader():
    for body in (b"<html>", b'{"accountId": "712020:ada', b"\xff\xfe"):
        assert scrub(body, find) is body


def test_numbers_are_spelled_as_they_were():
    body = (
        b'{"a": 1.50, "b": 100, "c": 1e3, "d": 0.1000000000000000055511151231257827, "p": {"accountId": "%s"}}'
        % ADA.encode()
    )
    found = scrub(body, find).decode()
    assert '"a":1.50' in found
    assert '"d":0.1000000000000000055511151231257827' in found
    assert msgspec.json.decode(found)["c"] == 1000


def test_an_alias_is_of_the_kind_of_the_account_key():
    assert alias_of(ADA, "00000000abc123") == ALIAS
    assert former(ALIAS) == NAME
    assert alias_of("name:Ada", "00000000abc123") == f"name:{NAME}"
    assert former(f"name:{NAME}") == NAME
