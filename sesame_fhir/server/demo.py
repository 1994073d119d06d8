"""Makes the beginning of a demo: key, both databases, the EHR known to the app, the synthetic patients of each.

What is billed by is the example scheme, which says that it is one.
"""

from collections.abc import Callable
from pathlib import Path

from sesame_fhir.server import demo_ehr
from sesame_fhir.server.demo_billing import FOLDER, begin_billing
from sesame_fhir.server.demo_cohort import load_cohort
from sesame_fhir.server.opening import opened_store
from sesame_fhir.server.settings import Settings
from sesame_fhir.server.system import make_key, read_key
from sesame_fhir.server.wiring import projector
from sesame_fhir.services.billing.setting import Progress, unheard
from sesame_fhir.services.rebuild import rebuild
from sesame_fhir.storage.readiness import OUTDATED


def prepare_demo(
    settings: Settings,
    *,
    patients: int,
    seed: int,
    progress: Callable[[int, int], None],
    billed: Progress = unheard,
) -> None:
    """Make what is missing; what is there stays.

    ``progress`` is told how many of how many patients are done, ``billed`` how many of how many months.

    Raises:
        KeyFileError: no usable key file.
        StoreProblem: the database cannot be used.
    """
    key_file = Path(settings.key_file)
    make_key(key_file)
    with opened_store(settings, create=True) as store:
        store.migrate()
        if OUTDATED in store.check():
            rebuild(store.pathways, projector(settings), lambda _done: None)
        demo_ehr.register(store, settings)
        load_cohort(settings, store, patients=patients, seed=seed, progress=progress)
        begin_billing(settings, store, billing_folder(settings), billed)
    demo_ehr.prepare(settings, read_key(key_file))


def billing_folder(settings: Settings) -> Path:
    """Where the files of the demo's payer are, to be brought by hand."""
    return demo_ehr.data_folder(settings) / FOLDER
