"""Cloud's dynamic webhooks on the stand-in: apps only, filtered, for thirty days unless they are refreshed."""

from collections.abc import Callable

import pytest

from sprintreports.demo.catalog import APP_TOKEN, DEMO_EMAIL, DEMO_TOKEN, Dialect
from sprintreports.demo.company import Company, found
from sprintreports.demo.server import create_app
from tests.unit.demo.conftest import NOW, Asker

PATH = "/rest/api/3/webhook"
WANTED = {"events": ["jira:issue_updated"], "jqlFilter": "project = SHOP"}


@pytest.fixture
def app(asker: Callable[..., Asker]) -> Asker:
    small: Company = found(seed=4, scale=0.05, now=NOW)
    return asker(create_app(small), headers={"Authorization": f"Bearer {APP_TOKEN}"})


def test_a_persons_token_is_not_enough_and_data_center_has_none(
    asker: Callable[..., Asker], company: Company
) -> None:
    person = asker(create_app(company), auth=(DEMO_EMAIL, DEMO_TOKEN))
    assert person.post(PATH, {"url": "http://127.0.0.1:9", "webhooks": [WANTED]}).status_code == 403
    assert person.get(PATH).status_code == 403
    older = asker(
        create_app(company, dialect=Dialect.DATACENTER), headers={"Authorization": f"Bearer {APP_TOKEN}"}
    )
    assert older.get("/rest/api/2/webhook").status_code == 404


def test_each_gets_an_id_or_its_reasons(app: Asker) -> None:
    wanted = [WANTED, {**WANTED, "events": ["sprint_closed"]}, {"events": [], "jqlFilter": ""}]
    results = app.post(PATH, {"url": "http://127.0.0.1:9", "webhooks": wanted}).json()[
        "webhookRegistrationResult"
    ]
    assert list(results[0]) == ["createdWebhookId"]
    assert [len(result["errors"]) for result in results[1:]] == [1, 2]
    listed = app.get(PATH).json()
    assert [hook["id"] for hook in listed["values"]] == [results[0]["createdWebhookId"]]
    for body in (
        {"webhooks": [WANTED]},
        {"url": "ftp://x", "webhooks": [WANTED]},
        {"url": "http://x", "webhooks": []},
    ):
        assert app.post(PATH, body).status_code == 400


def test_it_hears_only_of_what_its_filter_shows_and_ends_unless_refreshed(app: Asker) -> None:
    answer = app.post(PATH, {"url": "http://127.0.0.1:9", "webhooks": [WANTED]}).json()
    hook = answer["webhookRegistrationResult"][0]["createdWebhookId"]

    def heard(seed: int) -> tuple[int, int]:
        before = app.get("/__standin__/deliveries").json()["letters"]
        order = {"count": 60, "seed": seed, "kinds": ["priority"], "at": NOW, "delivery": {"hold": True}}
        edits = app.post("/__standin__/edits", order).json()["edits"]
        ours = sum(edit["name"].startswith("SHOP-") for edit in edits)
        return app.get("/__standin__/deliveries").json()["letters"] - before, ours

    letters, ours = heard(1)
    assert letters == ours
    assert 0 < ours < 60
    app.post("/__standin__/webhooks/age", {"days": 29})
    expiry = app._loop.run_until_complete(
        app.client.put(f"{PATH}/refresh", json={"webhookIds": [hook]})
    ).json()["expirationDate"]
    assert expiry == app.get(PATH).json()["values"][0]["expirationDate"]
    app.post("/__standin__/webhooks/age", {"days": 29})
    letters, ours = heard(2)
    assert letters == ours > 0
    app.post("/__standin__/webhooks/age", {"days": 2})
    letters, ours = heard(3)
    assert (letters, ours > 0) == (0, True)
