"""The operations of sprint queues, each answered as the document says: see test_api_contract.py."""

from tests.integration.contract_support import Reader


async def queue(call: Reader) -> None:
    """A queue of the active sprint, from its draft to its progress."""
    listed = await call("list_sprints", query={"state": "active", "per_page": 1})
    there = {"sprint_id": listed[0]["id"]}
    options = {"algorithm": "weighted_fair", "weights": [{"person_id": None, "weight": 50}]}
    body = {"name": "Plan", "options": options, "sources": {"backlog": 5}}
    here = {"queue_id": (await call("create_sprint_queue", body=body, **there))["id"]}
    assert len(await call("list_sprint_queues", **there)) == 1
    await call("get_queue", **here)
    made = await call("create_queue_version", body={"note": "First"}, **here)
    version = here | {"number": made["number"]}
    issue = (await call("list_queue_version_issues", query={"per_page": 1}, **version))[0]["jira_issue_id"]
    timing = {"kind": "soft", "end": "2099-05-04T10:00:00Z"}
    changes = [
        {"kind": "pin", "jira_issue_id": issue, "position": 1},
        {"kind": "timing", "jira_issue_id": issue, "timing": timing},
        {"kind": "rule", "rule": "seconds", "value": 1.5},
        {"kind": "add_capacity", "team_id": None, "amount": 1000},
    ]
    edited = await call("post_queue_edits", body={"seen": 0, "changes": changes}, **here)
    seen = {"seen": edited["head"]}
    await call("post_queue_undo", body=seen, **here)
    await call("post_queue_redo", body=seen | {"seen": edited["head"] + 1}, **here)
    assert len(await call("list_queue_edits", **here)) == len(changes) + 2
    assert (await call("get_queue_draft", **here))["options"]["pins"]
    assert (await call("post_queue_replan", **here))["version"]["number"] == 2
    assert len(await call("list_queue_versions", **here)) == 2
    for name in ("get_queue_version", "list_queue_version_conflicts", "get_queue_version_export"):
        await call(name, **version)
    await call("list_queue_version_changes", **here, number=2)
    for name in ("get_queue_preview", "list_queue_preview_issues", "list_queue_preview_conflicts"):
        await call(name, **here)
    await call("update_queue", body={"state": "active"}, **here)
    await _subscribed(call, here)
    await call("get_queue_progress", **here)
    await call("list_queue_progress_issues", **here)
    assert len(await call("list_queue_algorithms")) >= 4
    spare = {"queue_id": (await call("create_sprint_queue", body={"name": "Spare"}, **there))["id"]}
    await call("delete_queue", **spare)
    assert [one["id"] for one in await call("list_sprint_queues", **there)] == [here["queue_id"]]
    assert (await call("post_queue_restore", **spare))["name"] == "Spare"


async def _subscribed(call: Reader, here: dict[str, int]) -> None:
    """A private link to the calendar of the active queue, until it is revoked."""
    made = await call("create_queue_feed", body={"name": "Phone", "days": 30}, **here)
    found = await call("get_queue_feed_with_token", token=made["url"].rpartition("/")[2])
    assert found.startswith("BEGIN:VCALENDAR")
    assert [one["id"] for one in await call("list_queue_feeds", **here)] == [made["id"]]
    await call("delete_queue_feed", feed_id=made["id"], **here)
