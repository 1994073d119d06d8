"""A batch as files: the same bytes each time, nothing lost, nothing under its real name that is not whole."""

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mappings.billing.layout import shipped
from mappings.conformance import load_profile_checks
from sesame_fhir.exports.billing.batch import ALL, BatchDiffers, ExportPlan, Format, file_names, write_batch
from sesame_fhir.exports.billing.folder import FolderBusy, NameTaken, folder
from sesame_fhir.exports.billing.head import NotExportable
from sesame_fhir.exports.billing.manifest import verify
from sesame_fhir.exports.billing.zipped import zip_chunks
from sesame_fhir.fhir.profiles import Profiles
from sesame_fhir.fhir.validation import validate
from sesame_fhir.services.billing.records import BatchLine, BatchStatus
from tests.support.billed import line, lines
from tests.support.exported import BASE, head, written

PROFILES = Profiles(load_profile_checks(), {})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export")
    written(path, [*lines(25)], part_claims=10)
    return path


@pytest.mark.parametrize("formats", [ALL, (Format.TRANSACTION,), (Format.CSV, Format.SUMMARY)])
def test_the_names_are_known_before_anything_is_written(tmp_path: Path, formats: tuple[Format, ...]) -> None:
    for number, count in enumerate((1, 10, 11)):
        path = tmp_path / str(number)
        written(path, [*lines(count)], part_claims=10, formats=formats)
        named = file_names(head([*lines(count)]), ExportPlan(BASE, formats, part_claims=10))
        assert contents(path).keys() == {name for names in named.values() for name in names}


def contents(path: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in path.iterdir()}


def resources(path: Path, kind: str) -> list[dict[str, Any]]:
    return [json.loads(text) for text in (path / f"{kind}.ndjson").read_text("utf-8").splitlines()]


def bundles(path: Path) -> list[dict[str, Any]]:
    return [json.loads(one.read_bytes()) for one in sorted(path.glob("*transaction-*.json"))]


def test_every_file_is_there_and_is_what_the_manifest_says(made: Path) -> None:
    kinds = {f"{kind}.ndjson" for kind in ("Claim", "Coverage", "Organization", "Patient")}
    parts = {f"transaction-000{number}.json" for number in (1, 2, 3)}
    assert contents(made).keys() == kinds | parts | {"claims.csv", "summary.html", "manifest.json"}
    assert verify(made) == ()
    manifest = json.loads((made / "manifest.json").read_bytes())
    assert manifest["claims"] == 25
    assert manifest["amount_cents"] == sum(int(one.terms.amount * 100) for one in lines(25))
    assert manifest["share_cents"] == sum(int(one.terms.share * 100) for one in lines(25))
    records = {entry["name"]: entry["records"] for entry in manifest["files"]}
    assert records["Claim.ndjson"] == records["claims.csv"] == 25
    assert [records[name] for name in sorted(parts)] == [10, 10, 5]


def test_again_gives_the_same_bytes_from_any_iterator_and_over_what_is_there(made: Path, tmp_path: Path) -> None:
    before = contents(made)
    found = [*lines(25)]
    plan = ExportPlan(BASE, part_claims=10)
    for path in (tmp_path / "new", made, made):
        write_batch(head(found), iter(found), path, plan)
        assert contents(path) == before


def test_every_resource_is_right_and_every_link_leads_to_what_goes_along(made: Path) -> None:
    known = {f"{one['resourceType']}/{one['id']}" for kind in ("Patient", "Coverage") for one in resources(made, kind)}
    assert len(known) == 50
    for kind in ("Claim", "Coverage", "Organization", "Patient"):
        for resource in resources(made, kind):
            assert not validate(resource, profiles=PROFILES)
            assert set(links(resource)) <= known


