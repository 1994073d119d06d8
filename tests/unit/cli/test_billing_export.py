"""A batch on the command line: exported, exported again, verified; layouts checked; papers written."""

import io
import itertools
import json
import shutil
import zipfile
from pathlib import Path

import pytest

from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.events.billing import CancelReason
from sesame_fhir.exports.billing.batch import ExportPlan
from sesame_fhir.exports.billing.taking_out import take_out_zipped
from sesame_fhir.services.audit_trail import AuditQuery
from sesame_fhir.services.billing.corrections import cancel_claim
from sesame_fhir.services.staff import StaffMember
from tests.support.billing import (
    FIRST_COORDINATOR,
    SITES,
    Lived,
    billing_over,
    frozen_month,
    many,
    one_more_contact,
    submitted_month,
    write_lives,
)
from tests.support.story import SITE
from tests.unit.cli.conftest import Cli

INVENTED = Path("tests/unit/exports/billing/layouts/invented-fixed.json")
BY = ("--by", "claire")
LIVES = (*many(6),)
CLAIM = f"{LIVES[0].pathway_id}-claim-1"


@pytest.fixture(scope="module")
def submitted(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A submitted month, and coordinators who reach all of it and a part of it, to copy."""
    sesame = Cli(tmp_path_factory.mktemp("submitted"))
    shutil.copytree(template, sesame.folder, dirs_exist_ok=True)
    with sesame.store() as store:
        for login, sites in (("claire", tuple(sorted(SITES))), ("marc", (SITE,))):
            store.staff.save(StaffMember(f"staff-{login}", login, login, Role.COORDINATOR, sites))
        write_lives(store, LIVES)
        submitted_month(billing_over(store))
    return sesame.folder


@pytest.fixture
def office(submitted: Path, tmp_path: Path) -> Cli:
    shutil.copytree(submitted, tmp_path / "office")
    return Cli(tmp_path / "office", {"SESAME_SERVER_PUBLIC_URL": "https://sesame.example"})


BATCH = "2026-06-article-51-operator-1"


def contents(path: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in path.iterdir()}


def test_exported_and_verified(office: Cli, tmp_path: Path) -> None:
    said = office.ok("billing", "export", BATCH, "--to", tmp_path / "out", *BY)
    assert "6 claims, 1800.00 EUR, of them 599.40 EUR for hosting centres (submitted; an EXAMPLE tariff" in said
    assert f"written to {tmp_path / 'out' / BATCH}" in said
    assert office.ok("billing", "verify", tmp_path / "out" / BATCH) == "as it was written\n"
    claim = (tmp_path / "out" / BATCH / "Claim.ndjson").read_text("utf-8")
    assert '"https://sesame.example/fhir/Encounter/contact-1-0"' in claim
    with office.store() as store:
        entries = [one.entry for one in store.audit.find(AuditQuery()).entries if one.entry.action == "export-billing"]
    assert [(one.detail, one.extra, one.actor_id == "") for one in entries] == [("batch", {"batch": BATCH}, False)]


@pytest.mark.parametrize("taken", [0, 1, 1_000_000])
def test_as_one_zip_nothing_is_left_in_the_machine(
    office: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with office.store() as store:
        plan = ExportPlan("https://sesame.example/fhir")
        name, chunks = take_out_zipped(billing_over(store), FIRST_COORDINATOR, BATCH, plan)
    assert name == f"{BATCH}.zip"
    assert [*tmp_path.glob("sesame-export-*")]
    found = b"".join(itertools.islice(chunks, taken))
    assert taken < 2 or zipfile.ZipFile(io.BytesIO(found)).testzip() is None
    chunks.close()
    assert not [*tmp_path.glob("sesame-export-*")]


def test_whatever_happens_to_its_claims_the_export_is_the_same(office: Cli, tmp_path: Path) -> None:
    office.ok("billing", "export", BATCH, "--to", tmp_path / "before", *BY)
    with office.store() as store:
        billing = billing_over(store)
        one_more_contact(billing, LIVES[1], LIVES[1].start)
        cancel_claim(billing, FIRST_COORDINATOR, CLAIM, CancelReason.MISTAKE, None)
    office.ok("billing", "export", BATCH, "--to", tmp_path / "after", *BY)
    assert contents(tmp_path / "before" / BATCH) == contents(tmp_path / "after" / BATCH)


def test_a_claim_is_exported_as_it_was_published(office: Cli, tmp_path: Path) -> None:
    office.ok("billing", "export", BATCH, "--to", tmp_path, "--format", "ndjson", *BY)
    lines = (tmp_path / BATCH / "Claim.ndjson").read_text("utf-8").splitlines()
    with office.store() as store:
        for exported in map(json.loads, lines):
            stored = store.resources.read("Claim", exported["id"])
            assert stored is not None
            assert stored.body is not None
            published = json.loads(stored.body)
            assert exported["meta"].pop("tag")[0]["code"] == "HTEST"
            for info in (*published["supportingInfo"], *exported["supportingInfo"]):
                info.pop("valueReference", None)
            for gone in ("versionId", "lastUpdated"):
                published["meta"].pop(gone, None)
            assert exported == published


def test_before_it_is_submitted_it_is_a_preview_and_a_draft_is_nothing(office: Cli, tmp_path: Path) -> None:
    with office.store() as store:
        write_lives(store, [Lived(50)])
        second = frozen_month(billing_over(store)).batch_id
    said = office.ok("billing", "export", second, "--to", tmp_path, *BY)
    assert "a preview, nothing is claimed" in said
    assert all(name.startswith("preview-") for name in contents(tmp_path / f"{second}-preview"))
    office.ok("billing", "reopen", second, *BY)
    assert "freeze the batch first" in office.refused("billing", "export", second, "--to", tmp_path, *BY)


def test_by_another_layout(office: Cli, tmp_path: Path) -> None:
    layouts = ("--layout", INVENTED, "--layout", "neutral-claims")
    office.ok("billing", "export", BATCH, "--to", tmp_path, *layouts, "--format", "csv", *BY)
    assert contents(tmp_path / BATCH).keys() == {"CLAIMS.DAT", "claims.csv", "manifest.json"}
    assert len((tmp_path / BATCH / "CLAIMS.DAT").read_text("iso-8859-15").splitlines()) == 8


def test_what_cannot_be_exported_leaves_nothing(office: Cli, tmp_path: Path) -> None:
    narrow = tmp_path / "narrow.json"
    described = json.loads(Path("mappings/billing/layouts/neutral-claims.json").read_text("utf-8"))
    described["columns"][0]["width"] = 12
    narrow.write_text(json.dumps(described), "utf-8")
    out = tmp_path / "out"
    refused = [
        (("nothing", *BY), "no such batch"),
        ((BATCH, "--by", "marc"), "site-bezons"),
        ((BATCH, "--layout", "neutral-answers", *BY), "is a layout of answers, which come in"),
        ((BATCH, "--layout", narrow, *BY), f"claim {CLAIM}, column claim: "),
        (
            (BATCH, "--layout", "neutral-claims", "--layout", "neutral-claims", *BY),
            "two files would be called claims.csv",
        ),
    ]
    for arguments, told in refused:
        assert told in office.refused("billing", "export", "--to", out, *arguments), told
        assert not out.exists() or not [one for one in out.rglob("*") if one.is_file()]


def test_verify_says_what_is_wrong(office: Cli, tmp_path: Path) -> None:
    office.ok("billing", "export", BATCH, "--to", tmp_path, *BY)
    (tmp_path / BATCH / "claims.csv").write_bytes(b"x")
    result = office("billing", "verify", tmp_path / BATCH)
    assert result.exit_code == 1
    assert "claims.csv: has 1 bytes" in result.output


def test_a_layout_is_checked_before_it_is_used(office: Cli, tmp_path: Path) -> None:
    assert office.ok("billing", "check-layout", INVENTED).splitlines() == [
        "invented-fixed 1: claims, 12 columns, written",
        "no mistake",
    ]
    broken = tmp_path / "broken.json"
    broken.write_text(INVENTED.read_text("utf-8").replace('"DDMMYY"', '"DD/MM"').replace("128", "127"), "utf-8")
    result = office("billing", "check-layout", broken)
    assert result.exit_code == 1
    assert "line 27: columns/5/date_format: 'DD/MM' is none of" in result.output


def test_papers(office: Cli, tmp_path: Path) -> None:
    said = office.ok("billing", "dossier", CLAIM, "--to", tmp_path / "dossier.pdf", *BY)
    assert f"{CLAIM}: submitted, 5 proofs, as its events tell it" in said
    said = office.ok("billing", "statement-pdf", "site-argenteuil", "2026-07", "--to", tmp_path / "statement.pdf", *BY)
    assert "site-argenteuil 2026-07: 399.60 EUR due" in said
    for name in ("dossier.pdf", "statement.pdf"):
        assert (tmp_path / name).read_bytes().startswith(b"%PDF")
    assert "no such claim" in office.refused("billing", "dossier", "nothing", "--to", tmp_path / "x.pdf", *BY)
    with office.store() as store:
        entries = [one.entry for one in store.audit.find(AuditQuery()).entries if one.entry.action == "export-billing"]
    assert [(one.detail, one.patient) for one in entries] == [("statement", None), ("dossier", LIVES[0].pathway_id)]
