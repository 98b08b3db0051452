"""SAML 2.0 as a service provider. The library checks much; what it leaves to chance is demanded here once more.

It takes a destination or recipient that merely begins with or holds our address, and an answer that names no audience, no
recipient and no request. All of these have to be there and to be exact.
"""

import asyncio
import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sprintreports.identity.sso import saml_library
from sprintreports.identity.sso.attempts import Secrets
from sprintreports.identity.sso.errors import SignInRefused
from sprintreports.identity.sso.saml_library import Response
from sprintreports.identity.sso.values import Arrived, Provider, SignedPart, texts
from sprintreports.observability import logs

log = logs.get("identity.sso")

LARGEST = 400_000
_TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
_RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
_POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
_REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9_.-]+)["']""")
_MICROSOFT = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
_EMAILS = ("email", "mail", "emailAddress", "urn:oid:0.9.2342.19200300.100.1.3", f"{_MICROSOFT}emailaddress")
_NAMES = ("displayName", "name", "urn:oid:2.16.840.1.113730.3.1.241", "cn", "http://schemas.microsoft.com/identity/claims/displayname")  # fmt: skip
_KEEP_AT_LEAST = timedelta(minutes=10)
# The library's reasons that a reader can do something about; the others are told as what they are.
_WORDS = {
    "is not signed": ("it is not signed as it has to be", "unsigned"),
    "no signature": ("it is not signed", "unsigned"),
    "signature": ("its signature fits none of the provider's certificates", "signature"),
    "audience": ("it was made for another application (audience)", "audience"),
    "issuer": ("another provider has issued it (issuer)", "issuer"),
    "inresponseto": ("it answers another request than ours", "in_response_to"),
    "received at": ("it was sent to another address (destination)", "destination"),
    "destination": ("it was sent to another address (destination)", "destination"),
    "subjectconfirmation": (
        "it is not for us, not for this request, or has expired (subject confirmation)",
        "recipient",
    ),
    "expired": ("it has expired", "expired"),
    "not yet valid": ("it is from the future: a clock is wrong", "early"),
    "status code": ("the provider did not sign you in", "provider_refused"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """Who has come, and which assertion must never come again, until when."""

    arrived: Arrived
    assertion_id: str
    until: datetime


def depart(provider: Provider, key: str, *, state: str) -> tuple[str, Secrets]:
    """Where the browser goes, and what has to fit when it comes back."""
    address, request_id = saml_library.request_address(
        _settings(provider, key), _request(provider), relay_state=state
    )
    return address, Secrets(request_id=request_id)


async def arrive(provider: Provider, body: str, secrets: Secrets, *, now: datetime) -> Told:
    """Who has come back, after all checks; off the event loop, for schema and signature take a while.

    Raises SignInRefused.
    """
    check_text(body)
    response = await asyncio.to_thread(_validated, provider, body, secrets.request_id)
    ends = _check_exactly(provider, response, secrets.request_id, now)
    until = max(datetime.fromtimestamp(ends, UTC), now) + _KEEP_AT_LEAST
    return Told(_arrived(provider, response), response.assertion_id, until)


def metadata(provider: Provider, key: str) -> str:
    """What the provider is given about us. Without certificates and addresses of the provider it can be had too."""
    return saml_library.own_metadata(_settings(provider, key))


def check_text(body: str) -> None:
    """Refuse what no honest response has, before any parser sees it: declarations, comments, other encodings.

    A comment inside a name may be read as its end by one program and left out by another; entities can make a small
    document immense. A response needs neither. Raises SignInRefused.
    """
    if len(body) > LARGEST:
        raise _refused("it is larger than any answer is", "too_large")
    try:
        text = base64.b64decode("".join(body.split()), validate=True)
        text.decode("utf-8")
    except (binascii.Error, UnicodeError, ValueError):
        raise _refused("it is no SAML response", "malformed") from None
    said = _ENCODING.match(text)
    if b"\0" in text or (said and said.group(1).lower() not in {b"utf-8", b"us-ascii", b"ascii"}):
        raise _refused("it is not written in UTF-8", "malformed")
    if b"<!" in text or text.count(b"<?") > 1 or (b"<?" in text and not text.lstrip().startswith(b"<?xml ")):
        raise _refused("it holds a declaration or a comment, which no answer needs", "declaration")


def _validated(provider: Provider, body: str, request_id: str) -> Response:
    try:
        return saml_library.validated(
            _settings(provider, ""), _request(provider), body, request_id=request_id
        )
    except Exception as error:  # whatever the library cannot read is refused  # noqa: BLE001
        log.info("saml_answer_refused", provider=provider.slug, said=str(error)[:300])
        raise _in_words(str(error)) from None


def _in_words(said: str) -> SignInRefused:
    lowered = said.lower()
    for mark, (words, reason) in _WORDS.items():
        if mark in lowered:
            return _refused(words, reason)
    return _refused("it is not as SAML demands", "malformed")


def _check_exactly(provider: Provider, response: Response, request_id: str, now: datetime) -> int:
    """What the library leaves to chance. Returns when the assertion's confirmation ends."""
    here, wanted = provider.redirect_uri, provider.metadata_url
    if response.encrypted:
        raise _refused(
            "its assertion is encrypted, which is not supported: TLS protects it on its way", "encrypted"
        )
    if response.in_response_to != request_id:
        raise _refused("it answers another request than ours", "in_response_to")
    if response.destination != here:
        raise _refused("it was sent to another address (destination)", "destination")
    if wanted not in response.audiences:
        raise _refused("it was made for another application (audience)", "audience")
    if set(response.issuers) != {provider.options.entity_id}:
        raise _refused("another provider has issued it (issuer)", "issuer")
    if not response.assertion_id:
        raise _refused("its assertion has no id", "malformed")
    ends = [
        one.expires_at
        for one in response.confirmations
        if one.method == saml_library.BEARER
        and one.recipient == here
        and one.in_response_to == request_id
        and one.expires_at is not None
        and one.expires_at > now.timestamp()
    ]
    if not ends:
        raise _refused(
            "it is not for us, not for this request, or has expired (subject confirmation)", "recipient"
        )
    return max(ends)


def _arrived(provider: Provider, response: Response) -> Arrived:
    if not response.name_id.isprintable() or not 0 < len(response.name_id) <= 255:
        raise _refused("it does not say whom it is about (NameID)", "subject")
    if response.name_id_format == _TRANSIENT:
        raise _refused(
            "its NameID is another one at each sign-in (transient); an admin has to choose a persistent one",
            "subject",
        )
    attributes, options = response.attributes, provider.options

    def first(own: str, known: tuple[str, ...]) -> str:
        names = (own,) if own else known
        return next((text for name in names for text in texts(attributes.get(name))), "")

    email = first(options.email_attribute, _EMAILS)
    if not email and not options.email_attribute and "@" in response.name_id:
        email = response.name_id
    groups = attributes.get(options.groups_claim) if options.groups_claim else None
    return Arrived(
        subject=response.name_id,
        email=email,
        email_verified=None,  # SAML has no word for it: a provider is trusted for its domains, or it is not
        name=first(options.name_attribute, _NAMES),
        groups=None if groups is None else texts(groups),
        claims={"NameID": response.name_id, "NameID format": response.name_id_format, **attributes},
    )


def _request(provider: Provider) -> dict[str, Any]:
    """Where answers arrive, by our own settings: headers of a request may be anybody's."""
    parts = urlsplit(provider.redirect_uri)
    return {
        "https": "on" if parts.scheme == "https" else "off",
        "http_host": parts.netloc,
        "script_name": parts.path,
        "get_data": {},
        "post_data": {},
    }


def _settings(provider: Provider, key: str) -> dict[str, Any]:
    options, part = provider.options, provider.options.signed_part
    signs = options.signs_requests and bool(key)
    return {
        "strict": True,
        "debug": False,
        "sp": {
            "entityId": provider.metadata_url,
            "assertionConsumerService": {"url": provider.redirect_uri, "binding": _POST},
            "NameIDFormat": _UNSPECIFIED,
            "x509cert": provider.signing_certificate if options.signs_requests else "",
            "privateKey": key,
        },
        "idp": {
            "entityId": options.entity_id,
            "singleSignOnService": {"url": options.sso_url, "binding": _REDIRECT},
            "x509certMulti": {"signing": list(options.certificates)},
        },
        "security": {
            "authnRequestsSigned": signs,
            "wantAssertionsSigned": part in {SignedPart.ASSERTION, SignedPart.BOTH},
            "wantMessagesSigned": part in {SignedPart.RESPONSE, SignedPart.BOTH},
            "wantNameId": True,
            "wantAttributeStatement": False,
            "allowRepeatAttributeName": True,
            "requestedAuthnContext": False,
            "rejectDeprecatedAlgorithm": True,
            "signatureAlgorithm": _RSA_SHA256,
            "digestAlgorithm": _SHA256,
        },
    }


def _refused(what: str, reason: str) -> SignInRefused:
    return SignInRefused(
        f"The identity provider's answer was refused: {what}. Start again from the sign-in page; if it happens again, tell "
        "an admin.",
        reason=reason,
    )
