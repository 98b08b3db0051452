"""A provider's SAML metadata, uploaded, pasted or read from its address: entity id, address, certificates."""

from dataclasses import dataclass
from typing import Any, cast

import msgspec

from sprintreports.identity.sso import saml_keys, saml_library, transport
from sprintreports.identity.sso.rules import is_address
from sprintreports.identity.sso.values import Options
from sprintreports.kit.errors import Invalid

LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class ProviderMetadata:
    """What a provider says of itself. Several certificates: the next one is announced before it is used."""

    entity_id: str
    sso_url: str
    certificates: tuple[str, ...]


def read(text: str) -> ProviderMetadata:
    """Raises Invalid."""
    raw = text.strip().encode()
    if len(raw) > LARGEST or b"<!" in _uncommented(raw):
        raise _invalid("This metadata holds a document type declaration, or is too large. It cannot be used.")
    try:
        named = saml_library.entity_ids(raw)
    except ValueError:
        raise _invalid("This is no XML. Paste the whole metadata of the identity provider.") from None
    if len(named) != 1:
        raise _invalid(
            "This metadata describes no identity provider."
            if not named
            else f"This metadata describes {len(named)} identity providers. Paste the part of one alone."
        )
    return _parsed(raw.decode(), named[0])


async def fetch(url: str) -> ProviderMetadata:
    """The same from an address. Raises Invalid or ProviderFailed."""
    if not is_address(url):
        raise _invalid("Enter an address that begins with https://, or paste the metadata itself.")
    body = await transport.send("GET", url, headers={"Accept": "application/samlmetadata+xml, text/xml, */*"})
    try:
        return read(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise _invalid("What this address answers with is no XML in UTF-8.") from None


async def applied(options: Options, *, text: str = "", url: str = "") -> Options:
    """The options with what the metadata says, given as text or by its address; without either, as they are.

    Raises Invalid or ProviderFailed.
    """
    if not text.strip() and not url.strip():
        return options
    found = read(text) if text.strip() else await fetch(url.strip())
    return msgspec.structs.replace(
        options, entity_id=found.entity_id, sso_url=found.sso_url, certificates=found.certificates
    )


def _parsed(text: str, entity_id: str) -> ProviderMetadata:
    found = saml_library.provider_metadata(text, entity_id)
    address = str(found.get("singleSignOnService", {}).get("url", ""))
    if not address:
        raise _invalid(
            "This metadata names no address for signing in by the HTTP-Redirect binding, which is what is used here."
        )
    certificates = tuple(dict.fromkeys(saml_keys.plain(one) for one in _certificates(found)))
    if not certificates:
        raise _invalid("This metadata holds no signing certificate, so no answer could be believed.")
    return ProviderMetadata(entity_id, address, certificates)


def _certificates(found: dict[str, Any]) -> list[str]:
    several = cast("dict[str, list[str]]", found.get("x509certMulti", {})).get("signing", [])
    alone = found.get("x509cert")
    return [*several, *([str(alone)] if alone else [])]


def _uncommented(raw: bytes) -> bytes:
    return raw.replace(b"<!--", b"")  # metadata may hold comments: nothing in it is compared as a name


def _invalid(message: str) -> Invalid:
    return Invalid(message)
