"""Connected Jiras: create, test, change, forget, sync; their boards and field mapping."""

from typing import Annotated

from fastapi import Request, Response

from sprintreports.api.answers import Many, One, arranged, cut, many, one, whole
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id
from sprintreports.api.refusals import refuses
from sprintreports.api.routing import Router
from sprintreports.api.schemas.mapping import FieldChoiceOut, MappingIn, MappingOut, PlacesOut, PreviewOut
from sprintreports.api.schemas.runs import RunOut
from sprintreports.api.schemas.sites import (
    BoardChoiceOut,
    BoardsIn,
    DiagnosisOut,
    SiteChange,
    SiteIn,
    SiteOut,
    SyncIn,
)
from sprintreports.identity.permissions import Permission
from sprintreports.jira import boards, mapping_preview, mapping_setup, sites, sync
from sprintreports.jira.mapping import Slot
from sprintreports.jira.reads import runs as run_reads
from sprintreports.jira.reads import sites as site_reads
from sprintreports.jira.sites import Connection
from sprintreports.kit.error_codes import Code

router = Router(prefix="/api/v1/sites", tags=["sites"])

Reader = Annotated[Asked, needs(Permission.SETTINGS_READ)]
Admin = Annotated[Asked, needs(Permission.SETTINGS_WRITE)]
_BOARD_ORDERS = ("name", "jira_board_id", "type", "project_key", "selected")
_ASKS_JIRA = refuses(Code.UPSTREAM_FAILED)


@router.get("")
async def listing(
    request: Request, asked: Reader, asking: Annotated[Asking, listed(SiteOut, site_reads.ORDERS)]
) -> Many[SiteOut]:
    """All connected Jiras, by name."""
    found = await site_reads.listing(asked.session, asked.viewer, sort=asking.sort)
    return many(request, cut(found, asking), SiteOut.of, asking.fields)


@router.post("", status_code=201, responses=_ASKS_JIRA)
async def create(request: Request, response: Response, body: SiteIn, asked: Admin) -> One[SiteOut]:
    """Connect a Jira. The connection is tried first; one that does not work is not stored."""
    site_id = await sites.create(asked.session, asked.viewer, body.connection(), name=body.name)
    response.headers["Location"] = f"{router.prefix}/{site_id}"
    return one(request, await _shown(asked, site_id))


@router.get("/{site_id}")
async def single(request: Request, site_id: Id, asked: Reader) -> One[SiteOut]:
    """One connected Jira, without its secret."""
    return one(request, await _shown(asked, site_id))


@router.patch("/{site_id}", responses=_ASKS_JIRA)
async def change(request: Request, site_id: Id, body: SiteChange, asked: Admin) -> One[SiteOut]:
    """Rename it, connect it anew (a changed address needs the secret again), pause or resume it, set its schedule."""
    connection: Connection | None = None
    if body.reconnects():
        stored = await site_reads.one(asked.session, asked.viewer, site_id)
        connection = Connection(
            base_url=body.base_url or stored.base_url,
            auth=body.auth or sites.Auth(stored.auth),
            account=stored.account if body.account is None else body.account,
            secret="" if body.secret is None else body.secret.get_secret_value(),
        )
    await sites.change(
        asked.session, asked.viewer, site_id, name=body.name, connection=connection, now=asked.now
    )
    if body.reschedules():
        await sync.set_schedule(
            asked.session, asked.viewer, site_id, minutes=body.sync_minutes, now=asked.now
        )
    if body.paused is not None:
        steer = sync.pause if body.paused else sync.resume
        await steer(asked.session, asked.viewer, site_id, now=asked.now)
    return one(request, await _shown(asked, site_id))


@router.delete("/{site_id}", status_code=204)
async def delete(site_id: Id, asked: Admin) -> None:
    """Forget a Jira and its secret. What was synced stays for the reports that rest on it."""
    await sites.delete(asked.session, asked.viewer, site_id, now=asked.now)


@router.post("/{site_id}/test")
async def test(request: Request, site_id: Id, asked: Admin) -> One[DiagnosisOut]:
    """Try the connection step by step. A connection that fails is an answer (`ok: false`), not an error."""
    diagnosis = await sites.test(asked.session, asked.viewer, site_id, now=asked.now)
    return one(request, DiagnosisOut.of(diagnosis))


