"""The command line: one command a process, each a door of its own."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from sprintreports import __version__
from sprintreports.kit.errors import SprintReportsError

app = typer.Typer(
    name="sprintreports",
    help="Sprint numbers by Jira's own rules, read from Jira's history.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def main() -> None:
    """Run a command; an expected error is one sentence on stderr and exit code 1."""
    try:
        app()
    except SprintReportsError as error:
        print(f"sprintreports: {error.message}", file=sys.stderr)
        for problem in error.details:
            print(f"  {problem.field}: {problem.message}", file=sys.stderr)
        sys.exit(1)
    except ValidationError as error:
        if error.title != "Settings":
            raise
        from sprintreports.cli import starting

        for line in starting.about(error):
            print(f"sprintreports: {line}", file=sys.stderr)
        sys.exit(1)


@app.command()
def version() -> None:
    """Print the version."""
    print(__version__)


@app.command()
def up(
    demo: Annotated[bool, typer.Option(help="serve and sync the demo company")] = False,
    reload: Annotated[bool, typer.Option(help="hot reload of pages and code, for development")] = False,
) -> None:
    """Start everything on one machine: database, migrations, worker, web."""
    from sprintreports.cli import up as command

    command.run(demo=demo, reload=reload)


@app.command()
def web(reload: Annotated[bool, typer.Option(help="hot reload, for development")] = False) -> None:
    """Serve the browser pages and the REST API."""
    from sprintreports.cli import processes

    processes.web(reload=reload)


@app.command()
def worker() -> None:
    """Run background jobs: the Jira sync and what follows from it."""
    from sprintreports.cli import processes

    processes.worker()


@app.command()
def migrate(
    revision: Annotated[str, typer.Option(help="how far up to go")] = "head",
    down_to: Annotated[str, typer.Option(help="go back to this revision instead")] = "",
) -> None:
    """Bring the database's tables up to date (or back)."""
    from sprintreports.cli import processes

    processes.migrate(revision=revision, down_to=down_to)


@app.command()
def sync(
    site: Annotated[str, typer.Argument(help="name or address of a connected site; empty: all")] = "",
    full: Annotated[bool, typer.Option("--full", help="read everything again")] = False,
) -> None:
    """Sync connected Jira sites now, in this process, with a progress bar."""
    from sprintreports.cli import sync as command

    command.run(site=site, full=full)


@app.command("create-admin")
def create_admin(
    email: Annotated[str, typer.Option(help="empty: SPRINTREPORTS_ADMIN_EMAIL")] = "",
    name: Annotated[str, typer.Option(help="name that others see")] = "",
) -> None:
    """Create a super admin; asks for the password, or takes SPRINTREPORTS_ADMIN_PASSWORD."""
    from sprintreports.cli import accounts

    accounts.create_admin(email=email, name=name)


@app.command("create-user")
def create_user(
    email: Annotated[str, typer.Argument(help="e-mail address to sign in with")],
    role: Annotated[str, typer.Option(help="viewer, user, manager, admin or super_admin")] = "viewer",
    name: Annotated[str, typer.Option(help="name that others see")] = "",
) -> None:
    """Create an account of any role; prints its password once."""
    from sprintreports.cli import accounts

    accounts.create_user(email=email, name=name, role=role)


@app.command("break-glass")
def break_glass(
    email: Annotated[str, typer.Option(help="which super admin; empty: the first one")] = "",
) -> None:
    """Print a one-time link that signs a super admin in for when nothing else does; it is audited."""
    from sprintreports.cli import break_glass as command

    command.run(email=email)


@app.command("setup-code")
def setup_code() -> None:
    """Print the one-time code that the first-run page asks for."""
    from sprintreports.cli import accounts

    accounts.setup_code()


@app.command("rotate-signing-key")
def rotate_signing_key(
    at_once: Annotated[
        bool, typer.Option("--at-once", help="end all access tokens of now: the old key is in wrong hands")
    ] = False,
) -> None:
    """Sign access tokens with a new key from now on; it happens by itself every 90 days."""
    from sprintreports.cli import accounts

    accounts.rotate_signing_key(at_once=at_once)


@app.command("demo-jira")
def demo_jira(
    port: Annotated[int, typer.Option(help="0: any free port")] = 8089,
    dialect: Annotated[str, typer.Option(help="cloud or datacenter")] = "cloud",
    seed: Annotated[int, typer.Option(help="another seed, another company")] = 1,
    scale: Annotated[float, typer.Option(help="how many times as big")] = 1.0,
    replay: Annotated[Path | None, typer.Option(help="serve recorded raw JSON from this folder")] = None,
) -> None:
    """Serve a believable company as a stand-in Jira on 127.0.0.1."""
    from sprintreports.cli import demo as command

    command.serve(port=port, dialect=dialect, seed=seed, scale=scale, replay=replay)


@app.command()
def openapi(
    output: Annotated[Path | None, typer.Option(help="write here instead of printing")] = None,
) -> None:
    """Print the OpenAPI document of the REST API."""
    from sprintreports.cli import processes

    processes.openapi(output)


@app.command()
def backup(target: Annotated[Path, typer.Argument(help="file to write")]) -> None:
    """Write the whole database into one file."""
    from sprintreports.cli import backup as command

    command.backup(target)


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="file that `backup` wrote")],
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Replace the database by a backup; the replaced one is kept beside it under another name."""
    from sprintreports.cli import backup as command

    command.restore(source, yes=yes)


@app.command()
def health() -> None:
    """Ask the running web process whether it is ready; exit code 1 when it is not."""
    from sprintreports.cli import processes

    processes.health()


audit_app = typer.Typer(help="The audit log.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(audit_app, name="audit")


@audit_app.callback()
def audit() -> None:
    """A group of commands, though there is only one yet."""


@audit_app.command("verify")
def audit_verify(
    head: Annotated[str, typer.Option(help="an end of the chain that was noted earlier: POSITION:HASH")] = "",
) -> None:
    """Find audit entries that were changed, removed or inserted; exit code 1 when there are any."""
    from sprintreports.cli import audit as command

    command.verify(head=head)


@app.command("rotate-secrets")
def rotate_secrets() -> None:
    """Seal every stored secret anew with the present key, while everything runs."""
    from sprintreports.cli import secrets as command

    command.rotate()


privacy_app = typer.Typer(help="What is stored about people.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(privacy_app, name="privacy")
_User = Annotated[str, typer.Option(help="e-mail address of an account")]
_Person = Annotated[int, typer.Option(help="number of somebody in Jira: `privacy search` tells it")]


@privacy_app.command("search")
def privacy_search(name: Annotated[str, typer.Argument(help="a part of the name")]) -> None:
    """Find people whom the connected Jiras name."""
    from sprintreports.cli import privacy as command

    command.search(name)


@privacy_app.command("export")
def privacy_export(
    output: Annotated[Path, typer.Argument(help="file to write")], user: _User = "", person: _Person = 0
) -> None:
    """Write all that is stored about an account, or about somebody in Jira, as JSON."""
    from sprintreports.cli import privacy as command

    command.export(user=user, person=person, output=output)


@privacy_app.command("erase")
def privacy_erase(
    user: _User = "",
    person: _Person = 0,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Erase an account, or somebody in Jira; every number stays as it is."""
    from sprintreports.cli import privacy as command

    command.erase(user=user, person=person, yes=yes)
