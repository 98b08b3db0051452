"""Every door that leads to a job is in the committed table: one that is not listed fails here."""

import pytest
from fastapi.routing import APIRoute

from sprintreports.api.app import ROUTERS
from sprintreports.ui import guard, routes
from tests.integration.matrix_handlers import RULES
from tests.integration.matrix_jobs import BY_COMMAND, BY_JIRA, BY_JOBS, BY_PAGE, BY_REST
from tests.unit.jira.job_triggers import Node, jobs_of

# The worker's own loop leads to all that its jobs lead to.
_WORKER = {"worker"}
_LOOPS = {"chores.every_so_often", "chores.requeue_orphans", "chores.schedule", "registration.register"}


@pytest.fixture(scope="module")
def leading() -> dict[Node, str]:
    assert guard.rule_of, routes.register  # importing the routes registers every state
    return {node: " ".join(sorted(jobs)) for node, jobs in jobs_of().items()}


def test_routes(leading: dict[Node, str]) -> None:
    found = {
        f"{method} {route.path}": leading[node]
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and (node := (route.endpoint.__module__, route.endpoint.__qualname__)) in leading
        for method in route.methods
    }  # fmt: skip
    assert found == BY_REST | BY_JIRA


def test_handlers_of_pages(leading: dict[Node, str]) -> None:
    found = {
        name: jobs for (module, name), jobs in leading.items() if module.startswith("sprintreports.ui") and name in RULES
    }  # fmt: skip
    assert found == BY_PAGE
    others = {
        (module, name)
        for module, name in leading
        if module.startswith("sprintreports.ui") and "._" not in name
    }
    assert {name for _, name in others} == set(BY_PAGE), "a form's route starts a job: list it"


def test_commands(leading: dict[Node, str]) -> None:
    found = {name: jobs for (module, name), jobs in leading.items() if module == "sprintreports.cli.commands"}
    assert found.keys() - _WORKER == BY_COMMAND.keys()
    assert {name: jobs for name, jobs in found.items() if name not in _WORKER} == BY_COMMAND


def test_background_work(leading: dict[Node, str]) -> None:
    found = {
        f"{module.rpartition('.')[2]}.{name}": jobs
        for (module, name), jobs in leading.items()
        if module.startswith("sprintreports.jobs") and not module.endswith(".worker")
    }
    assert {name: jobs for name, jobs in found.items() if name not in _LOOPS} == BY_JOBS
