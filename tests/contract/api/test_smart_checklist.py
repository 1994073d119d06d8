"""The server's rows of SMART App Launch 2.2.0, each with what shows it.

Numbers are those of the requirements published with the conformance suite. ``NOT_OURS`` are rows that ask nothing of
this server, with the reason; together they are every SHALL and SHALL NOT that the list has for a server.
"""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.contract.api import smart_app_checks as app
from tests.contract.api import smart_service_checks as service
from tests.contract.api.harness import World
from tests.contract.api.smart_app_checks import what_is_claimed as claims

TABLE = Path(__file__).parents[3].parent / "shared" / "reference" / "smart_2.2.0_requirements.tsv"

Check = Callable[[World], None]

ROWS: list[tuple[tuple[int, ...], Check]] = [
    ((14, 15), app.pkce_s256_only),
    ((31,), app.verifier_is_checked),
    ((16,), app.cors_on_discovery),
    ((17,), app.cors_for_registered_origins),
    ((18, 24, 240), app.only_registered_addresses),
    ((48, 49, 53, 56, 57, 59, 354), app.authorize_by_get_and_post),
    ((54, 73), app.denials_are_told),
    ((74, 75, 78, 84, 85, 86, 87), app.token_response),
    ((88, 89), app.refresh_only_when_asked),
    ((77, 94, 95, 265, 266), app.expiry_and_scope_are_checked),
    ((96,), app.aud_is_this_server),
    ((100, 101, 365, 366), app.online_and_offline),
    ((103,), app.refresh_is_bound_to_the_client),
    ((104, 115), app.refresh_narrows_never_widens),
    ((109, 110, 111, 112, 113, 114), app.refresh_without_scope),
    ((103, 104), app.refresh_reuse_is_detected),
    ((77, 94), app.revocation_ends_everything),
    ((123,), app.update_may_create),
    ((130,), app.batch_is_judged_entry_by_entry),
    ((136, 367), app.patient_scopes_are_one_patient_s),
    ((140, 368), app.user_scopes_are_the_user_s),
    ((144,), app.wildcards_are_all_types),
    ((370,), app.granular_scopes_hold),
    ((369,), app.v1_scopes_hold),
    ((164, 353, 363), app.a_patient_or_no_patient_scope),
    (
        (149, 168, 169, 170, 171, 172, 173, 174, 175, 176, 177, 178, 194, 352, 359, 361, 362),
        app.launch_context,
    ),
    ((175, 360), app.style_is_there),
    ((197, 198), app.fhir_user_is_readable),
    ((200, 205, 207, 209, 210, 358), app.id_token_by_openid_connect),
    ((30, 372, 373, 374, 377, 378, 380, 381, 382, 383, 384, 385, 393, 394), app.configuration_is_complete),
    ((348, 350, 353, 363, 367, 368), claims("launch-standalone", "client-public", "context-standalone-patient")),
    ((349, 351, 352), claims("launch-ehr", "context-ehr-patient", "context-ehr-encounter", "permission-user")),
    ((355, 356, 357), claims("client-public", "client-confidential-symmetric", "client-confidential-asymmetric")),
    ((359, 360, 365, 366, 369, 370), claims("context-banner", "context-style", "permission-v1", "permission-v2")),
    ((364, 371), app.nothing_else_is_claimed),
    ((142, 241, 253, 254, 255, 256, 258, 259, 261), service.backend_token),
    ((250,), service.backend_scope_is_preauthorized),
    ((251, 340), service.backend_errors),
    ((344,), service.no_backend_for_secrets),
    ((247,), service.a_closed_client_gets_nothing),
    ((228, 285, 286, 287, 288, 289), service.signing_is_advertised),
    ((296, 297, 316, 339), service.keys_inline_or_at_an_address),
    ((310, 357), service.both_algorithms),
    ((249, 335), service.a_signature_is_needed),
    ((336,), service.a_jti_is_used_once),
    ((337,), service.iss_and_sub_are_the_client),
    ((338,), service.jku_is_the_registered_address),
    ((341, 342), service.keys_are_cached_as_allowed),
    ((271, 272, 273, 274, 275, 276, 277, 278, 279), service.introspection_of_an_active_token),
    ((271, 272), service.introspection_of_anything_else),
    ((282, 283), service.introspection_with_a_token),
    ((119,), service.sites_limit_a_service),
]

BRANDS = "User-access brands lead patients to their portals: this server has none, and claims none."
NOT_OURS: dict[int, str] = {
    139: "Patient.link joins the pathways of one person, each a Patient of its own: a token for one opens no other.",
    188: "Every role in our fhirContext is the default one.",
    231: "TLS ends at the reverse proxy of the deployment: `sesame doctor` asks for an https public address.",
    305: "Registered keys rest in the database with everything else; its protection is the deployment's.",
    **dict.fromkeys((396, 398, 400, 402, 403, 405, 409, 410, 412, 417, 418, 419, 421, 423, 430, 431, 432, 436), BRANDS),
}


def _name(numbers: Iterable[int]) -> str:
    return "-".join(map(str, numbers))


@pytest.mark.parametrize(("numbers", "check"), ROWS, ids=[_name(numbers) for numbers, _ in ROWS])
def test_row(world: World, numbers: tuple[int, ...], check: Check) -> None:
    assert numbers
    check(world)


def test_every_row_is_here() -> None:
    if not TABLE.exists():
        pytest.skip("the list of requirements is not on this machine")
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        asked = {int(row["id"]) for row in rows if row["actor"] == "Server" and row["conformance"].startswith("SHALL")}
    shown = {number for numbers, _ in ROWS for number in numbers}
    assert asked - shown - NOT_OURS.keys() == set()
    assert (shown | NOT_OURS.keys()) - asked == set()
    assert not shown & NOT_OURS.keys()
