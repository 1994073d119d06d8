"""``sesame billing export|verify|check-layout``: a batch as files, what became of them, a layout before it is used."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from mappings.billing.layout import Layout, LayoutError, layout_from, shipped, shipped_names
from mappings.billing.vocabulary import Kind
from sesame_fhir.cli.billing.context import Desk, by_coordinator
from sesame_fhir.domain.billing.money import from_cents
from sesame_fhir.exports.billing.batch import ALL, ExportPlan, Format
from sesame_fhir.exports.billing.folder import FolderBusy, NameTaken
from sesame_fhir.exports.billing.manifest import verify as verify_folder
from sesame_fhir.exports.billing.taking_out import Taken, take_out
from sesame_fhir.server.team import team_settings

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.argument("batch_id", metavar="BATCH")
@click.option("--to", "parent", type=_FOLDER, required=True, help="The export gets a folder of its own in here.")
@click.option(
    *("--layout", "layouts"),
    multiple=True,
    metavar="NAME|FILE",
    help="A table by this layout (repeatable); default: those of the settings, else ours.",
)
@click.option(
    *("--format", "formats"),
    type=click.Choice([one.value for one in Format]),
    multiple=True,
    help="What to write; everything unless told.",
)
@by_coordinator
def export(desk: Desk, batch_id: str, *, parent: Path, layouts: Sequence[str], formats: Sequence[str]) -> None:
    """Write the files of BATCH: FHIR, tables by layout, a summary and a manifest; the same bytes each time.

    A batch that is not submitted yet gives a preview, in a folder and with file names that say so.
    """
    base = f"{desk.settings.public_url}/fhir"
    chosen = tuple(map(_layout, layouts)) or team_settings(desk.settings).layouts_of(Kind.CLAIMS)
    plan = ExportPlan(base, tuple(map(Format, formats)) or ALL, chosen)
    with _explained():
        taken = take_out(desk.billing, desk.who, batch_id, parent, plan)
    _put(taken)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def verify(folder: Path) -> None:
    """Check the files of the export in FOLDER against its manifest."""
    problems = verify_folder(folder)
    for problem in problems:
        click.echo(problem)
    if problems:
        raise click.ClickException(f"{folder}: not as it was written")
    click.echo("as it was written")


@click.command("check-layout")
@click.argument("file", type=_FILE)
def check_layout(file: Path) -> None:
    """Check the layout FILE of a billing file, and explain each mistake with its line; nothing is changed."""
    layout = _read(file)
    kind = "written" if layout.kind is Kind.CLAIMS else "read"
    click.echo(f"{layout.name} {layout.version}: {layout.kind}, {len(layout.columns)} columns, {kind}")
    click.echo("no mistake")


def _layout(name: str) -> Layout:
    """A layout of ours by its name, else a file."""
    layout = shipped(name) if name in shipped_names() else _read(Path(name))
    if layout.kind is not Kind.CLAIMS:
        raise click.ClickException(f"{name}: is a layout of {layout.kind}, which come in; give one of claims")
    return layout


def _read(path: Path) -> Layout:
    try:
        return layout_from(path)
    except LayoutError as wrong:
        for problem in wrong.problems:
            click.echo(f"{path}: {problem}", err=True)
        raise click.ClickException(f"{path} is no layout; correct the file, then check it again") from wrong


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except NameTaken as taken:
        raise click.ClickException(f"two files would be called {taken}: give the layout another `file`") from taken
    except FolderBusy as busy:
        raise click.ClickException(f"{busy}: another export is being written there; wait until it is done") from busy


def _put(taken: Taken) -> None:
    manifest = taken.manifest
    for entry in manifest.files:
        click.echo(f"{entry.sha256}  {entry.name}  {entry.size} bytes, {entry.records} records")
    about = "a preview, nothing is claimed" if manifest.preview else "submitted"
    about += "; an EXAMPLE tariff, no real money" if manifest.example else ""
    amount, share = from_cents(manifest.amount_cents), from_cents(manifest.share_cents)
    click.echo(f"{manifest.claims} claims, {amount:.2f} EUR, of them {share:.2f} EUR for hosting centres ({about})")
    click.echo(f"written to {taken.path}")
