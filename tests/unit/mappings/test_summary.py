"""The text to paste says everything that the record would otherwise have received, in plain French."""

from datetime import UTC, date, datetime

import pytest

from mappings import french
from mappings.summary import plain_text, summary_of
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import PathwayPolicy
from tests.support.story import GP, PATHWAY
from tests.unit.mappings import care_cases as care
from tests.unit.mappings.cases import STORIES, pathway

WRITTEN = datetime(2026, 3, 2, 20, 5, tzinfo=UTC)


def _text(name: str, *, interpretation: bool = True) -> str:
    return plain_text(summary_of(pathway(name), GP, WRITTEN, policy=PathwayPolicy(interpretation=interpretation)))


def test_a_whole_text() -> None:
    assert _text("overridden") == (
        "SÉSAME – Dépistage et adressage\n"
        "Patient : FICTIVE Jeanne (Femme, naissance : 7 décembre 1984 (41 ans), INS-NIR-TEST : 284127645108993)\n"
        "Établi le 2 mars 2026 à 21 h 05 par Dr Camille Fictif (médecin généraliste)\n"
        "\n"
        "PHQ-2 du 2 mars 2026 à 12 h 00, Dr Camille Fictif (médecin généraliste) : 5/6 – Dépistage positif\n"
        "- Peu d'intérêt ou de plaisir à faire les choses : Presque tous les jours (3)\n"
        "- Être triste, déprimé(e) ou désespéré(e) : Plus de la moitié du temps (2)\n"
        "\n"
        "Adressage SÉSAME du 2 mars 2026 à 15 h 00, Dr Camille Fictif (médecin généraliste) : "
        "Envoyé à l'infirmier·ère\n"
        "- Critères levés : score sous le seuil\n"
        "- Motif : Insomnie sévère malgré un score bas.\n"
        "- Note : Préfère être appelée le soir.\n"
    )


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("at-risk", "ALERTE – Risque suicidaire à évaluer : en attente de prise en compte par un clinicien"),
        ("acknowledged", "ALERTE – Risque suicidaire à évaluer : Plan de sécurité établi, par Dr Camille Fictif"),
        ("amended", "(corrigé), Dr Camille Fictif (médecin généraliste) : 0/6 – Dépistage négatif"),
        ("withdrawn", "Retiré par le médecin (Le patient a changé d'avis)"),
        ("unreachable", "Sans suite (Patient injoignable)"),
        ("no-ins", "Patient : FICTIVE Jeanne (Femme)"),
        ("gad-2", "GAD-2 du 2 mars 2026 à 12 h 00, Dr Camille Fictif (médecin généraliste) : 2/6 – Dépistage négatif"),
    ],
)
def test_text_says(name: str, wanted: str) -> None:
    assert wanted in _text(name)


@pytest.mark.parametrize(
    "wanted",
    [
        "Autres scores\n- ISI (insomnie) : 17, le 2 mars 2026",
        "Revue de cas du 3 mars 2026 à 9 h 00, Dr Inès Fictive (psychiatre)\n- Amélioration partielle.",
        "Réévaluer à trois semaines. (adaptée : 75 mg d'abord.)",
        "Psychothérapie : Activation comportementale. (refusée : La patiente préfère non.)",
        "Noé Fictif (infirmier·ère) : Dort mieux depuis lundi.",
        "Évaluation initiale du 2 mars 2026",
        "Plan de prévention des rechutes\n- Mon plan pour rester bien",
        "Lettre de sortie\n- SÉSAME – Lettre de sortie",
    ],
)
def test_text_says_what_the_team_wrote(wanted: str) -> None:
    assert wanted in _text("left")
    assert wanted not in _text("referred")


def test_an_advice_that_waits_says_so() -> None:
    assert _text("reviewed").count("(réponse du médecin attendue)") == 2


def test_text_holds_nothing_new_after_the_patients_no_and_nothing_private() -> None:
    text = _text("withdrawn-consent")
    assert "PHQ-9" in text
    assert text.count("PHQ-9 du") == 1  # the GP's own, not the nurse's of afterwards
    assert "Dort mieux depuis lundi." in text
    assert care.SECRET not in text


@pytest.mark.parametrize("name", STORIES)
def test_interpretation_off_gives_numbers_only(name: str) -> None:
    text = _text(name, interpretation=False)
    assert "Dépistage positif" not in text
    assert "ALERTE" not in text
    assert "PHQ-2" in text or "GAD" in text or "AUDIT-C" in text


def test_a_pathway_without_identity_has_no_summary() -> None:
    with pytest.raises(ValueError, match="no identity"):
        summary_of(Pathway(PATHWAY), GP, WRITTEN, policy=PathwayPolicy())


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "29 mars 2026 à 1 h 59"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "29 mars 2026 à 3 h 00"),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "1er janvier 2027 à 0 h 30"),
    ],
)
def test_moments_are_those_of_paris(moment: datetime, expected: str) -> None:
    assert french.moment(moment) == expected


def test_every_month_has_its_name() -> None:
    assert [french.day(date(2026, m, 2)).split()[1] for m in (2, 8, 12)] == ["février", "août", "décembre"]
