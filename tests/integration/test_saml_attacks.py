"""Forged answers of SAML: each is refused with a page in plain words and an entry in the audit log."""

import base64
import copy
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Words

from sprintreports.identity import sessions
from tests.integration.saml_support import (
    NAMESPACES,
    Answer,
    ask,
    key_pair,
    post,
    set_up_saml,
    sign_in,
    text_of,
    xml_of,
)
from tests.integration.sso_support import add_user, browser, one_row, refusals, use_here

MALLORY = "mallory@example.org"


@pytest.fixture(autouse=True)
async def _here(pg_url: str, monkeypatch: pytest.MonkeyPatch):
    use_here(monkeypatch)
    await add_user()
    await add_user(MALLORY)


def check_refused(url: str, answer: httpx.Response, client: httpx.AsyncClient, *reasons: str) -> None:
    assert answer.status_code == 403, answer.status_code
    assert "You are not signed in" in answer.text
    assert 'role="alert"' in answer.text
    assert "Traceback" not in answer.text
    assert sessions.COOKIE_NAME not in client.cookies
    assert refusals(url)[-1] in reasons, refusals(url)
    assert one_row(url, "SELECT count(*) FROM user_session") == (0,)
    assert one_row(url, "SELECT count(*) FROM user_identity") == (0,)


