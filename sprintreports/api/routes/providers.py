"""Identity providers that people sign in with: set up, tested, switched on."""

from typing import Annotated

import msgspec
from fastapi import Request

from sprintreports.api.answers import Many, One, cut, many, one
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id
from sprintreports.api.refusals import refuses
from sprintreports.api.routing import Router
from sprintreports.api.schemas.providers import ProviderIn, ProviderOut, ProviderPatch, TrialOut
from sprintreports.identity.permissions import Permission
from sprintreports.identity.sso import attempts, providers, saml_metadata
from sprintreports.identity.sso.attempts import Purpose
from sprintreports.identity.sso.values import Draft
from sprintreports.kit.error_codes import Code

router = Router(prefix="/api/v1/sign-in-providers", tags=["sign-in providers"])

Reader = Annotated[Asked, needs(Permission.SETTINGS_READ)]
Admin = Annotated[Asked, needs(Permission.SETTINGS_WRITE)]
_READS_METADATA = refuses(Code.UPSTREAM_FAILED)  # where `metadata_url` is given


@router.get("")
async def listing(
    request: Request, asked: Reader, asking: Annotated[Asking, listed(ProviderOut, providers.ORDERS)]
) -> Many[ProviderOut]:
    """The providers, by name."""
    found = await providers.listing(asked.session, asked.viewer, sort=asking.sort)
    return many(request, cut(found, asking), ProviderOut.of, asking.fields)


@router.post("", status_code=201, responses=_READS_METADATA)
async def create(request: Request, body: ProviderIn, asked: Admin) -> One[ProviderOut]:
    """Set a provider up, switched off: test it first."""
    draft = await _with_metadata(body.draft(), body)
    return one(request, ProviderOut.of(await providers.create(asked.session, asked.viewer, draft)))


@router.get("/{provider_id}")
async def shown(request: Request, provider_id: Id, asked: Reader) -> One[ProviderOut]:
    """One provider."""
    return one(request, ProviderOut.of(await providers.one(asked.session, asked.viewer, provider_id)))


@router.patch("/{provider_id}", responses=_READS_METADATA)
async def change(request: Request, provider_id: Id, body: ProviderPatch, asked: Admin) -> One[ProviderOut]:
    """Change it, or switch it on or off. Another issuer ends its links to people."""
    found = await providers.one(asked.session, asked.viewer, provider_id)
    if body.changes_settings:
        draft = await _with_metadata(body.draft(found), body)
        found = await providers.change(asked.session, asked.viewer, provider_id, draft)
    if body.enabled is not None:
        found = await providers.set_enabled(asked.session, asked.viewer, provider_id, enabled=body.enabled)
    return one(request, ProviderOut.of(found))


@router.delete("/{provider_id}", status_code=204)
async def remove(provider_id: Id, asked: Admin) -> None:
    """Delete it, its links to people, and the roles that its groups gave."""
    await providers.remove(asked.session, asked.viewer, provider_id)


@router.post("/{provider_id}/tests", status_code=201)
async def begin_test(request: Request, provider_id: Id, asked: Admin) -> One[TrialOut]:
    """Prepare a test. Whoever asks opens `start` in the browser where they are signed in; nobody is signed in by it."""
    found = await providers.one(asked.session, asked.viewer, provider_id)
    user_id = asked.viewer.user_id
    made = await attempts.prepare(asked.session, found.id, Purpose.TEST, user_id=user_id, now=asked.now)
    start = f"/session/sso/{found.slug}/start?ticket={made.token}"
    return one(request, TrialOut(id=made.id, start=start, over=False, result=None))


@router.get("/{provider_id}/tests/{test_id}")
async def see_test(request: Request, provider_id: Id, test_id: Id, asked: Admin) -> One[TrialOut]:
    """What one's own test has brought."""
    found = await attempts.result_of(
        asked.session, test_id, provider_id=provider_id, user_id=asked.viewer.user_id, now=asked.now
    )
    return one(request, TrialOut.of(found))


async def _with_metadata(draft: Draft, body: ProviderIn | ProviderPatch) -> Draft:
    options = await saml_metadata.applied(draft.options, text=body.metadata, url=body.metadata_url)
    return msgspec.structs.replace(draft, options=options)