@router.post("/{site_id}/sync", status_code=202)
async def start_sync(
    request: Request, response: Response, site_id: Id, asked: Admin, body: SyncIn | None = None
) -> One[RunOut]:
    """Queue a sync and answer with its run; the one that waits or runs already where there is one."""
    mode = (body or SyncIn()).mode
    run_id = await sync.request(asked.session, asked.viewer, site_id, mode=mode)
    response.headers["Location"] = f"/api/v1/sync-runs/{run_id}"
    return one(request, RunOut.of(await run_reads.one(asked.session, asked.viewer, run_id)))


@router.get("/{site_id}/boards", responses=_ASKS_JIRA)
async def discover(
    request: Request,
    site_id: Id,
    asked: Admin,
    asking: Annotated[Asking, listed(BoardChoiceOut, _BOARD_ORDERS, per_page=100)],
) -> Many[BoardChoiceOut]:
    """Ask Jira for its boards now, and list them: chosen ones first."""
    found = await boards.discover(asked.session, asked.viewer, site_id, now=asked.now)
    return arranged(request, map(BoardChoiceOut.of, found), asking)


@router.put("/{site_id}/boards", responses=_ASKS_JIRA)  # as the read does that If-Match is compared with
async def choose(request: Request, site_id: Id, body: BoardsIn, asked: Admin) -> Many[BoardChoiceOut]:
    """Sync these boards and no others."""
    await boards.choose(asked.session, asked.viewer, site_id, board_ids=body.selected, now=asked.now)
    return whole(request, await boards.listing(asked.session, asked.viewer, site_id), BoardChoiceOut.of)


@router.get("/{site_id}/mapping", responses=_ASKS_JIRA)
async def mapping(request: Request, site_id: Id, asked: Admin) -> One[MappingOut]:
    """Which field means what. Guessed from Jira's fields and boards now, unless it is confirmed already."""
    found = await mapping_setup.current(asked.session, asked.viewer, site_id)
    if not found.confirmed:
        found = await mapping_setup.guess(asked.session, asked.viewer, site_id, now=asked.now)
    return one(request, MappingOut.of(found))


@router.get("/{site_id}/mapping/choices", responses=_ASKS_JIRA)
async def choices(request: Request, site_id: Id, asked: Admin) -> One[dict[Slot, list[FieldChoiceOut]]]:
    """The fields that can fill each meaning, fitting ones first."""
    found = await mapping_setup.choices(asked.session, asked.viewer, site_id)
    return one(
        request, {slot: [FieldChoiceOut.of(field) for field in fields] for slot, fields in found.items()}
    )


@router.put("/{site_id}/mapping", responses=_ASKS_JIRA)
async def confirm(request: Request, site_id: Id, body: MappingIn, asked: Admin) -> One[MappingOut]:
    """Confirm the mapping, with changes or none (`{}`). What is stored is computed again where the meaning changed."""
    confirmed, effect = await mapping_setup.confirm(
        asked.session,
        asked.viewer,
        site_id,
        changes=body.changes(),
        points_by_project=body.points_by_project,
        overrides=body.exceptions(),
        pattern=body.discipline_pattern,
        values=body.scheduling_values,
        now=asked.now,
    )
    return one(request, MappingOut.of(confirmed, effect))


@router.get("/{site_id}/mapping/places")
async def places(request: Request, site_id: Id, asked: Admin) -> One[PlacesOut]:
    """The projects and issue types that exceptions can name."""
    return one(request, PlacesOut.of(await mapping_setup.places(asked.session, asked.viewer, site_id)))


@router.post("/{site_id}/mapping/preview", responses=_ASKS_JIRA)
async def preview(request: Request, site_id: Id, body: MappingIn, asked: Admin) -> One[PreviewOut]:
    """Try a mapping on real issues without keeping it. Jira is asked only while nothing is stored yet."""
    found = await mapping_preview.preview(
        asked.session,
        asked.viewer,
        site_id,
        changes=body.changes(),
        points_by_project=body.points_by_project,
        overrides=body.exceptions(),
        pattern=body.discipline_pattern,
        values=body.scheduling_values,
        now=asked.now,
    )
    return one(request, PreviewOut.of(found))


async def _shown(asked: Asked, site_id: int) -> SiteOut:
    return SiteOut.of(await site_reads.one(asked.session, asked.viewer, site_id))
