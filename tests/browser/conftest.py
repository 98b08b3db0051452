"""One deployment and one browser for all browser tests. The data comes in as an admin's does: through the wizard."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, sync_playwright

from sprintreports import settings as settings_module
from sprintreports.kit import crypto, queue
from sprintreports.kit.embedded import EmbeddedPostgres
from tests.browser.harness import (
    PASSWORD,
    Product,
    Visitor,
    add_queue,
    add_reader,
    add_teams,
    apart,
    installed_browser,
    running_product,
    visitor,
)
from tests.browser.wizard import walk_through

NewVisitor = Callable[..., Visitor]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = installed_browser()
    if program is None:
        pytest.skip("no Chromium or Chrome is installed: `apt-get install chromium`")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def fresh_product(
    postgres: EmbeddedPostgres, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Product]:
    """A deployment that nobody has set up yet."""
    name = f"browser_{secrets.token_hex(4)}"
    with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPRINTREPORTS_DATABASE_URL", postgres.url_of(name))
        settings_module.reload()
        crypto.forget_key()
        queue.app.cache_clear()
        with running_product(postgres.url_of(name), tmp_path_factory.mktemp("product")) as running:
            yield running
    settings_module.reload()


@pytest.fixture(scope="session")
def product(fresh_product: Product, browser: Browser, screenshots: Path) -> Product:
    """The deployment after its first run: an admin, a synced Jira, a reader, and teams."""
    with visitor(browser, fresh_product.url) as admin:
        walk_through(admin, fresh_product, screenshots)
    apart(add_reader)
    apart(add_teams)
    apart(add_queue)
    return fresh_product


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("screenshots")


@pytest.fixture
def guest(product: Product, browser: Browser) -> Iterator[NewVisitor]:
    """Makes visitors who have not signed in."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(visitor(browser, product.url, **options))


@pytest.fixture
def admin(guest: NewVisitor) -> Visitor:
    """A signed-in admin on the overview."""
    signed_in = guest()
    signed_in.sign_in(password=PASSWORD)
    signed_in.page.wait_for_selector(".sprint-card")
    return signed_in
