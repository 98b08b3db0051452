"""python3-saml behind types, which it does not have: requests out, responses in, metadata both ways."""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
# pyright: reportPrivateUsage=false, reportMissingTypeStubs=false, reportUnknownParameterType=false

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import Any, cast

from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.errors import OneLogin_Saml2_ValidationError
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.utils import OneLogin_Saml2_Utils
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML

ValidationError = OneLogin_Saml2_ValidationError
_SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
_DSIG = "http://www.w3.org/2000/09/xmldsig#"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """One SubjectConfirmation of the assertion whose signature was checked; what is not there is empty."""

    method: str
    recipient: str
    in_response_to: str
    expires_at: int | None  # seconds


@dataclass(frozen=True, slots=True)
class Response:
    """A response that the library has found to be valid, and what we look at once more."""

    id: str
    assertion_id: str
    in_response_to: str
    destination: str
    audiences: tuple[str, ...]
    issuers: tuple[str, ...]
    confirmations: tuple[Confirmation, ...]
    name_id: str
    name_id_format: str
    encrypted: bool
    attributes: dict[str, Any] = field(repr=False)


def request_address(
    settings: dict[str, Any], request: dict[str, Any], *, relay_state: str
) -> tuple[str, str]:
    """The address that asks the provider to authenticate (HTTP-Redirect binding), and the request's id."""
    auth = OneLogin_Saml2_Auth(request, old_settings=settings)
    address = str(auth.login(return_to=relay_state))
    return address, str(auth.get_last_request_id())


def validated(settings: dict[str, Any], request: dict[str, Any], body: str, *, request_id: str) -> Response:
    """Parse and check a response: signature, schema, status, times, audience, issuer. Raises whatever the library raises."""
    made = OneLogin_Saml2_Settings(settings)
    response = OneLogin_Saml2_Response(made, b64encode(ordered(b64decode(body))).decode())
    response.is_valid(request, request_id=request_id, raise_exceptions=True)
    return Response(
        id=str(response.document.get("ID", "")),
        assertion_id=str(response.get_assertion_id() or ""),
        in_response_to=str(response.get_in_response_to() or ""),
        destination=str(response.document.get("Destination", "")),
        audiences=tuple(map(str, response.get_audiences())),
        issuers=tuple(map(str, response.get_issuers())),
        confirmations=tuple(map(_confirmation, _of_signed_assertion(response))),
        name_id=str(response.get_nameid() or ""),
        name_id_format=str(response.get_nameid_format() or ""),
        encrypted=bool(response.encrypted),
        attributes=cast("dict[str, Any]", response.get_attributes()),
    )


def ordered(text: bytes) -> bytes:
    """The same answer with each signature behind its issuer, where the schema wants it; some providers put it last.

    A signature never covers itself, so its place among its siblings does not matter to it. Its text neighbours stay.
    """
    root = OneLogin_Saml2_XML.to_etree(text)
    moved = [_moved(one) for one in (root, *root.findall(f"{{{_SAML}}}Assertion"))]
    written: Any = OneLogin_Saml2_XML.to_string(root)
    return written if any(moved) else text


def _moved(parent: Any) -> bool:
    issuers, signatures = parent.findall(f"{{{_SAML}}}Issuer"), parent.findall(f"{{{_DSIG}}}Signature")
    if len(issuers) != 1 or len(signatures) != 1 or issuers[0].getnext() is signatures[0]:
        return False
    signature, before = signatures[0], signatures[0].getprevious()
    if signature.tail:
        before.tail = (before.tail or "") + signature.tail
    # Text between issuer and what follows it stays in front of what follows.
    signature.tail, issuers[0].tail = issuers[0].tail, None
    issuers[0].addnext(signature)
    return True


def own_metadata(settings: dict[str, Any]) -> str:
    """What we give to a provider. Raises ValueError where it would not be valid."""
    made = OneLogin_Saml2_Settings(settings, sp_validation_only=True)
    text: Any = made.get_sp_metadata()
    found = text if isinstance(text, str) else bytes(text).decode()
    problems = made.validate_metadata(found)
    if problems:
        raise ValueError(", ".join(problems))
    return found


def provider_metadata(text: str, entity_id: str) -> dict[str, Any]:
    """The `idp` part of a provider's metadata, as the library reads it; of several providers the one that is named."""
    parsed = OneLogin_Saml2_IdPMetadataParser.parse(text, entity_id=entity_id or None)
    return cast("dict[str, Any]", parsed.get("idp", {}))


def entity_ids(text: bytes) -> list[str]:
    """The entity ids of the providers in a metadata document. Raises ValueError for what is no XML, or has a DTD."""
    try:
        root = OneLogin_Saml2_XML.to_etree(text)
    except Exception as error:  # the library passes on whatever lxml and its own checks raise
        raise ValueError("This is no XML.") from error
    found = root.xpath(
        "descendant-or-self::md:EntityDescriptor[md:IDPSSODescriptor]/@entityID",
        namespaces={"md": "urn:oasis:names:tc:SAML:2.0:metadata"},
    )
    return [str(one) for one in found]


def _of_signed_assertion(response: Any) -> list[Any]:
    # The library's own way to the assertion that the signature was checked of, and no other.
    found: list[Any] = response._query_assertion("/saml:Subject/saml:SubjectConfirmation")  # noqa: SLF001
    return found


def _confirmation(node: Any) -> Confirmation:
    data = next(iter(node.findall("{urn:oasis:names:tc:SAML:2.0:assertion}SubjectConfirmationData")), {})
    ends = data.get("NotOnOrAfter")
    return Confirmation(
        method=str(node.get("Method", "")),
        recipient=str(data.get("Recipient", "")),
        in_response_to=str(data.get("InResponseTo", "")),
        expires_at=None if ends is None else int(OneLogin_Saml2_Utils.parse_SAML_to_time(ends)),
    )