def replaced(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text, old
        return text.replace(old, new)

    return change


def _evil(assertion: Any) -> Any:
    """The assertion of somebody else, without a signature."""
    forged = copy.deepcopy(assertion)
    for signature in forged.findall("ds:Signature", NAMESPACES):
        forged.remove(signature)
    forged.find(".//saml:NameID", NAMESPACES).text = "ada@example.org"
    return forged


def _parts(text: str) -> tuple[Any, Any]:
    root = xml_of(text)
    return root, root.find("saml:Assertion", NAMESPACES)


def _wrapped_first(text: str) -> str:
    """The forged assertion stands first, the signed one behind it."""
    root, assertion = _parts(text)
    forged = _evil(assertion)
    forged.set("ID", "forged")
    root.insert(root.index(assertion), forged)
    return text_of(root)


def _wrapped_same_id(text: str) -> str:
    root, assertion = _parts(text)
    root.insert(root.index(assertion), _evil(assertion))
    return text_of(root)


def _wrapped_in_extensions(text: str) -> str:
    """The signed assertion is hidden where nobody looks, the forged one takes its place."""
    root, assertion = _parts(text)
    forged = _evil(assertion)
    forged.set("ID", "forged")
    root.replace(assertion, forged)
    hidden = xml_of(f'<samlp:Extensions xmlns:samlp="{NAMESPACES["samlp"]}"/>')
    hidden.append(assertion)
    root.insert(1, hidden)
    return text_of(root)


def _wrapped_in_signature(text: str) -> str:
    """The signed assertion inside an Object of the signature, which the forged one carries."""
    root, assertion = _parts(text)
    forged = _evil(assertion)
    signature = copy.deepcopy(assertion.find("ds:Signature", NAMESPACES))
    holder = xml_of(f'<ds:Object xmlns:ds="{NAMESPACES["ds"]}"/>')
    original = copy.deepcopy(assertion)
    original.remove(original.find("ds:Signature", NAMESPACES))
    holder.append(original)
    signature.append(holder)
    forged.set("ID", "forged")
    forged.insert(1, signature)
    root.replace(assertion, forged)
    return text_of(root)


def _wrapped_response(text: str) -> str:
    """The signed response within another one."""
    root = xml_of(text)
    outer = copy.deepcopy(root)
    outer.remove(outer.find("ds:Signature", NAMESPACES))
    outer.set("ID", "outer")
    outer.find(".//saml:NameID", NAMESPACES).text = "ada@example.org"
    hidden = xml_of(f'<samlp:Extensions xmlns:samlp="{NAMESPACES["samlp"]}"/>')
    hidden.append(root)
    outer.insert(1, hidden)
    return text_of(outer)


def _stripped(text: str) -> str:
    root, assertion = _parts(text)
    assertion.remove(assertion.find("ds:Signature", NAMESPACES))
    return text_of(root)


def _without(text: str, name: str) -> str:
    root = xml_of(text)
    node = root.find(f".//saml:{name}", NAMESPACES)
    node.getparent().remove(node)
    return text_of(root)


def _without_end(text: str) -> str:
    root = xml_of(text)
    del root.find(".//saml:SubjectConfirmationData", NAMESPACES).attrib["NotOnOrAfter"]
    return text_of(root)


BILLION = (
    '<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
WRAPPED = ("signature", "malformed", "unsigned")
FORGED: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "unsigned": ({"signs_assertion": False}, ("unsigned",)),
    "stripped": ({"after": _stripped}, ("unsigned",)),
    "tampered": ({"subject": MALLORY, "after": replaced(MALLORY, "ada@example.org")}, ("signature",)),
    "signed by somebody else": ({"key": key_pair("stranger")}, ("signature",)),
    "SHA-1": ({"algorithm": Words.RSA_SHA1, "digest": Words.SHA1}, WRAPPED),
    "wrapped: forged first": ({"subject": MALLORY, "after": _wrapped_first}, WRAPPED),
    "wrapped: same id": ({"subject": MALLORY, "after": _wrapped_same_id}, WRAPPED),
    "wrapped: in extensions": ({"subject": MALLORY, "after": _wrapped_in_extensions}, WRAPPED),
    "wrapped: in the signature": ({"subject": MALLORY, "after": _wrapped_in_signature}, WRAPPED),
    "wrapped: response": (
        {"subject": MALLORY, "signs_assertion": False, "signs_response": True, "after": _wrapped_response},
        WRAPPED,
    ),
    "expired": ({"age": 3600}, ("expired",)),
    "confirmation expired": ({"age": 200}, ("recipient", "expired")),
    "from the future": ({"age": -3600}, ("early",)),
    "audience": ({"audience": "https://other.example/metadata"}, ("audience",)),
    "no audience": (
        {"assertion": lambda text: _without(text, "AudienceRestriction")},
        ("audience",),
    ),
    "issuer": ({"issuer": "https://evil.example/saml"}, ("issuer",)),
    "recipient": ({"recipient": "http://reports.test/session/sso/other/acs"}, ("recipient",)),
    "recipient that holds ours": (
        {"recipient": "https://evil.example/?http://reports.test/session/sso/company/acs"},
        ("recipient",),
    ),
    "no recipient": (
        {"assertion": replaced(' Recipient="http://reports.test/session/sso/company/acs"', "")},
        ("recipient",),
    ),
    "destination": ({"destination": "http://reports.test/session/sso/other/acs"}, ("destination",)),
    "destination that begins like ours": (
        {"destination": "http://reports.test/session/sso/company/acs.evil"},
        ("destination",),
    ),
    "no destination": (
        {"response": replaced(' Destination="http://reports.test/session/sso/company/acs"', "")},
        ("destination",),
    ),
    "assertion of another request": ({"confirmed_for": "ONELOGIN_other"}, ("recipient",)),
    "no confirmation": (
        {"assertion": lambda text: _without(text, "SubjectConfirmation")},
        ("recipient", "malformed"),
    ),
    "endless confirmation": ({"assertion": _without_end}, ("recipient",)),
    "comment in the name": (
        {
            "subject": "ada@example.org.evil.example",
            "after": replaced(
                '<saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">ada@example.org',
                '<saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">ada@example.org<!-- -->',
            ),
        },
        ("declaration",),
    ),
    "instruction in the name": (
        {
            "subject": MALLORY,
            "after": replaced(">mallory@example.org</saml:NameID>", "><?x y?>ada@example.org</saml:NameID>"),
        },
        ("declaration",),
    ),
    "entity bomb": (
        {"after": lambda text: BILLION + text.replace(">ada@example.org<", ">&c;<", 1)},
        ("declaration",),
    ),
    "entity from outside": (
        {"after": lambda text: OUTSIDE + text.replace(">ada@example.org<", ">&a;<", 1)},
        ("declaration",),
    ),
    "a name that changes": (
        {"name_format": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"},
        ("subject",),
    ),
    "refused by the provider": (
        {"response": replaced("status:Success", "status:Responder")},
        ("provider_refused",),
    ),
}


@pytest.mark.parametrize("attack", FORGED)
async def test_forged_answers(pg_url: str, attack: str):
    answer, reasons = FORGED[attack]
    async with browser() as client:
        await set_up_saml()
        check_refused(pg_url, await sign_in(client, **answer), client, *reasons)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not xml",
        b"<a/>",
        b"\xff\xfe<\x00a\x00",
        '<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16"),
        b'<?xml version="1.0" encoding="utf-7"?>+ADwAIQ-DOCTYPE a+AD4-<a/>',
        b"\xc3\x28",
        b"<a>" * 100_000,
        b"x" * 600_000,
    ],
)
async def test_what_is_no_answer_at_all(pg_url: str, raw: bytes):
    async with browser() as client:
        await set_up_saml()
        asked = await ask(client)
        check_refused(
            pg_url,
            await post(client, raw, asked.relay_state),
            client,
            "malformed",
            "too_large",
            "declaration",
        )


