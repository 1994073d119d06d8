"""What the tests' programme publishes of billing, and what is sent of it: every resource of seventeen months."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sesame_fhir.exports.billing.batch import ExportPlan, Format, write_batch
from sesame_fhir.exports.billing.head import head_of
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.services.records import StoredResource
from sesame_fhir.services.search import SearchQuery
from sesame_fhir.storage import Store, open_store
from tests.conformance.sample import Sample, sample
from tests.programme.plan import deal
from tests.programme.run import Programme

_PUBLISHED = ("Claim", "Coverage", "ClaimResponse", "PaymentReconciliation")
_PAGE = 500


def programme(share: int) -> Iterator[Sample]:
    """Bill the programme (every ``share``-th patient) and give what it publishes, then what the last batch sends."""
    with (
        tempfile.TemporaryDirectory(prefix="sesame-programme-") as folder,
        open_store(f"sqlite:///{folder}/programme.db", bytes(32)) as store,
    ):
        store.migrate()
        billed = Programme(store, deal(1, share))
        billed.run()
        for kind in _PUBLISHED:
            for resource in _all(store, kind):
                yield sample("programme", f"{kind}/{resource['id']}", resource)
        yield from _sent(billed, Path(folder) / "sent")


def _all(store: Store, kind: str) -> Iterator[Json]:
    cursor: str | None = None
    while True:
        page = store.resources.search(SearchQuery(kind, count=_PAGE, cursor=cursor, total="none"))
        yield from map(_body, page.resources)
        if (cursor := page.next_cursor) is None:
            return


def _body(stored: StoredResource) -> Json:
    resource: Json = json.loads(stored.body or b"{}")
    return resource


def _sent(billed: Programme, folder: Path) -> Iterator[Sample]:
    """The transactions of the last batch: Bundles as a receiver gets them."""
    batch = billed.batches[-1]
    lines = list(billed.store.billing.batches.lines(batch.batch_id, held=False))
    assert batch.frozen is not None
    head = head_of(batch, lines[0].terms.biller, batch.frozen, [lines[0].terms.scheme_version])
    plan = ExportPlan("https://sesame.example/fhir", (Format.TRANSACTION,))
    write_batch(head, lines, folder, plan)
    for path in sorted(folder.rglob("*.json")):
        bundle = json.loads(path.read_text(encoding="utf-8"))
        if bundle.get("resourceType") == "Bundle":
            yield sample("sent", path.name, bundle)