def links(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "reference" in value:
            yield value["reference"]
        for one in value.values():
            yield from links(one)
    elif isinstance(value, list):
        for one in value:
            yield from links(one)


def test_each_transaction_stands_alone_and_can_be_taken_twice(made: Path) -> None:
    for bundle in bundles(made):
        assert not validate(bundle, profiles=PROFILES)
        addresses = {entry["fullUrl"].removeprefix(f"{BASE}/") for entry in bundle["entry"]}
        assert len(addresses) == len(bundle["entry"])
        for entry in bundle["entry"]:
            assert set(links(entry["resource"])) <= addresses
            request = entry["request"]
            assert request["method"] == "PUT" or request["ifNoneExist"] == (
                "identifier=https://finess.esante.gouv.fr|950000364"
            )
            if request["method"] == "PUT":
                assert request["url"] == f"{entry['resource']['resourceType']}/{entry['resource']['id']}"


def test_a_patient_with_two_claims_is_written_once_but_in_each_part(tmp_path: Path) -> None:
    first, second = line(1), replace(line(1), rank=2, claim_id=f"{line(1).pathway_id}-claim-2")
    written(tmp_path, [first, line(2), second], part_claims=2)
    assert [len(resources(tmp_path, kind)) for kind in ("Patient", "Coverage", "Claim")] == [2, 2, 3]
    assert [len(bundle["entry"]) for bundle in bundles(tmp_path)] == [1 + 3 + 3, 1 + 3]


def test_the_claim_before_is_named_and_the_problem_is_not_told(tmp_path: Path) -> None:
    again = line(1, attempt=2, replaces="the-claim-before")
    written(tmp_path, [again])
    (claim,) = resources(tmp_path, "Claim")
    assert claim["related"][0]["claim"] == {
        "type": "Claim",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": f"{BASE}/Claim/the-claim-before"},
    }
    assert claim["diagnosis"][0]["diagnosisReference"]["type"] == "Condition"
    assert not validate(claim, profiles=PROFILES)
    assert set(links(claim)) == {f"Patient/{again.pathway_id}", f"Coverage/{again.pathway_id}"}
    assert "dépressif".encode() not in b"".join(contents(tmp_path).values())


def test_what_the_receiver_has_no_use_for_is_not_there(made: Path) -> None:
    everything = b"".join(contents(made).values())
    assert b"0199001234" not in everything
    assert b"telecom" not in everything


def test_a_claim_of_an_example_says_so_everywhere(made: Path, tmp_path: Path) -> None:
    found = [*lines(2)]
    write_batch(head(found, example=False), found, tmp_path, ExportPlan(BASE))
    for path, example in ((made, True), (tmp_path, False)):
        assert json.loads((path / "manifest.json").read_bytes())["example"] is example
        assert ("HTEST" in (path / "Claim.ndjson").read_text("utf-8")) is example
        assert ("tarifs de ce lot sont inventés" in (path / "summary.html").read_text("utf-8")) is example
        assert (";yes;operator;" in (path / "claims.csv").read_text("utf-8")) is example


@pytest.mark.parametrize("status", [BatchStatus.FROZEN, BatchStatus.APPROVED, BatchStatus.SUBMITTING])
def test_before_it_is_submitted_a_batch_has_a_preview(tmp_path: Path, status: BatchStatus) -> None:
    written(tmp_path, [*lines(2)], status=status)
    assert all(name.startswith("preview-") for name in contents(tmp_path))
    assert verify(tmp_path) == ()
    assert json.loads((tmp_path / "preview-manifest.json").read_bytes())["preview"] is True
    claims = [json.loads(text) for text in (tmp_path / "preview-Claim.ndjson").read_text("utf-8").splitlines()]
    assert {claim["status"] for claim in claims} == {"draft"}
    assert "rien n'est facturé" in (tmp_path / "preview-summary.html").read_text("utf-8")


def test_a_draft_has_no_files() -> None:
    with pytest.raises(NotExportable):
        head([line(1)], BatchStatus.DRAFT)


def test_the_summary_counts_what_there_is_and_names_nobody(made: Path) -> None:
    page = (made / "summary.html").read_text("utf-8")
    interrupted = sum(1 for one in lines(25) if one.terms.interrupted)
    assert f'<th scope="row">interrompue</th><td>{interrupted}</td>' in page
    assert '<th scope="row">site-1</th><td>9</td>' in page
    assert "FICTIVE" not in page
    assert "28412" not in page


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (lambda found: found[:-1], "a line is missing"),
        (lambda found: [*found, line(9)], "a line too many"),
        (lambda found: [*found[:-1], line(3, amount=Decimal("299.99"))], "another amount"),
        (lambda found: [*found[:-1], line(3, share=Decimal("0.00"))], "another share"),
    ],
)
def test_lines_that_are_not_the_batch_are_refused_and_nothing_is_left(tmp_path: Path, changed: Any, why: str) -> None:
    found = [*lines(3)]
    with pytest.raises(BatchDiffers):
        write_batch(head(found), changed(found), tmp_path, ExportPlan(BASE))
    assert contents(tmp_path) == {}, why


