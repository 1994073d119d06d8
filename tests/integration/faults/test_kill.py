"""``kill -9`` while GPs post: after a restart each command is whole or absent, and the outbox goes on, once each."""

import os
import random
import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from sesame_fhir.domain.events import PatientIdentified, ScreeningRecorded
from sesame_fhir.server.system import read_key
from sesame_fhir.server.wiring import projector
from sesame_fhir.services.rebuild import rebuild
from sesame_fhir.storage import Store, open_store
from tests.contract.storage.projection_dump import dump
from tests.integration.faults.gp import POSITIVE, Clinician
from tests.integration.faults.table import SENT
from tests.integration.faults.world import World, running_world
from tests.support.browser import Form
from tests.support.demo import Demo, free_port, running_demo

pytestmark = [pytest.mark.network, pytest.mark.xdist_group("faults")]

MOMENTS = random.Random(20260302)  # noqa: S311  moments, not secrets
ROUNDS = (
    (("patient-01", "patient-02", "patient-03", "patient-04"), (0.005, 0.03)),
    (("patient-05", "patient-08", "patient-09", "patient-11"), (0.03, 0.1)),
    (("patient-12", "patient-13", "patient-14", "patient-15"), (0.1, 0.4)),
)
"""Who posts at once, and when the kill falls: before, around and after the commits (a post and its delivery take about
a tenth of a second; four share the cores)."""


def post(gp: Clinician, form: Form) -> bool:
    """Send the questionnaire; True when the browser was told that it is recorded."""
    try:
        return gp.browser.send("POST", form.url, {**form.fields, **POSITIVE}).status_code == 303
    except requests.ConnectionError:
        return False


def killed_while_posting(demo: Demo, patients: tuple[str, ...], between: tuple[float, float]) -> set[str]:
    """Patients whose GP had an answer before the process was killed."""
    gps = [Clinician(demo.ehr, patient) for patient in patients]
    forms = [gp.form() for gp in gps]
    with ThreadPoolExecutor(len(gps)) as pool:
        told = [pool.submit(post, gp, form) for gp, form in zip(gps, forms, strict=True)]
        time.sleep(MOMENTS.uniform(*between))
        os.killpg(demo.process.pid, signal.SIGKILL)
        demo.process.wait()
    return {gp.patient for gp, answer in zip(gps, told, strict=True) if answer.result()}


def screened(store: Store) -> set[str]:
    """Patients with a pathway, each of whose commands must be whole."""
    found = set()
    for pathway_id in store.pathways.pathway_ids():
        identified, recorded = store.pathways.history(pathway_id)
        assert isinstance(identified.data, PatientIdentified)
        assert isinstance(recorded.data, ScreeningRecorded)
        assert {item.target.resource_type for item in store.outbox.of_pathway(pathway_id)} == set(SENT)
        assert identified.data.ehr is not None
        found.add(identified.data.ehr.patient.removeprefix("Patient/"))
    return found


def projections_are_the_events(folder: Path, world: World) -> None:
    """Rebuilding a copy of the database from its events changes nothing."""
    shutil.copytree(folder, folder.parent / "copy")
    with open_store(f"sqlite:///{folder.parent / 'copy' / 'sesame.db'}", read_key(folder / "sesame.key")) as store:
        before = dump(store)
        rebuild(store.pathways, projector(world.settings), lambda _done: None)
        assert dump(store) == before


def test_kill_9_in_the_middle_of_posts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, port = tmp_path / "demo", free_port()
    folder.mkdir()
    told: set[str] = set()
    for patients, between in ROUNDS:
        with running_demo(folder, {"SESAME_OUTBOX_POLL_SECONDS": "0.2"}, port) as demo:
            told |= killed_while_posting(demo, patients, between)
    with running_world(folder, monkeypatch, port) as world:
        kept = screened(world.sesame.store)
        assert told <= kept
        projections_are_the_events(folder, world)
        world.deliver()
        for patient in (patient for patients, _between in ROUNDS for patient in patients):
            assert world.in_record(patient) == (SENT if patient in kept else {})
        assert world.sesame.store.outbox.backlog()["pending"] == 0
