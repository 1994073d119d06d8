"""``sesame billing check-scheme|add-scheme|schemes|show-scheme``: by what sequences are billed, and since when."""

from pathlib import Path

import click

from sesame_fhir.cli.billing.context import Desk, by_coordinator
from sesame_fhir.cli.billing.output import put_json
from sesame_fhir.cli.context import CliContext
from sesame_fhir.server.billing.scheme_file import Deployment, Reading, read_scheme_file
from sesame_fhir.server.opening import StoreProblem, ready_store
from sesame_fhir.server.settings import Settings
from sesame_fhir.server.system import KeyFileError
from sesame_fhir.server.team import team_settings
from sesame_fhir.services.billing.records import StoredScheme
from sesame_fhir.services.billing.schemes import SchemeFate, add_schemes

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_FATES = {
    SchemeFate.ADDED: "added",
    SchemeFate.REPLACED: "replaces the revision before, which nothing was billed with",
    SchemeFate.KNOWN_ALREADY: "known already",
}


@click.command("check-scheme")
@click.argument("file", type=_FILE)
@click.pass_obj
def check_scheme(context: CliContext, file: Path) -> None:
    """Check the scheme file FILE, and explain each mistake with its line; nothing is changed.

    It is compared with the schemes in force when there is a database. Warnings do not keep a file from being added.
    """
    try:
        with ready_store(context.settings) as store:
            standing = store.billing.schemes.schemes()
    except (StoreProblem, KeyFileError) as problem:
        standing = ()
        click.echo(f"not compared with the schemes in force: {problem}", err=True)
    reading = read_for(context.settings, standing, file)
    for scheme in reading.schemes:
        until = f"to {scheme.end}" if scheme.end else "without end"
        click.echo(f'{scheme.scheme_id} "{scheme.version}" from {scheme.start} {until}: {scheme.label}')
    if any(scheme.example for scheme in reading.schemes):
        click.echo("an example, as the file says: nothing in it is real")
    click.echo("no mistake")


@click.command("add-scheme")
@click.argument("file", type=_FILE)
@by_coordinator
def add_scheme(desk: Desk, file: Path) -> None:
    """Add the versions of the scheme file FILE; those that stand as they are written are left alone.

    A version that claims or a frozen batch use is never changed: add another one with its own start.
    """
    reading = read_for(desk.settings, desk.store.billing.schemes.schemes(), file)
    for one in add_schemes(desk.billing, desk.who, reading.schemes, reading.text):
        click.echo(f'{one.scheme.scheme_id} "{one.scheme.version}" revision {one.revision}: {_FATES[one.fate]}')


@click.command()
@click.option("--history", is_flag=True, help="Every revision ever given, oldest first.")
@click.option("--json", "as_json", is_flag=True, help="Everything of each scheme, for scripts.")
@click.pass_obj
def schemes(context: CliContext, *, history: bool, as_json: bool) -> None:
    """List the schemes: those that stand, or all that were ever given."""
    with ready_store(context.settings) as store:
        found = store.billing.schemes.history() if history else store.billing.schemes.schemes()
    if as_json:
        put_json(found)
        return
    for one in found:
        click.echo(_line(one))
    if not found:
        click.echo("no scheme; use: sesame billing add-scheme FILE --by LOGIN")


@click.command("show-scheme")
@click.argument("scheme_id")
@click.argument("version")
@click.option("--revision", type=click.IntRange(min=1), help="A revision of the history; default: the one that stands.")
@click.pass_obj
def show_scheme(context: CliContext, *, scheme_id: str, version: str, revision: int | None) -> None:
    """Print the file by which VERSION of SCHEME_ID was given, as it was then."""
    with ready_store(context.settings) as store:
        known = store.billing.schemes.history()
    those = [one for one in known if (one.scheme.scheme_id, one.scheme.version) == (scheme_id, version)]
    found = next((one for one in reversed(those) if revision in {None, one.revision}), None)
    if found is None:
        raise click.ClickException(f"{scheme_id} {version}: no such scheme; see `sesame billing schemes --history`")
    click.echo(found.source, nl=not found.source.endswith("\n"))


def read_for(settings: Settings, standing: tuple[StoredScheme, ...], file: Path) -> Reading:
    """Read a file and say what is found in it. Raises ClickException when there is a mistake."""
    sites = frozenset(team_settings(settings).sites)
    reading = read_scheme_file(file.read_bytes(), Deployment(sites, settings.policy.maximum_sequences, standing))
    for one in reading.findings:
        parts = ("warning" if one.warning else "", one.key, one.text)
        click.echo(f"{file}:{one.line}: {': '.join(part for part in parts if part)}", err=True)
    if reading.mistakes:
        word = "mistake" if reading.mistakes == 1 else "mistakes"
        raise click.ClickException(f"{reading.mistakes} {word} in {file}; correct the file, then check it again")
    return reading


def _line(one: StoredScheme) -> str:
    scheme = one.scheme
    notes = [*(["used"] if one.used else []), *(["EXAMPLE"] if scheme.example else [])]
    period = f"{scheme.start} to {scheme.end or '...'}"
    where = ",".join(sorted(scheme.sites)) or "every site"
    head = f"{scheme.scheme_id}  {scheme.version}  revision={one.revision}  {period}  {where}  {scheme.label}"
    return f"{head}  ({', '.join(notes)})" if notes else head
