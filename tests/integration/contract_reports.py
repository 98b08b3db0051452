"""The operations of the library of reports, each answered as the document says: see test_api_contract.py."""

from typing import Any

from tests.integration.contract_support import Reader

_TEXT = {"part": "text", "title": "In short", "text": "{{ sprint.name }}"}


async def library(call: Reader) -> None:
    """A report of the active sprint, from its template to a link that shows it."""
    sprint = (await call("list_sprints", query={"state": "active", "per_page": 1}))[0]
    spec: dict[str, Any] = {"kind": "baseline", "of": {"state": "sprint", "sprint_id": sprint["id"]}}
    assert len(await call("list_system_report_templates", query={"kind": "baseline"})) >= 1
    template = await call(
        "create_report_template", body={"name": "Mine", "kind": "baseline", "layout": {"pieces": [_TEXT]}}
    )
    with_template = {"template_id": template["id"]}
    version = await call(
        "create_report_template_version", body={"layout": {}, "note": "All of it"}, **with_template
    )
    assert version["versions"] == 2
    assert len(await call("list_report_template_versions", **with_template)) == 2
    await call("update_report_template", body={"shared": True}, **with_template)
    await call("get_report_template", **with_template)
    assert [one["id"] for one in await call("list_report_templates")] == [template["id"]]
    tried = await call("post_report_documents", body={"spec": spec, "layout": {"pieces": [_TEXT]}})
    assert len(tried["sections"]) == 1

    body = {
        "name": "Now",
        "spec": spec,
        "tags": ["one"],
        "template": {"template_id": template["id"], "version": 2},
    }
    here = {"report_id": (await call("create_report", body=body))["id"]}
    await call("get_report", **here)
    await call("update_report", body={"tags": ["one", "two"], "shared": True}, **here)
    assert len(await call("list_reports", query={"tag": "two"})) == 1
    assert len(await call("list_report_tags")) == 2
    shown = await call("get_report_document", **here)
    assert shown["sections"]
    made = await call("create_report_share", body={"name": "Client", "days": 7}, **here)
    assert [one["id"] for one in await call("list_report_shares", **here)] == [made["id"]]
    await call("delete_report_share", share_id=made["id"], **here)
    await call("delete_report", **here)
    await call("delete_report_template", **with_template)
