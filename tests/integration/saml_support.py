"""A SAML provider of our own for tests: it writes and signs whatever it is asked to, true or not."""

import base64
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from lxml import etree
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Words
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from sprintreports.identity.sso import saml_keys
from sprintreports.identity.sso.saml_keys import Made
from sprintreports.identity.sso.values import Draft, Kind, Options, Provider
from tests.integration.sso_support import HERE, depart, set_up

ENTITY = "https://idp.example.org/saml"
SP = f"{HERE}/session/sso/company/metadata"
ACS = f"{HERE}/session/sso/company/acs"
EMAIL_FORMAT = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
NAMESPACES = {
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}
Change = Callable[[str], str]


def _same(text: str) -> str:
    return text


@cache
def key_pair(name: str = "idp") -> Made:
    """Made once a name: keys take their time."""
    return saml_keys.make(name)


@dataclass
class Answer:
    """A response, before it is written. `assertion` and `response` change the text before the signature."""

    request_id: str
    subject: str = "ada@example.org"
    name_format: str = EMAIL_FORMAT
    issuer: str = ENTITY
    audience: str = SP
    recipient: str = ACS
    destination: str = ACS
    confirmed_for: str | None = None  # InResponseTo of the assertion; None: the request
    age: int = 0  # seconds since it was made
    lifetime: int = 120
    groups: tuple[str, ...] = ("leads", "chess")
    assertion_id: str = ""
    key: Made = field(default_factory=key_pair)
    signs_assertion: bool = True
    signs_response: bool = False
    algorithm: str = Words.RSA_SHA256
    digest: str = Words.SHA256
    assertion: Change = _same
    response: Change = _same
    after: Change = _same

    def written(self) -> str:
        now = int(time.time()) - self.age
        unique = OneLogin_Saml2_Utils.generate_unique_id()
        named = {"email": (self.subject,), "displayName": ("Ada Lovelace",), "groups": self.groups}
        attributes = "".join(
            f'<saml:Attribute Name="{name}">'
            + "".join(f"<saml:AttributeValue>{value}</saml:AttributeValue>" for value in values)
            + "</saml:Attribute>"
            for name, values in named.items()
            if values
        )
        confirmed = self.request_id if self.confirmed_for is None else self.confirmed_for
        assertion = self.assertion(
            f'<saml:Assertion xmlns:saml="{NAMESPACES["saml"]}" ID="{self.assertion_id or "A" + unique}" Version="2.0"'
            f' IssueInstant="{_at(now)}"><saml:Issuer>{self.issuer}</saml:Issuer><saml:Subject>'
            f'<saml:NameID Format="{self.name_format}">{self.subject}</saml:NameID>'
            f'<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData'
            f' NotOnOrAfter="{_at(now + self.lifetime)}" Recipient="{self.recipient}" InResponseTo="{confirmed}"/>'
            f'</saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{_at(now - 30)}"'
            f' NotOnOrAfter="{_at(now + self.lifetime)}"><saml:AudienceRestriction><saml:Audience>{self.audience}'
            f"</saml:Audience></saml:AudienceRestriction></saml:Conditions>"
            f'<saml:AuthnStatement AuthnInstant="{_at(now)}"><saml:AuthnContext><saml:AuthnContextClassRef>'
            f"urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>"
            f"</saml:AuthnStatement><saml:AttributeStatement>{attributes}</saml:AttributeStatement></saml:Assertion>"
        )
        if self.signs_assertion:
            assertion = self._signed(assertion)
        response = self.response(
            f'<samlp:Response xmlns:samlp="{NAMESPACES["samlp"]}" xmlns:saml="{NAMESPACES["saml"]}" ID="R{unique}"'
            f' Version="2.0" IssueInstant="{_at(now)}" Destination="{self.destination}"'
            f' InResponseTo="{self.request_id}"><saml:Issuer>{self.issuer}</saml:Issuer><samlp:Status>'
            f'<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>{assertion}'
            f"</samlp:Response>"
        )
        if self.signs_response:
            response = self._signed(response)
        return self.after(response)

    def _signed(self, text: str) -> str:
        made: Any = OneLogin_Saml2_Utils.add_sign(
            text,
            self.key.key,
            self.key.certificate,
            sign_algorithm=self.algorithm,
            digest_algorithm=self.digest,
        )
        return made if isinstance(made, str) else made.decode()


def _at(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def xml_of(text: str) -> Any:
    return etree.fromstring(text.encode())


def text_of(node: Any) -> str:
    return etree.tostring(node).decode()


async def set_up_saml(**options: Any) -> Provider:
    values = {
        "entity_id": ENTITY,
        "sso_url": "https://idp.example.org/sso",
        "certificates": (key_pair().certificate,),
        "domains": ("example.org",),
        "trusts_addresses": True,
        **options,
    }
    return await set_up(Draft(name="Company", preset="saml", kind=Kind.SAML, options=Options(**values)))


@dataclass(frozen=True)
class Asked:
    """What we have asked the provider for."""

    request_id: str
    relay_state: str
    query: dict[str, str]


async def ask(client: httpx.AsyncClient, slug: str = "company", **query: str) -> Asked:
    found = {
        name: one[0] for name, one in parse_qs(urlsplit(await depart(client, slug, **query)).query).items()
    }
    request = xml_of(zlib.decompress(base64.b64decode(found["SAMLRequest"]), -15).decode())
    assert request.get("AssertionConsumerServiceURL").endswith(f"/session/sso/{slug}/acs")
    return Asked(request.get("ID"), found["RelayState"], found)


async def post(
    client: httpx.AsyncClient, text: str | bytes, relay_state: str, slug: str = "company"
) -> httpx.Response:
    """What the provider's page makes the browser send."""
    raw = text.encode() if isinstance(text, str) else text
    form = {"SAMLResponse": base64.b64encode(raw).decode(), "RelayState": relay_state}
    return await client.post(
        f"/session/sso/{slug}/acs", data=form, headers={"Origin": "https://idp.example.org"}
    )


async def sign_in(client: httpx.AsyncClient, **answer: Any) -> httpx.Response:
    asked = await ask(client)
    return await post(client, Answer(asked.request_id, **answer).written(), asked.relay_state)


def provider_metadata(*certificates: str, entity: str = ENTITY, head: str = "") -> str:
    keys = "".join(
        f'<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="{NAMESPACES["ds"]}"><ds:X509Data><ds:X509Certificate>'
        + "".join(line for line in one.splitlines() if "-----" not in line)
        + "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        for one in certificates
    )
    return (
        f'<?xml version="1.0"?>{head}<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"'
        f' entityID="{entity}"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        f'{keys}<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://i.test/p"/>'
        '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://i.test/r"/>'
        "</md:IDPSSODescriptor></md:EntityDescriptor>"
    )
