"""The authorisation code flow with PKCE, of OpenID Connect and of plain OAuth 2.0."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import msgspec

from sprintreports.identity.secret_tokens import new_token
from sprintreports.identity.sso import discovery, id_token, transport
from sprintreports.identity.sso.attempts import Secrets
from sprintreports.identity.sso.errors import ProviderFailed, SignInRefused
from sprintreports.identity.sso.messages import authorize_address, basic, token_request
from sprintreports.identity.sso.values import Arrived, Kind, Options, Provider, at, texts

_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
DEFAULT_SCOPES = "openid email profile"


@dataclass(frozen=True, slots=True)
class _Endpoints:
    authorize_url: str
    token_url: str
    takes_basic: bool
    metadata: discovery.Metadata | None


class _TokenAnswer(msgspec.Struct, frozen=True):
    access_token: str = field(default="")
    id_token: str = ""
    token_type: str = ""


async def depart(provider: Provider, *, state: str, now: datetime) -> tuple[str, Secrets]:
    """Where the browser goes, and what has to fit when it comes back. Raises ProviderFailed."""
    ends = await _endpoints(provider.options, provider.kind, now)
    secrets = Secrets(nonce=new_token(), verifier=new_token() + new_token())
    more = {"nonce": secrets.nonce} if provider.kind is Kind.OIDC else {}
    address = authorize_address(
        ends.authorize_url,
        client_id=provider.options.client_id,
        redirect_uri=provider.redirect_uri,
        scope=provider.options.scopes or (DEFAULT_SCOPES if provider.kind is Kind.OIDC else ""),
        state=state,
        verifier=secrets.verifier,
        **more,
    )
    return address, secrets


async def arrive(
    provider: Provider, client_secret: str, answer: Mapping[str, str], secrets: Secrets, *, now: datetime
) -> Arrived:
    """Who has come back, after all checks. Raises SignInRefused or ProviderFailed."""
    ends = await _endpoints(provider.options, provider.kind, now)
    _check_answer(answer, ends.metadata)
    tokens = await _exchange(provider, client_secret, answer["code"], secrets.verifier, ends)
    if ends.metadata is None:
        return await _profile(provider.options, tokens.access_token)
    claims = await id_token.checked(
        tokens.id_token,
        provider=ends.metadata,
        client_id=provider.options.client_id,
        nonce=secrets.nonce,
        access_token=tokens.access_token,
        now=now,
    )
    return _arrived(
        await _completed(claims, provider.options, ends.metadata, tokens.access_token), provider.options
    )


def _check_answer(answer: Mapping[str, str], metadata: discovery.Metadata | None) -> None:
    said = answer.get("iss")
    if metadata is not None and (said is not None or metadata.says_issuer) and said != metadata.issuer:
        raise SignInRefused(
            "This answer comes from another identity provider than was asked. Start again from the sign-in page.",
            reason="mix_up",
        )
    if "error" in answer:
        word = answer["error"] if answer["error"].replace("_", "").isalpha() else "error"
        raise SignInRefused(
            f"The identity provider did not sign you in ({word[:60]}). Try again, or ask an admin whether your account there "
            "may use this application.",
            reason="provider_refused",
        )
    if not answer.get("code"):
        raise SignInRefused("The identity provider's answer is incomplete. Start again.", reason="malformed")


async def _endpoints(options: Options, kind: Kind, now: datetime) -> _Endpoints:
    if kind is Kind.OIDC:
        found = await discovery.metadata(options.issuer, now=now)
        return _Endpoints(found.authorize_url, found.token_url, found.takes_basic, found)
    return _Endpoints(options.authorize_url, options.token_url, takes_basic=False, metadata=None)


async def _exchange(
    provider: Provider, client_secret: str, code: str, verifier: str, ends: _Endpoints
) -> _TokenAnswer:
    fields = {"code": code, "redirect_uri": provider.redirect_uri, "code_verifier": verifier}
    headers = dict(_FORM)
    if client_secret and ends.takes_basic:
        headers["Authorization"] = basic(provider.options.client_id, client_secret)
    else:
        fields["client_id"] = provider.options.client_id
        if client_secret:
            fields["client_secret"] = client_secret
    content = token_request(**fields)
    body = await transport.send("POST", ends.token_url, headers=headers, content=content, refusals=True)
    found = transport.decoded(ends.token_url, body)
    if isinstance(found, dict) and "error" in found:
        raise _not_exchanged(str(cast("dict[str, Any]", found)["error"]))
    try:
        answer = msgspec.convert(found, _TokenAnswer)
    except msgspec.ValidationError:
        raise _not_exchanged("") from None
    if not answer.access_token or (provider.kind is Kind.OIDC and not answer.id_token):
        raise _not_exchanged("no token")
    return answer


def _not_exchanged(word: str) -> SignInRefused:
    if word in {"invalid_client", "unauthorized_client", "incorrect_client_credentials"}:
        return SignInRefused(
            "The identity provider does not know our client ID and secret together. An admin has to enter them again.",
            reason="client",
        )
    return SignInRefused(
        "The identity provider would not confirm this sign-in: its code came too late or was used before. Start again "
        "from the sign-in page.",
        reason="code",
    )


async def _completed(
    claims: dict[str, Any], options: Options, metadata: discovery.Metadata, access_token: str
) -> dict[str, Any]:
    """The ID token's claims, and what only the userinfo endpoint says of the same person."""
    wanted = ("email", "email_verified", "name", *([options.groups_claim] if options.groups_claim else []))
    if not metadata.userinfo_url or all(at(claims, name) is not None for name in wanted):
        return claims
    more = await transport.get(metadata.userinfo_url, bearer=access_token)
    said = more.get("sub")
    if not isinstance(said, str) or not hmac.compare_digest(
        said.encode("utf-8", "replace"), str(claims["sub"]).encode()
    ):
        raise SignInRefused(
            "The identity provider spoke of two different people. Start again.", reason="subject"
        )
    if "email" in claims and claims["email"] != more.get("email"):
        # An address and its confirmation belong together.
        more = {name: value for name, value in more.items() if name != "email_verified"}
    return {**more, **claims}


