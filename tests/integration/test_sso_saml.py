"""Signing in by SAML: there and back, certificates that roll over, signed requests, metadata both ways."""

import pytest
import xmlsec
from lxml import etree

from sprintreports.identity import sessions
from sprintreports.identity.permissions import Role
from sprintreports.identity.sso import saml_metadata
from sprintreports.identity.sso.values import GroupRole, SignedPart
from sprintreports.kit.errors import Invalid
from tests.integration.saml_support import (
    ENTITY,
    Answer,
    ask,
    key_pair,
    post,
    provider_metadata,
    set_up_saml,
    sign_in,
    xml_of,
)
from tests.integration.sso_support import add_user, browser, one_row, refusals, use_here


@pytest.fixture(autouse=True)
def _here(pg_url: str, monkeypatch: pytest.MonkeyPatch):
    use_here(monkeypatch)


async def test_there_and_back(pg_url: str):
    user_id = await add_user()
    async with browser() as client:
        await set_up_saml(groups_claim="groups", group_roles=(GroupRole("leads", Role.MANAGER),))
        asked = await ask(client, next="/velocity")
        answer = await post(client, Answer(asked.request_id).written(), asked.relay_state)
        assert answer.status_code == 303, answer.text
        assert answer.headers["Location"] == "/velocity"
        assert sessions.COOKIE_NAME in client.cookies
        assert (await client.get("/api/v1/users/me")).status_code == 200
    assert one_row(pg_url, "SELECT user_id, subject FROM user_identity") == (user_id, "ada@example.org")
    assert one_row(pg_url, "SELECT role, source FROM role_grant") == ("manager", "group:company:leads")
    assert refusals(pg_url) == []


@pytest.mark.parametrize(
    ("part", "signs"),
    [
        (SignedPart.EITHER, (False, True)),
        (SignedPart.EITHER, (True, True)),
        (SignedPart.ASSERTION, (True, False)),
        (SignedPart.RESPONSE, (False, True)),
        (SignedPart.BOTH, (True, True)),
    ],
)
async def test_what_has_to_be_signed_is(pg_url: str, part: SignedPart, signs: tuple[bool, bool]):
    await add_user()
    async with browser() as client:
        await set_up_saml(signed_part=part)
        answer = await sign_in(client, signs_assertion=signs[0], signs_response=signs[1])
        assert answer.status_code == 303, answer.text


@pytest.mark.parametrize(
    ("part", "signs"),
    [
        (SignedPart.EITHER, (False, False)),
        (SignedPart.ASSERTION, (False, True)),
        (SignedPart.RESPONSE, (True, False)),
        (SignedPart.BOTH, (True, False)),
        (SignedPart.BOTH, (False, True)),
    ],
)
async def test_what_is_not_signed_as_it_has_to_be(pg_url: str, part: SignedPart, signs: tuple[bool, bool]):
    await add_user()
    async with browser() as client:
        await set_up_saml(signed_part=part)
        answer = await sign_in(client, signs_assertion=signs[0], signs_response=signs[1])
        assert answer.status_code == 403
    assert refusals(pg_url) == ["unsigned"]


async def test_certificates_roll_over(pg_url: str):
    await add_user()
    following = key_pair("next")
    async with browser() as client:
        await set_up_saml(certificates=(key_pair().certificate, following.certificate))
        for key in (key_pair(), following):
            assert (await sign_in(client, key=key)).status_code == 303
        assert (await sign_in(client, key=key_pair("stranger"))).status_code == 403
    assert refusals(pg_url) == ["signature"]


async def test_without_trust_in_its_addresses_a_provider_links_nobody(pg_url: str):
    await add_user()
    async with browser() as client:
        await set_up_saml(trusts_addresses=False)
        assert (await sign_in(client)).status_code == 403
    assert refusals(pg_url) == ["unverified"]


async def test_requests_are_signed_by_a_key_of_our_own(pg_url: str):
    await add_user()
    async with browser() as client:
        made = await set_up_saml(signs_requests=True)
        asked = await ask(client)
        assert asked.query["SigAlg"].endswith("rsa-sha256")
        told = await client.get("/session/sso/company/metadata")
        assert told.status_code == 200
        metadata = xml_of(told.text)
        assert metadata.find(".//{*}SPSSODescriptor").get("AuthnRequestsSigned") == "true"
        certificate = metadata.find(".//{*}X509Certificate").text
        assert "".join(certificate.split()) in "".join(made.signing_certificate.split())
        answer = await post(client, Answer(asked.request_id).written(), asked.relay_state)
        assert answer.status_code == 303
    sealed = one_row(pg_url, "SELECT signing_key FROM sign_in_provider")[0]
    assert b"PRIVATE KEY" not in sealed


async def test_our_metadata_is_valid_and_names_where_answers_go():
    async with browser() as client:
        await set_up_saml()
        told = await client.get("/session/sso/company/metadata")
        assert told.headers["Content-Type"].startswith("application/samlmetadata+xml")
        root = xml_of(told.text)
        assert root.get("entityID") == "http://reports.test/session/sso/company/metadata"
        consumer = root.find(".//{*}AssertionConsumerService")
        assert consumer.get("Location") == "http://reports.test/session/sso/company/acs"
        assert root.find(".//{*}SPSSODescriptor").get("WantAssertionsSigned") is not None


def test_metadata_of_a_provider_is_read():
    for several in (1, 2):
        given = [key_pair(name).certificate for name in ("idp", "next")[:several]]
        found = saml_metadata.read(provider_metadata(*given))
        assert found.entity_id == ENTITY
        assert found.sso_url == "https://i.test/r"
        assert len(found.certificates) == several


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no XML"),
        ("<a>", "no XML"),
        ("<a/>", "describes no identity provider"),
        (provider_metadata(), "no signing certificate"),
        (provider_metadata(head='<!DOCTYPE x [<!ENTITY a "b">]>'), "document type"),
    ],
)
def test_metadata_that_cannot_be_used_is_told_so(text: str, words: str):
    with pytest.raises(Invalid, match=words):
        saml_metadata.read(text)


def test_the_versions_of_lxml_and_xmlsec_belong_together():
    # python3-saml hands trees of lxml to xmlsec: of one libxml2, or it crashes.
    assert etree.LIBXML_VERSION[:2] >= (2, 9)
    assert xmlsec.__version__
