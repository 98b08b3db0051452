"""The operations of files of reports, each answered as the document says: see test_api_contract.py."""

from tests.integration.contract_support import Reader


async def export(call: Reader) -> None:
    """A small file made at once, fetched and deleted; and one that waits for the worker."""
    sprint = (await call("list_sprints", query={"state": "closed", "per_page": 1}))[0]
    spec = {"kind": "baseline", "of": {"state": "sprint", "sprint_id": sprint["id"]}}
    made = await call("create_export", body={"spec": spec, "format": "csv", "options": {"mark": False}})
    assert made["state"] == "done"
    here = {"export_id": made["id"]}
    assert await call("get_export", **here) == made
    await call("get_export_file", **here)
    waiting = await call("create_export", body={"spec": spec, "format": "xlsx"})
    assert [one["id"] for one in await call("list_exports")] == [waiting["id"], made["id"]]
    for one in (waiting, made):
        await call("delete_export", export_id=one["id"])