def _arrived(claims: dict[str, Any], options: Options) -> Arrived:
    verified = claims.get("email_verified")
    groups = at(claims, options.groups_claim) if options.groups_claim else None
    return Arrived(
        subject=str(claims["sub"]),
        email=next(iter(texts(claims.get("email"))), ""),
        # Some providers write booleans as text.
        email_verified={True: True, "true": True, False: False, "false": False}.get(verified)
        if isinstance(verified, bool | str)
        else None,
        name=next(iter(texts(claims.get("name"))), ""),
        groups=None if groups is None else texts(groups),
        claims=claims,
    )


async def _profile(options: Options, access_token: str) -> Arrived:
    """Plain OAuth 2.0 has no ID token: the provider's own pages say who holds the access token."""
    claims = await transport.get(options.profile_url, bearer=access_token)
    subject: Any = at(claims, options.subject_claim or "id")
    if (
        isinstance(subject, bool)
        or not isinstance(subject, str | int)
        or not str(subject).isprintable()
        or not 0 < len(str(subject)) <= 255
    ):
        raise ProviderFailed(
            f"The identity provider does not say {options.subject_claim or 'id'} of the person."
        )
    if not options.emails_url:
        return _arrived({**claims, "sub": str(subject)}, options)
    entries = await transport.get_list(options.emails_url, bearer=access_token)
    known = (cast("dict[str, Any]", one) for one in entries if isinstance(one, dict))
    chosen = next((one for one in known if one.get("primary") is True), dict[str, Any]())
    said = {"email": chosen.get("email", ""), "email_verified": chosen.get("verified") is True}
    name = claims.get("name") or claims.get("login")
    return _arrived({**claims, **said, "name": name, "sub": str(subject)}, options)