def test_stopped_anywhere_nothing_has_its_real_name_and_the_next_run_is_whole(tmp_path: Path) -> None:
    found = [*lines(5)]

    def stopped(after: int) -> Iterator[BatchLine]:
        yield from found[:after]
        raise KeyboardInterrupt

    for after in range(6):
        with pytest.raises(KeyboardInterrupt):
            write_batch(head(found), stopped(after), tmp_path, ExportPlan(BASE, part_claims=2))
        assert contents(tmp_path) == {}
    (tmp_path / "claims.csv.part").write_bytes(b"what a killed run left")
    written(tmp_path, found, part_claims=2)
    assert verify(tmp_path) == ()


@pytest.mark.parametrize("renamed", [0, 1, 4, 7])
def test_killed_while_files_get_their_names_it_is_no_export_until_it_was_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renamed: int
) -> None:
    found, rename = [*lines(3)], Path.replace
    done: list[Path] = []

    def killed(path: Path, target: Path) -> Path:
        if len(done) == renamed:
            raise KeyboardInterrupt
        done.append(target)
        return rename(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            written(tmp_path, found)
    assert len(contents(tmp_path)) == renamed
    assert "there is no manifest.json" in verify(tmp_path)[0]
    written(tmp_path, found)
    assert verify(tmp_path) == ()


def test_nobody_else_of_the_machine_reads_it(tmp_path: Path) -> None:
    written(tmp_path / "new", [line(1)])
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    assert {one.stat().st_mode & 0o777 for one in (tmp_path / "new").iterdir()} == {0o600}


def test_one_export_at_a_time_in_a_folder(tmp_path: Path) -> None:
    with folder(tmp_path), pytest.raises(FolderBusy):
        written(tmp_path, [line(1)])
    written(tmp_path, [line(1)])


@pytest.mark.parametrize("name", ["claims.csv", "manifest.json", "summary.html", "Claim.ndjson"])
def test_two_files_of_one_name_are_refused(tmp_path: Path, name: str) -> None:
    ours = shipped("neutral-claims")
    with pytest.raises(NameTaken):
        written(tmp_path, [line(1)], ours, replace(ours, file=name))
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("one", list(Format))
def test_only_what_was_asked_for(tmp_path: Path, one: Format) -> None:
    manifest = written(tmp_path, [*lines(3)], formats=(one,))
    assert contents(tmp_path).keys() == {entry.name for entry in manifest.files} | {"manifest.json"}
    assert verify(tmp_path) == ()


def wrong_folders() -> Iterator[tuple[str, Any, str]]:
    yield "a byte changed", lambda path: (path / "claims.csv").write_bytes(b"x" * 10), "10 bytes"
    yield "same size", lambda path: flip(path / "Claim.ndjson"), "its content is not what was written"
    yield "missing", lambda path: (path / "summary.html").unlink(), "summary.html: is missing"
    yield "a stranger", lambda path: (path / "more.csv").write_bytes(b""), "more.csv: is not of this export"
    yield "no manifest", lambda path: (path / "manifest.json").unlink(), "there is no manifest.json"
    yield "broken manifest", lambda path: (path / "manifest.json").write_bytes(b"{"), "cannot be read as a manifest"
    yield "another JSON", lambda path: (path / "manifest.json").write_bytes(b"[1]"), "cannot be read as a manifest"
    yield "a path in it", lambda path: point_elsewhere(path / "manifest.json"), "cannot be read as a manifest"


def flip(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:-2] + bytes([data[-2] ^ 1]) + data[-1:])


def point_elsewhere(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"Claim.ndjson"', b'"../passwd"'))


@pytest.mark.parametrize(("change", "told"), [c[1:] for c in wrong_folders()], ids=[c[0] for c in wrong_folders()])
def test_verify_tells_what_is_not_as_it_was_written(tmp_path: Path, change: Any, told: str) -> None:
    written(tmp_path, [*lines(3)])
    change(tmp_path)
    assert told in "\n".join(verify(tmp_path))


def test_the_zip_holds_the_same_files_and_is_the_same_each_time(made: Path, tmp_path: Path) -> None:
    first = b"".join(zip_chunks(made))
    again = tmp_path / made.name
    written(again, [*lines(25)], part_claims=10)
    assert b"".join(zip_chunks(again)) == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert archive.testzip() is None
        assert {Path(name).name: archive.read(name) for name in archive.namelist()} == contents(made)
        assert archive.namelist()[-1].endswith("manifest.json")
    with pytest.raises(FileNotFoundError):
        list(zip_chunks(tmp_path))
