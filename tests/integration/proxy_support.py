"""nginx with the project's own deploy/nginx.conf: other ports, names and folders put in, and nothing else changed."""

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from sprintreports.kit.embedded import free_port, service_user
from tests.tls_support import Authority, authority

ROOT = Path(__file__).resolve().parents[2]
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
# As Debian has it around the files of conf.d: our file must hold inside of that, old protocols and all.
_AROUND = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    default_type application/octet-stream;
    ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
    ssl_ciphers ALL:@SECLEVEL=0;
    gzip on;
    include {folder}/sprintreports.conf;
}}
"""


@dataclass(frozen=True, slots=True)
class Front:
    """A running nginx."""

    http: int
    https: int
    folder: Path
    trusts: Authority

    @property
    def url(self) -> str:
        return f"https://localhost:{self.https}"

    def browser(self, *, source: str = "127.0.0.1") -> httpx.Client:
        """Somebody at another address of this machine."""
        wire = httpx.HTTPTransport(verify=self.trusts.trusted(), local_address=source)
        return httpx.Client(base_url=self.url, transport=wire, headers={"Origin": self.url}, trust_env=False)

    def logged(self) -> str:
        return "".join(path.read_text() for path in self.folder.glob("sprintreports.*.log"))


@contextmanager
def fronted(*, web: int, http: int = 0, https: int = 0) -> Iterator[Front]:
    """nginx before the web process at this port."""
    if NGINX is None:
        pytest.skip("nginx is not installed: deploy/install-nginx.sh")
    folder = Path(tempfile.mkdtemp(prefix="sprintreports-nginx-"))
    front = Front(http or free_port(), https or free_port(), folder, authority(folder / "authority"))
    certificate, key = front.trusts.server("localhost")
    (folder / "sprintreports.conf").write_text(_ours(front, web, certificate, key))
    (folder / "nginx.conf").write_text(_AROUND.format(folder=folder))
    user = service_user()
    if user is not None:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user, -1)
    process = subprocess.Popen(
        [NGINX, "-p", str(folder), "-e", str(folder / "nginx.log"), "-c", str(folder / "nginx.conf")],
        user=user, group=None if user is None else pwd.getpwuid(user).pw_gid, extra_groups=None if user is None else [],
    )  # fmt: skip
    try:
        _wait_for(front, process)
        yield front
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _ours(front: Front, web: int, certificate: Path, key: Path) -> str:
    text = re.sub(
        r"^ *listen \[::\].*\n", "", (ROOT / "deploy" / "nginx.conf").read_text(), flags=re.MULTILINE
    )
    for written, here, times in (
        ("listen 80", f"listen 127.0.0.1:{front.http}", 2),
        ("listen 443", f"listen 127.0.0.1:{front.https}", 2),
        ("server 127.0.0.1:8000;", f"server 127.0.0.1:{web};", 1),
        ("/etc/ssl/certs/sprints.example.com.pem", str(certificate), 1),
        ("/etc/ssl/private/sprints.example.com.key", str(key), 1),
        ("https://sprints.example.com$request_uri", f"{front.url}$request_uri", 1),
        ("server_name sprints.example.com;", "server_name localhost;", 2),
        ("/var/log/nginx/", f"{front.folder}/", 4),
    ):
        assert text.count(written) == times, written
        text = text.replace(written, here)
    return text


def _wait_for(front: Front, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(f"http://localhost:{front.http}/", trust_env=False)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    log = front.folder / "nginx.log"
    raise RuntimeError(f"nginx did not start: {log.read_text() if log.exists() else ''}")
