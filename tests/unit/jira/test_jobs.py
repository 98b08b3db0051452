"""Every job that is deferred by name is registered, and gets what its payload type says."""

import ast
import asyncio
import importlib
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

import msgspec
import pytest
from procrastinate import App
from procrastinate.jobs import Job
from procrastinate.testing import InMemoryConnector

from sprintreports.jobs import retrying
from sprintreports.jobs.payloads import PAYLOADS
from sprintreports.jobs.registration import register
from sprintreports.kit import clock

SOURCES = Path(__file__).parents[3] / "sprintreports"


def deferred() -> list[tuple[str, str, tuple[str, ...] | None]]:
    """(file, job name, keys of its payload where it is written out) of every call of queue.defer."""
    found = []
    for path in sorted(SOURCES.rglob("*.py")):
        if path.parent.name == "kit":
            continue
        tree = ast.parse(path.read_text())
        dicts = {
            target.id: node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("queue.defer", "defer"):
                name, payload = node.args[1], node.args[2]
                module = ".".join(("sprintreports", *path.relative_to(SOURCES).with_suffix("").parts))
                text = (
                    name.value
                    if isinstance(name, ast.Constant)
                    else getattr(importlib.import_module(module), name.id)
                )
                written = dicts.get(payload.id) if isinstance(payload, ast.Name) else payload
                keys = (
                    tuple(sorted(key.value for key in written.keys))
                    if isinstance(written, ast.Dict)
                    else None
                )
                found.append((str(path.relative_to(SOURCES)), text, keys))
    return found


def test_something_is_deferred():
    assert {name for _, name, _ in deferred()} >= {"jira.sync", "jira.facts"}


@pytest.mark.parametrize(("file", "name", "keys"), deferred(), ids=str)
def test_every_deferred_name_is_registered_with_its_payload(file, name, keys):
    app = register(App(connector=InMemoryConnector()))
    assert name in app.tasks
    fields = {field.name: field for field in msgspec.structs.fields(PAYLOADS[name])}
    assert keys is not None, "write the payload out where it is deferred, so that this test can read it"
    assert set(keys) <= set(fields)
    assert {field for field, info in fields.items() if info.required} <= set(keys)


def test_every_registered_job_has_a_payload_type():
    app = register(App(connector=InMemoryConnector()))
    ours = {name for name in app.tasks if "procrastinate." not in name}
    assert ours == set(PAYLOADS)


def test_registering_twice_changes_nothing():
    app = App(connector=InMemoryConnector())
    assert register(register(app)) is app


def test_a_payload_of_another_shape_is_refused():
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"run_id": "seven"}, PAYLOADS["jira.sync"])
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"run_id": 7, "mood": "good"}, PAYLOADS["jira.sync"])


def job(attempts: int) -> Job:
    return Job(id=1, queue="default", lock=None, queueing_lock=None, task_name="jira.sync", attempts=attempts)


def decided(error: BaseException, attempts: int = 0) -> timedelta | None:
    decision = retrying.Retrying().get_retry_decision(exception=error, job=job(attempts))
    return None if decision is None or decision.retry_at is None else decision.retry_at - clock.now()


def test_an_interrupted_job_goes_back_in_line_at_once():
    wait = decided(asyncio.CancelledError(), attempts=99)
    assert wait is not None
    assert wait <= timedelta(0)


def test_waits_grow_and_end():
    waits = [retrying.wait_after(attempt) for attempt in range(1, 12)]
    assert 5 <= waits[0] <= 10
    assert all(wait <= 900 for wait in waits)
    assert decided(ValueError(), attempts=retrying.MAX_ATTEMPTS) is None


def test_a_wait_that_somebody_asked_for_is_kept():
    wait = decided(retrying.TryAgain("slow down", wait=1800))
    assert wait is not None
    assert timedelta(seconds=1790) < wait <= timedelta(seconds=1800)


def test_the_queue_is_of_the_release_whose_schema_was_installed():
    revision = (SOURCES.parent / "alembic" / "versions" / "0003_queue.py").read_text()
    installed = ".".join(version("procrastinate").split(".")[:2])
    assert f'PROCRASTINATE = "{installed}"' in revision, (
        "procrastinate moved on: bring the files of procrastinate/sql/migrations since then in a new revision"
    )
