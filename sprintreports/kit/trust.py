"""What to do when the certificate of the database, or of Redis, is not to be trusted: said instead of what OpenSSL says."""

import re
from collections.abc import Generator
from contextlib import contextmanager

import psycopg
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError

from sprintreports.kit.errors import Unavailable
from sprintreports.settings import settings

_REDIS_SECONDS = 3.0
_DATABASE = "SPRINTREPORTS_DATABASE_URL"
_REDIS = "SPRINTREPORTS_REDIS_URL"


class NotTrusted(Unavailable):
    """A server cannot be trusted, so nothing was sent to it."""


@contextmanager
def of_database() -> Generator[None]:
    """Around what connects to the database. Raises NotTrusted in place of the driver's own words."""
    try:
        yield
    except (psycopg.OperationalError, OperationalError) as error:
        sentence = about_database(str(error))
        if not sentence:
            raise
        raise NotTrusted(sentence) from None


async def check_redis() -> None:
    """Raises NotTrusted. A Redis that does not answer at the moment is none of this module's business."""
    url = settings().redis_url
    if not url:
        return
    try:
        client = Redis.from_url(  # pyright: ignore[reportUnknownMemberType]  # half typed
            url, socket_timeout=_REDIS_SECONDS, socket_connect_timeout=_REDIS_SECONDS
        )
    except ValueError as error:
        raise NotTrusted(f"{_REDIS} cannot be read: {error}") from None
    try:
        await client.ping()  # pyright: ignore[reportUnknownMemberType, reportGeneralTypeIssues]  # half typed
    except (RedisError, OSError) as error:
        sentence = about_redis(str(error))
        if sentence:
            raise NotTrusted(sentence) from None
    finally:
        await client.aclose()


def about_database(said: str) -> str:
    """A sentence for what libpq said about TLS; empty where it spoke of something else."""
    if "does not match host name" in said:
        return (
            f"The database's certificate is for another name than {_DATABASE} has. Write the name that stands in the "
            "certificate, or give the server a certificate for this name."
        )
    if missing := re.search(r'root certificate file "([^"]*)" does not exist', said):
        return (
            f"There is no file {missing[1]} with the certificate of the authority that signed the database's. Name it in "
            f"{_DATABASE}: …?sslmode=verify-full&sslrootcert=/path/to/ca.pem"
        )
    if "certificate verify failed" in said:
        return (
            "The database's certificate was not signed by an authority that is trusted here, or is not valid now. Name the "
            f"right authority's file in {_DATABASE}: …?sslmode=verify-full&sslrootcert=/path/to/ca.pem"
        )
    if "server does not support SSL" in said:
        return (
            f"The database does not speak TLS, but {_DATABASE} asks for it. Switch it on there (ssl = on in postgresql.conf), "
            "or, on a network that is yours alone, take sslmode out of the address."
        )
    return ""


def about_redis(said: str) -> str:
    """The same for what redis-py said."""
    if "ostname mismatch" in said or "IP address mismatch" in said:
        return (
            f"Redis's certificate is for another name than {_REDIS} has. Write the name that stands in the certificate, or "
            "give the server a certificate for this name."
        )
    if "CERTIFICATE_VERIFY_FAILED" in said:
        return (
            "Redis's certificate was not signed by an authority that is trusted here, or is not valid now. Name the right "
            f"authority's file in {_REDIS}: rediss://…?ssl_ca_certs=/path/to/ca.pem"
        )
    if "No such file" in said:
        return f"A file that {_REDIS} names is not there. Correct ssl_ca_certs: rediss://…?ssl_ca_certs=/path/to/ca.pem"
    return ""