async def test_an_answer_to_another_request(pg_url: str):
    async with browser() as client:
        await set_up_saml()
        asked, other = await ask(client), await ask(client)
        text = Answer(other.request_id).written()
        check_refused(pg_url, await post(client, text, asked.relay_state), client, "in_response_to")


async def test_an_answer_that_nobody_asked_for(pg_url: str):
    async with browser() as client:
        await set_up_saml()
        check_refused(pg_url, await post(client, Answer("").written(), ""), client, "state")
        check_refused(pg_url, await post(client, Answer("").written(), "guessed"), client, "state")
        asked = await ask(client)
        unsolicited = (
            Answer(asked.request_id, confirmed_for="")
            .written()
            .replace(f' InResponseTo="{asked.request_id}"', "")
        )
        check_refused(
            pg_url, await post(client, unsolicited, asked.relay_state), client, "in_response_to", "malformed"
        )


async def test_an_answer_in_another_browser(pg_url: str):
    async with browser() as client, browser() as victim:
        await set_up_saml()
        asked = await ask(client)
        text = Answer(asked.request_id, subject=MALLORY).written()
        check_refused(pg_url, await post(victim, text, asked.relay_state), victim, "browser")


async def test_an_assertion_counts_once(pg_url: str):
    """Even where its request and its browser fit again: its id is remembered until it has expired."""
    async with browser() as client:
        await set_up_saml()
        for expected in (303, 403):
            asked = await ask(client)
            text = Answer(asked.request_id, assertion_id="A-the-same").written()
            assert (await post(client, text, asked.relay_state)).status_code == expected
    assert refusals(pg_url) == ["replayed"]


async def test_the_same_answer_twice(pg_url: str):
    async with browser() as client:
        await set_up_saml()
        asked = await ask(client)
        jar = dict(client.cookies)
        text = Answer(asked.request_id).written()
        assert (await post(client, text, asked.relay_state)).status_code == 303
        client.cookies.clear()
        client.cookies.update(jar)
        assert (await post(client, text, asked.relay_state)).status_code == 403
        assert sessions.COOKIE_NAME not in client.cookies
    assert refusals(pg_url) == ["state"]


async def test_a_code_at_the_door_of_saml_and_the_other_way_round(pg_url: str):
    async with browser() as client:
        await set_up_saml()
        asked = await ask(client)
        answer = await client.get(
            "/session/sso/company/callback", params={"code": "x", "state": asked.relay_state}
        )
        check_refused(pg_url, answer, client, "malformed")
        form = base64.b64encode(Answer(asked.request_id).written().encode()).decode()
        doubled = await client.post(
            "/session/sso/company/acs",
            content=f"RelayState={asked.relay_state}&RelayState=x&SAMLResponse={form}",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        check_refused(pg_url, doubled, client, "malformed")
