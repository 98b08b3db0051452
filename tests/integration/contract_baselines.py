"""The operations of baselines, each answered as the document says: see test_api_contract.py."""

from tests.integration.contract_support import Reader


async def baseline(call: Reader) -> None:
    """A closed sprint frozen, read, deleted and restored; the rules changed and changed back."""
    sprint = (await call("list_sprints", query={"state": "closed", "per_page": 1}))[0]
    made = await call("create_baseline", body={"sprint_id": sprint["id"], "note": "Kept."})
    here = {"baseline_id": made["id"]}
    assert await call("get_baseline", **here) == made
    listed = await call("list_baselines", query={"sprint": sprint["id"]})
    assert [one["id"] for one in listed] == [made["id"]]
    raw = await call("get_baseline_raw", **here)
    assert raw["snapshot"]["sprint_name"] == sprint["name"]
    await call("delete_baseline", **here)
    assert (await call("post_baseline_restore", **here))["deleted_at"] is None
    board = {"board_id": sprint["board_id"]}
    assert (await call("replace_baseline_rule", body={"every_days": 2}, **board))["own"] is True
    assert (await call("get_baseline_rule", **board))["every_days"] == 2
    assert len(await call("list_baseline_rules")) == 2
    await call("delete_baseline_rule", **board)
