"""Answers broken on purpose."""

import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sprintreports.demo.company import Company
from sprintreports.demo.faults import Faults
from sprintreports.demo.server import create_app

MYSELF = "/rest/api/3/myself"


@pytest.fixture
def broken(company: Company, asker: Callable[..., Any]) -> Callable[[Faults | None], Any]:
    return lambda faults=None: asker(
        create_app(company, faults=faults), auth=("demo@example.com", "demo-token")
    )


def test_html_with_200(broken: Any) -> None:
    answer = broken(Faults(html=True)).get(MYSELF)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("kind", ["truncate", "malformed"])
def test_json_that_cannot_be_read(broken: Any, kind: str) -> None:
    answer = broken(Faults(**{kind: True})).get(MYSELF)
    assert answer.headers["content-type"] == "application/json"
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_a_status_with_retry_after_a_number_of_times_after_some_good_answers(broken: Any) -> None:
    client = broken(Faults(status=429, retry_after=1, times=2, skip=1))
    statuses = [client.get(MYSELF) for _ in range(4)]
    assert [answer.status_code for answer in statuses] == [200, 429, 429, 200]
    assert statuses[1].headers["retry-after"] == "1"


def test_only_below_a_path(broken: Any) -> None:
    client = broken(Faults(status=503, path_prefix="/rest/agile"))
    assert client.get(MYSELF).status_code == 200
    assert client.get("/rest/agile/1.0/board").status_code == 503


def test_slow_answers(broken: Any) -> None:
    client = broken(Faults(slow=0.05))
    begin = time.monotonic()
    assert client.get(MYSELF).status_code == 200
    assert time.monotonic() - begin >= 0.05


def test_faults_are_set_and_lifted_while_running(broken: Any) -> None:
    client = broken()
    assert client.post("/__demo__/faults", json={"html": True}).json() == {"active": True}
    assert client.get(MYSELF).headers["content-type"].startswith("text/html")
    assert client.post("/__demo__/faults", json={}).json() == {"active": False}
    assert client.get(MYSELF).json()["active"] is True
    assert client.post("/__demo__/faults", json={"thunder": True}).status_code == 400


def test_nobody_else_may_set_them(company: Company, asker: Callable[..., Any]) -> None:
    client = asker(create_app(company))
    client.client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=create_app(company), client=("203.0.113.9", 1)),
        base_url="http://127.0.0.1",
    )
    assert client.post("/__demo__/faults", json={"html": True}).status_code == 403
