"""The operations of connections and deliveries, each answered as the document says: see test_api_contract.py."""

from sqlalchemy import text

from sprintreports.kit import db
from sprintreports.reports.publishing import opt_outs
from tests.integration.contract_support import Reader
from tests.integration.publishing_site import chat, wiki

# A delivery that clashed, as the worker would have left it.
_CLASH = text("UPDATE delivery SET state = 'clash', choices = '[\"overwrite\", \"new_page\"]' WHERE id = :id")


async def publishing(call: Reader) -> None:
    """A chat and a wiki that are set up, tested, written to and forgotten; and a mail that is unsubscribed from."""
    sprint = (await call("list_sprints", query={"state": "closed", "per_page": 1}))[0]
    spec = {"kind": "baseline", "of": {"state": "sprint", "sprint_id": sprint["id"]}}
    with chat() as (_slack, _place, body), wiki() as (_pages, _other, wanted):
        made = await call("create_connection", body=body)
        here = {"connection_id": made["id"]}
        assert (await call("create_connection_test", **here))["check_ok"]
        assert (await call("update_connection", body={"name": "Chat of all"}, **here))[
            "name"
        ] == "Chat of all"
        assert [one["id"] for one in await call("list_connections")] == [made["id"]]
        assert (await call("get_connection", **here))["kind"] == "slack"
        place = (await call("create_connection", body=wanted))["id"]
        asked = {"connection_id": place, "target": {"space": "TEAM"}, "spec": spec}
        assert "would be made" in (await call("create_delivery_preview", body=asked))["sentence"]
        clash = await call("create_delivery", body=asked)
        sent = await call("create_delivery", body=asked)
        assert (await call("get_delivery", report_delivery_id=sent["id"]))["state"] == "queued"
        assert [one["id"] for one in await call("list_deliveries")] == [sent["id"], clash["id"]]
        async with db.transaction() as session:
            await session.execute(_CLASH, {"id": clash["id"]})
        again = await call(
            "post_delivery_retries", body={"choice": "overwrite"}, report_delivery_id=clash["id"]
        )
        assert again["state"] == "queued"
        for one in (made["id"], place):
            await call("delete_connection", connection_id=one)
        assert (await call("get_delivery", report_delivery_id=sent["id"]))["state"] == "failed"
    token = opt_outs.link("ada@example.org").rpartition("/")[2]
    assert "<form" in await call("get_mail_opt_out_with_token", token=token)
    assert "no more mails" in await call("post_mail_opt_out_with_token", token=token)
