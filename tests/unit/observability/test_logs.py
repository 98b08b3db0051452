"""Logs: structured, with request ids, and without secrets."""

import json
import logging

import pytest
import structlog

from sprintreports.observability import logs

SECRETS = [
    ("Authorization: Basic ZGVtbzpkZW1v", "ZGVtbzpkZW1v"),
    ("authorization': 'Bearer abc.def.ghi'", "abc.def.ghi"),
    ("cookie: sprintreports_session=s3cr3t-value; theme=dark", "s3cr3t-value"),
    ("cookie: tz=UTC; __Host-sprintreports_session=s3cr3t-value", "s3cr3t-value"),
    ("cookie: tz=UTC; sprintreports_sign_in=s3cr3t-value; a=b", "s3cr3t-value"),
    ("cookie: tz=UTC; __Host-sprintreports_sso_ab12=s3cr3t-value", "s3cr3t-value"),
    ("https://host/path?token=s3cr3t&x=1", "s3cr3t"),
    ("password=hunter2hunter2", "hunter2hunter2"),
    ("the header X-API-Key: srk_Vb3nT0x9Qa2L_" + "k" * 43, "k" * 43),
    ("POST code=sra_" + "c" * 43, "c" * 43),
    ("got eyJhbGciOiJFZDI1NTE5In0.eyJzdWIiOiI3In0.c2lnbmF0dXJl back", "eyJzdWIiOiI3In0"),
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_text_is_redacted(text: str, secret: str):
    assert secret not in logs.redact(text)
    assert "[redacted]" in logs.redact(text)


def test_ordinary_text_stays():
    sentence = "Synced 12 issues of board Checkout in 3.2 s"
    assert logs.redact(sentence) == sentence


def test_entries_are_json_with_the_request_id_and_without_secrets(capsys):
    logs.configure()
    structlog.contextvars.clear_contextvars()
    assert logs.request_id() == ""
    given = logs.bind_request_id("req_1234")
    logs.get("jira.sync").info("page_stored", issues=7, api_key="s3cr3t", url="http://x/?token=abc")
    entry = json.loads(capsys.readouterr().err.strip().splitlines()[-1])
    assert given == logs.request_id() == "req_1234"
    assert entry["request_id"] == "req_1234"
    assert (entry["event"], entry["issues"], entry["component"]) == ("page_stored", 7, "jira.sync")
    assert entry["api_key"] == "[redacted]"
    assert "abc" not in entry["url"]
    structlog.contextvars.clear_contextvars()


def test_what_libraries_log_is_redacted_too():
    record = logging.LogRecord(
        "lib", logging.ERROR, "f", 1, "headers %s", ("cookie: sprintreports_session=abc",), None
    )
    assert logs._RedactFilter().filter(record) is True
    assert "abc" not in record.getMessage()


def test_request_ids_are_new_each_time():
    assert logs.new_request_id() != logs.new_request_id()
    assert logs.new_request_id().startswith("req_")
