"""Every setting, typed and read once from the environment (`SPRINTREPORTS_*`).

This is the only module that may look at the environment.
"""

import os
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parents[1]


class Settings(BaseSettings):
    """One deployment's settings. Names are the environment's, without the prefix."""

    model_config = SettingsConfigDict(env_prefix="SPRINTREPORTS_", extra="ignore")

    # Where it runs
    data_dir: Path = Field(PROJECT_ROOT / ".sprintreports", description="keys, front end, embedded database")
    host: str = Field("127.0.0.1", description="address that the web process listens on")
    port: int = Field(8000, ge=1, le=65535, description="port that the web process listens on")
    public_url: str = Field("", description="the address that browsers use; empty: http://localhost:<port>")

    trusted_proxies: str = Field(
        "127.0.0.1",
        description="addresses and networks whose X-Forwarded headers are believed; separated by commas; empty: none",
    )

    web_dir: Path | None = Field(None, description="folder of the built pages; default: <data_dir>/web")
    postgres_bin: Path | None = Field(
        None, description="folder of another PostgreSQL server's programs for the embedded database"
    )

    # What it needs
    database_url: str = Field(
        "",
        description="postgresql://…, with TLS …?sslmode=verify-full&sslrootcert=FILE; empty: the embedded server",
    )
    database_pool: int = Field(10, ge=1, le=200, description="connections that a process keeps")
    redis_url: str = Field(
        "",
        description="redis://…, with TLS rediss://…?ssl_ca_certs=FILE, for several web processes; empty: one process",
    )
    secret_key: SecretStr = Field(
        SecretStr(""), description="base64 of 32 bytes; empty: kept in secret_key_file"
    )
    secret_key_file: Path | None = Field(None, description="default: <data_dir>/secret.key")
    secret_key_command: str = Field(
        "", description="program with arguments that prints the key (a key service's client); empty: none"
    )
    secret_key_command_seconds: float = Field(30.0, gt=0, le=600, description="how long it may take")
    secret_key_old: SecretStr = Field(
        SecretStr(""), description="earlier keys, which still open what they sealed; separated by commas"
    )
    secret_key_old_file: Path | None = Field(None, description="file of earlier keys, one a line")

    # People
    admin_email: str = Field(
        "", description="e-mail address of the first admin that `up` and `create-admin` make"
    )
    admin_password: SecretStr = Field(
        SecretStr(""), description="that admin's password; empty: generated or asked for"
    )

    session_idle_minutes: int = Field(
        720, ge=5, le=43200, description="minutes after which an unused browser session ends"
    )
    session_longest_hours: int = Field(
        168, ge=1, le=2160, description="hours after which every browser session ends"
    )

    # Programs
    password_grant: bool = Field(
        True,
        description="whether programs get tokens for a local account's password (OAuth 2.0 password grant)",
    )
    requests_per_minute: int = Field(
        6000, ge=1, le=10_000_000, description="REST requests a minute of one user, key or client"
    )
    anonymous_requests_per_minute: int = Field(
        1200,
        ge=1,
        le=10_000_000,
        description="REST requests a minute of one address that nobody signed in for",
    )

    # Work
    sync_interval_minutes: int = Field(
        15, ge=1, le=24 * 60, description="minutes between syncs of a site that has no schedule of its own"
    )
    jira_timeout_seconds: float = Field(30.0, gt=0, le=600, description="how long an answer of Jira may take")
    jira_concurrency: int = Field(4, ge=1, le=16, description="requests to one Jira at once")
    atlassian_auth_url: str = Field(
        "https://auth.atlassian.com", description="where people sign in with Atlassian (OAuth 2.0)"
    )
    atlassian_api_url: str = Field(
        "https://api.atlassian.com", description="where Atlassian answers to apps (OAuth 2.0)"
    )
    outgoing_allowed: str = Field(
        "",
        description="hosts, addresses and networks that may be asked although they are private or without TLS; "
        "separated by commas",
    )
    outgoing_ca_file: Path | None = Field(
        None,
        description="PEM file of certificate authorities that Jira and providers may have besides public ones",
    )
    job_heartbeat_seconds: float = Field(
        5.0, gt=0, le=60, description="how often a worker says that it lives"
    )
    job_stalled_seconds: float = Field(
        20.0, gt=0, le=600, description="silence after which its jobs go to another"
    )

    # Files of reports
    chromium: str = Field(
        "",
        description="program of an installed Chromium or Chrome, which prints PDF and pictures; empty: looked for on PATH",
    )
    chromium_sandbox_required: bool = Field(
        False,
        description="true: no PDF and no pictures where Chromium cannot be in its own sandbox; false: there it goes without",
    )

    # What is kept
    audit_days: int = Field(
        365, ge=0, le=36_500, description="days after which audit entries go to a sealed file; 0: never"
    )

    # What operators see
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    log_json: bool = Field(True, description="false: logs for people instead of JSON")
    metrics_token: SecretStr = Field(
        SecretStr(""), description="bearer token of /metrics; empty: loopback only"
    )

    @field_validator("trusted_proxies")
    @classmethod
    def _name_proxies(cls, given: str) -> str:
        for one in filter(None, map(str.strip, given.split(","))):
            try:
                ip_network(one)
            except ValueError:
                raise ValueError(
                    f"{one} is neither an address nor a network. Whoever may say where a request came from is named as "
                    "10.0.0.7 or 10.0.0.0/24; there is no * for everybody."
                ) from None
        return given

    @model_validator(mode="after")
    def _fill(self) -> Self:
        if not self.public_url:
            self.public_url = f"http://localhost:{self.port}"
        return self

    @property
    def browser_origins(self) -> list[str]:
        """Origins that browsers may come from: the public one and, on this machine, both of its names."""
        own = self.public_url.rstrip("/")
        twin = own.replace("://localhost", "://127.0.0.1", 1)
        return [own] if twin == own else [own, twin]

    @property
    def web_folder(self) -> Path:
        """Where this deployment keeps its front end: an image brings it along, a checkout builds it."""
        return self.web_dir or self.data_dir / "web"

    @property
    def chart_script(self) -> Path:
        """Plotly's small bundle, which the build of the front end leaves there for files that draw their own charts."""
        return self.web_folder / "plotly-basic.min.js"

    @property
    def key_file(self) -> Path:
        return self.secret_key_file or self.data_dir / "secret.key"


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()  # pyright: ignore[reportCallIssue]  # pydantic-settings fills the fields


def reload() -> Settings:
    """Read the environment again: the command line does so after it has set a child's values."""
    settings.cache_clear()
    return settings()


def environment(**changes: str) -> dict[str, str]:
    """This process's environment with changes, for a child process."""
    return {**os.environ, **changes}


def set_variable(name: str, value: str) -> None:
    """Set `SPRINTREPORTS_<name>` for this process and its children, and read the settings again."""
    os.environ[f"SPRINTREPORTS_{name.upper()}"] = value
    reload()
