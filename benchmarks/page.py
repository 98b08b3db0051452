"""The sprint page in a browser: when something is painted, when its chart can be used."""

from benchmarks import charts, web
from benchmarks.figures import Result, Row, Target
from benchmarks.ground import Ground
from sprintreports.identity.sessions import COOKIE_NAME

_RUNS, _QUICK_RUNS = 7, 2


def measure(ground: Ground) -> Result:
    """Warm: the browser has been on the page before, so that scripts come from its cache. On the loopback interface."""
    with web.serving(ground) as served:
        (cookie,) = web.cookies(1)
        address = f"{served.base_url}/sprint?sprint={served.active[0]}"
        with charts.chromium() as browser:
            page = charts.new_page(browser, base_url=served.base_url, cookie=(COOKIE_NAME, cookie))
            cold = charts.times(page, address)
            charts.times(page, address)
            runs = [charts.times(page, address) for _ in range(_QUICK_RUNS if ground.quick else _RUNS)]
    note = (
        f"The very first visit with an empty cache: paint {cold.first_paint:.1f} s, burndown {cold.first_chart:.1f} s. "
        "Browser, web process and database share the two cores."
    )
    return Result(
        "page",
        "The sprint page in headless Chromium, warm",
        [
            Row("first contentful paint", [run.first_paint for run in runs], "s", Target(must=3, aim=0.6)),
            Row("the burndown can be used", [run.first_chart for run in runs], "s", Target(must=3, aim=1.5)),
            Row("all three charts can be used", [run.all_charts for run in runs], "s"),
        ],
        [note],
    )
