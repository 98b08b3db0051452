"""An installed Chromium that prints, driven over a pipe: no port, no network.

One browser a process, started when it is needed and ended when nobody has needed it for a while. Each page is a context of its own
that is offline, and whatever it asks for besides what it was given is refused.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, Error, Page, Playwright, Route, async_playwright
from playwright.async_api import TimeoutError as TookTooLong

from sprintreports.kit.errors import Unavailable
from sprintreports.observability import logs
from sprintreports.settings import environment, settings

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
AT_ONCE = 2  # pages; each takes a core
MOST_PAGES = 50  # of one browser, then a new one is started: what it has not given back is given back
IDLE_SECONDS = 60.0
LONGEST_SECONDS = 120.0  # for one page, unless its caller says otherwise
_START_SECONDS = 30.0
_ADDRESS = "http://report.invalid/"  # of the page's own content; no such host can be (RFC 2606)
_ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-domain-reliability",
    "--disable-features=Translate,OptimizationHints,MediaRouter",
    "--disable-gpu",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
    "--js-flags=--max-old-space-size=1024",
)

# What Chromium and Playwright say where there can be no sandbox.
_NOT_ALLOWED = re.compile(
    r"sandboxing failed|usable sandbox|SUID sandbox|move to new namespace", re.IGNORECASE
)

log = logs.get("reports.browser")


class NoBrowser(Unavailable):
    """PDF and pictures need an installed Chromium or Chrome, and there is none on the machine of the worker. Install one
    (Debian and Ubuntu: apt-get install chromium), or name its program in SPRINTREPORTS_CHROMIUM."""


class NoSandbox(Unavailable):
    """PDF and pictures need Chromium's sandbox here, and this machine does not allow one. Have another user than root run the worker
    and allow user namespaces, or take SPRINTREPORTS_CHROMIUM_SANDBOX_REQUIRED away."""


class BrowserFailed(Unavailable):
    """The browser that prints could not be started or has died. Try again in a moment; the log says what it said."""


class PrintingTookTooLong(Unavailable):
    """Printing took longer than it may. Choose a smaller report, or another format such as HTML or XLSX."""


@dataclass(slots=True)
class _Running:
    """The browser of an event loop, and who uses it."""

    loop: asyncio.AbstractEventLoop
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    starting: asyncio.Lock = field(default_factory=asyncio.Lock)
    playwright: Playwright | None = None
    browser: Browser | None = None
    pages: int = 0
    users: int = 0
    closing: asyncio.TimerHandle | None = None


class _Here:
    running: _Running | None = None
    tasks: set[asyncio.Task[None]] = set()  # noqa: RUF012  # the loop itself keeps only weak references


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page with its content in it. Its methods raise BrowserFailed and PrintingTookTooLong."""

    _page: Page

    async def told(self, expression: str, argument: Any = None) -> Any:
        """What a function of JavaScript returns in the page, as JSON."""
        return await self._page.evaluate(expression, argument)

    async def ready(self, selector: str) -> None:
        """Wait until there is such an element."""
        await self._page.wait_for_selector(selector, state="attached")

    async def printed(self, *, tagged: bool = True) -> bytes:
        """The page as PDF with an outline; paper and margins are those of its style sheet."""
        return await self._page.pdf(
            outline=True, tagged=tagged, prefer_css_page_size=True, print_background=True
        )


def program() -> str | None:
    """The program of the browser, by the setting or on PATH."""
    return (
        shutil.which(settings().chromium)
        if settings().chromium
        else next(filter(None, map(shutil.which, NAMES)), None)
    )


@asynccontextmanager
async def sheet(
    content: str, *, width: int, height: int, seconds: float = LONGEST_SECONDS
) -> AsyncGenerator[Sheet]:
    """A page that shows the content, as it would be printed. width, height: CSS pixels of its window.

    At most `AT_ONCE` are open, and whoever comes next waits. Raises NoBrowser, BrowserFailed, PrintingTookTooLong.
    """
    running = _of_this_loop()
    async with running.turns:
        running.users += 1
        _stay(running)
        try:
            async with asyncio.timeout(seconds):
                browser = await _opened(running)
                context = await browser.new_context(
                    viewport={"width": width, "height": height}, offline=True, accept_downloads=False, service_workers="block",
                    color_scheme="light", reduced_motion="reduce", locale="en-GB", timezone_id="UTC",
                )  # fmt: skip
                try:
                    yield await _filled(context, content, seconds)
                finally:
                    with contextlib.suppress(Error):
                        await context.close()
        except (TimeoutError, TookTooLong) as error:
            raise PrintingTookTooLong from error
        except Error as error:
            log.warning("browser_failed", error=error.message[:500])
            raise BrowserFailed from error
        finally:
            running.users -= 1
            _leave(running)


