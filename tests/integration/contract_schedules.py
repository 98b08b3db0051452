"""The operations of schedules, each answered as the document says: see test_api_contract.py."""

from tests.integration.contract_support import Reader


async def schedules(call: Reader) -> None:
    """A baseline that is taken each night: made, run by hand, changed, paused, deleted."""
    board = (await call("list_boards", query={"per_page": 1}))[0]
    body = {
        "name": "Each night",
        "trigger": {"on": "clock", "cron": "0 3 * * *"},
        "zone": "Europe/Berlin",
        "content": {"kind": "sprint", "report": "baseline", "which": "closed"},
        "board_id": board["id"],
        "baseline": True,
    }
    made = await call("create_schedule", body=body)
    here = {"schedule_id": made["id"]}
    run = await call("create_schedule_run", **here)
    assert run["state"] == "waiting"
    assert [one["id"] for one in await call("list_schedule_runs", **here)] == [run["id"]]
    assert (await call("update_schedule", body={"name": "Nightly", "paused": True}, **here))["paused_at"]
    assert [one["name"] for one in await call("list_schedules")] == ["Nightly"]
    assert (await call("get_schedule", **here))["trigger"] == body["trigger"]
    await call("delete_schedule", **here)
