"""For tests: the stand-in Jira in a process of its own, on a free port, stopped at the end."""

import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from sprintreports.demo.catalog import APP_TOKEN, DEMO_EMAIL, DEMO_TOKEN, RESTRICTED_TOKEN, Dialect
from sprintreports.demo.faults import Faults

_PATIENCE = 60.0
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_FAREWELL = 10.0


@dataclass(frozen=True, slots=True)
class RunningDemo:
    """`base_url` answers. A replay's sites are below `{base_url}/site/{connection}`."""

    base_url: str
    pid: int
    email: str = DEMO_EMAIL
    token: str = DEMO_TOKEN
    restricted_token: str = RESTRICTED_TOKEN
    app_token: str = APP_TOKEN

    def edit(self, count: int, *, seed: int | str = 1, **options: Any) -> list[dict[str, Any]]:
        """Let people edit the company (see demo.control.EditOrder); what they did."""
        return self.order("edits", {"count": count, "seed": seed, **options})["edits"]

    def listen(self, url: str, **options: Any) -> int:
        """Register a webhook as an admin does (see demo.control.HookOrder); its id."""
        return self.order("webhooks", {"url": url, **options})["id"]

    def deliver(self, **how: Any) -> None:
        """Let held webhooks go (see demo.postman.Delivery)."""
        self.order("deliveries", how)

    def deliveries(self) -> dict[str, int]:
        """How many webhooks were written, sent, accepted, refused, lost, and are still on their way."""
        return self.order("deliveries", None)

    def faults(self, *rules: dict[str, Any], **states: Any) -> None:
        """From now on these are wrong and nothing else (see demo.faults); none: all is well again."""
        self.order("faults", {"rules": list(rules), **states})

    def atlassian(self, **order: Any) -> None:
        """What becomes of grants and sign-ins (see demo.oauth.OAuthOrder)."""
        self.order("oauth", order)

    def order(self, what: str, body: dict[str, Any] | None) -> Any:
        """Pull one of the strings behind the stand-in. Raises for a refusal, with its sentence."""
        request = urllib.request.Request(  # noqa: S310  # our own process
            f"{self.base_url}/__standin__/{what}",
            data=None if body is None else msgspec.json.encode(body),
            headers={"Content-Type": "application/json"},
        )
        try:
            with _DIRECT.open(request, timeout=_PATIENCE) as answer:
                return msgspec.json.decode(answer.read() or b"null")
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise ValueError(refusal.read().decode()) from None


@contextmanager
def running_demo(
    *,
    dialect: Dialect = Dialect.CLOUD,
    seed: int | str = 1,
    scale: float = 0.2,
    chatter: int = 0,
    now: int | None = None,
    replay: Path | None = None,
    port: int = 0,
    faults: Faults | None = None,
    patience: float = _PATIENCE,
) -> Generator[RunningDemo]:
    """Raises RuntimeError with what the process said if it does not come up."""
    with tempfile.TemporaryDirectory(prefix="demo-jira-") as folder:
        ready = Path(folder) / "url"
        command = [
            sys.executable, "-m", "sprintreports.demo", "--port", str(port), "--dialect", dialect.value,
            "--seed", str(seed), "--scale", str(scale), "--ready-file", str(ready),
        ]  # fmt: skip
        if chatter:
            command += ["--chatter", str(chatter)]
        if now is not None:
            command += ["--now", str(now)]
        if replay is not None:
            command += ["--replay", str(replay)]
        if faults is not None:
            command += ["--faults", msgspec.json.encode(faults).decode()]
        errors = Path(folder) / "errors"
        with (
            errors.open("w") as sink,
            subprocess.Popen(command, stdout=sink, stderr=subprocess.STDOUT) as process,
        ):
            try:
                yield RunningDemo(_wait_for(ready, process, errors, patience), process.pid)
            finally:
                _stop(process)


def _wait_for(ready: Path, process: subprocess.Popen[bytes], errors: Path, patience: float) -> str:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if ready.exists():
            return ready.read_text(encoding="utf-8")
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise RuntimeError(f"The stand-in Jira did not start: {errors.read_text(encoding='utf-8').strip()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_FAREWELL)
    except subprocess.TimeoutExpired:
        process.kill()