async def close() -> None:
    """End the browser of this process, if there is one."""
    running, _Here.running = _Here.running, None
    if running is not None:
        await _ended(running)


async def _filled(context: Any, content: str, seconds: float) -> Sheet:
    page: Page = await context.new_page()
    page.set_default_timeout(1000 * seconds)

    async def answer(route: Route) -> None:
        if route.request.url == _ADDRESS and route.request.resource_type == "document":
            await route.fulfill(body=content, content_type="text/html; charset=utf-8")
        else:
            await route.abort()

    await page.route("**/*", answer)
    await page.emulate_media(media="print", color_scheme="light")
    await page.goto(_ADDRESS, wait_until="load")
    return Sheet(page)


def _of_this_loop() -> _Running:
    loop = asyncio.get_running_loop()
    if _Here.running is None or _Here.running.loop is not loop:
        _Here.running = _Running(loop)
    return _Here.running


async def _opened(running: _Running) -> Browser:
    """The browser, started where there is none, where it has died, and where it has shown many pages and nobody uses it."""
    async with running.starting:
        worn = running.pages >= MOST_PAGES and running.users <= 1
        if running.browser is not None and (worn or not running.browser.is_connected()):
            await _ended(running)
        if running.browser is None:
            await _start(running)
        running.pages += 1
        assert running.browser is not None  # noqa: S101  # just started
        return running.browser


async def _start(running: _Running) -> None:
    found = program()
    if found is None:
        raise NoBrowser
    try:
        running.playwright = await async_playwright().start()
        running.browser = await _launched(running.playwright, found)
    except BaseException:
        await _ended(running)
        raise
    running.pages = 0
    log.info("browser_started", version=running.browser.version)


async def _launched(playwright: Playwright, found: str) -> Browser:
    """In Chromium's own sandbox, unless root runs it, whose processes cannot be put into one, or the machine does not allow it.

    Containers usually do not: they are a sandbox themselves. The log says when it is without. What it is shown is a page of ours,
    offline, whose policy knows its scripts by their hashes: the sandbox is the second wall, and whoever runs the server may
    insist on it. A browser that does not start for another reason is not started without.
    """
    if os.geteuid() == 0:
        return await _launch_without(playwright, found, "root runs it")
    try:
        return await _launch(playwright, found, sandboxed=True)
    except Error as error:
        if not _NOT_ALLOWED.search(error.message):
            raise
        return await _launch_without(playwright, found, error.message)


async def _launch_without(playwright: Playwright, found: str, why: str) -> Browser:
    if settings().chromium_sandbox_required:
        log.error("browser_has_no_sandbox", error=why[:500])
        raise NoSandbox
    log.warning("browser_without_sandbox", error=why[:500])
    return await _launch(playwright, found, sandboxed=False)


async def _launch(playwright: Playwright, found: str, *, sandboxed: bool) -> Browser:
    return await playwright.chromium.launch(
        executable_path=found, headless=True, chromium_sandbox=sandboxed, args=list(_ARGUMENTS), timeout=1000 * _START_SECONDS,
        handle_sigint=False, handle_sigterm=False, handle_sighup=False, env=_surroundings(),
    )  # fmt: skip


def _surroundings() -> dict[str, str | float | bool]:
    """What the browser knows of this process's environment, in which there are secrets: nothing but where programs are."""
    return {"PATH": environment().get("PATH", ""), "HOME": tempfile.gettempdir(), "LANG": "C.UTF-8"}


async def _ended(running: _Running) -> None:
    """Whatever is left of it."""
    browser, playwright = running.browser, running.playwright
    running.browser = running.playwright = None
    for end in (browser and browser.close, playwright and playwright.stop):
        if end is not None:
            with contextlib.suppress(Error):
                await end()


def _stay(running: _Running) -> None:
    if running.closing is not None:
        running.closing.cancel()
        running.closing = None


def _leave(running: _Running) -> None:
    """The last one out ends the browser after a while."""
    if running.users == 0:
        _stay(running)
        running.closing = running.loop.call_later(IDLE_SECONDS, _rest, running)


def _rest(running: _Running) -> None:
    if running.users == 0:
        task = running.loop.create_task(_ended(running))
        _Here.tasks.add(task)
        task.add_done_callback(_Here.tasks.discard)
