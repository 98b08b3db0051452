"""An installed Chromium, and the moment at which a page's charts can be used."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PATIENCE_MS = 60_000
_SIZE = {"width": 1440, "height": 900}
# Looks at every frame whether the charts asked for are drawn: plotly marks a finished one's layer for hovering and zooming.
WATCH = """
(() => {
  const look = () => {
    const drawn = [...document.querySelectorAll('.js-plotly-plot')]
      .filter(plot => plot.querySelector('.trace') && plot.querySelector('.nsewdrag') && plot._fullLayout);
    if (drawn.length >= 1 && !window.firstChart) window.firstChart = performance.now();
    if (drawn.length >= 3 && !window.allCharts) window.allCharts = performance.now();
    if (!window.allCharts) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();
"""


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds since the navigation began."""

    first_paint: float
    first_chart: float
    all_charts: float


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser. Raises RuntimeError where none is installed."""
    path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if path is None:
        raise RuntimeError(
            "No Chromium or Chrome is installed. Install one (Debian: apt-get install chromium)."
        )
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def new_page(browser: Browser, *, base_url: str = "", cookie: tuple[str, str] | None = None) -> Page:
    """A page of a desktop's size whose charts are watched, signed in where a cookie (name, value) is given."""
    context = browser.new_context(viewport=_SIZE)
    context.set_default_timeout(_PATIENCE_MS)
    if cookie is not None:
        context.add_cookies([{"name": cookie[0], "value": cookie[1], "url": base_url}])
    context.add_init_script(WATCH)
    return context.new_page()


def wait_for_chart(page: Page) -> None:
    """Return as soon as one chart on the page can be used."""
    page.wait_for_function("window.firstChart")


def times(page: Page, address: str) -> Times:
    """Open an address as a reader does who has been there before, and see when what is there."""
    page.goto(address, wait_until="commit")
    page.wait_for_function("window.allCharts")
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    first, last = page.evaluate("[window.firstChart, window.allCharts]")
    return Times(paint / 1000, first / 1000, last / 1000)
