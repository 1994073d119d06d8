"""Pathways that end otherwise, with the same three people: a patient who declines, one who is lost to follow-up."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.e2e.story import PANEL, Story, in_the_record, look, look_at_the_panel, pdf_text, refer_by

pytestmark = [pytest.mark.browser, pytest.mark.network, pytest.mark.xdist_group("browser")]


def test_a_patient_who_declines_at_the_call(story: Story) -> None:
    """The reason and the note come back to the GP's panel and record; nothing is asked of the nurse any more."""
    story.demo.move_to(story.demo.today + timedelta(days=1), 9)
    gp, nurse = story.gp, story.nurse
    nurse.patient = "FONTAURORE Mai"
    refer_by(gp, "patient-25")
    story.demo.move_to(story.demo.today + timedelta(days=2), 11)
    nurse.sign_in()
    nurse.open_referral()
    nurse.page.get_by_text("Terminer sans suivi").click()
    nurse.page.get_by_label("Note pour le médecin").fill("Préfère voir son psychologue.")
    look(nurse.page, "declining", PANEL)
    nurse.press("Le patient ne souhaite pas ce suivi")
    nurse.says("Adressage terminé", "Préfère voir son psychologue.")
    nurse.tab("File active")
    expect(nurse.page.locator("section.waiting").get_by_text(nurse.patient)).to_have_count(0)
    nurse.press("sans suite : 1")
    nurse.says(nurse.patient, "Refus du patient")
    gp.start("patient-25")
    expect(gp.panel.locator("main")).to_contain_text("Refus du patient au premier contact")
    expect(gp.panel.locator("main")).to_contain_text("Préfère voir son psychologue.")
    in_the_record(gp, "Préfère voir son psychologue.")
    look_at_the_panel(gp, "gp-declined")


def test_a_patient_lost_to_follow_up(story: Story) -> None:
    """Nobody answers: overdue on the caseload, contacts missed, an exit that says so, to the GP too."""
    story.demo.move_to(story.demo.today + timedelta(days=1), 9)
    gp, nurse = story.gp, story.nurse
    nurse.patient = "PERVENCHE Camille"
    refer_by(gp, "patient-15")
    begun = story.demo.today
    nurse.sign_in()
    nurse.open_referral()
    nurse.press("Joint et d'accord")
    nurse.choose("minutes", "45")
    nurse.answer("PHQ-9", "222222110")
    nurse.page.get_by_label("Objectifs, avec les mots du patient").fill("Dormir")
    nurse.next_on(begun + timedelta(days=15))
    nurse.press("Terminer l'évaluation")
    nurse.press("Enregistrer le plan")
    story.demo.move_to(begun + timedelta(days=25), 9)
    nurse.sign_in()
    expect(nurse.row).to_contain_text("Contact en retard")
    expect(nurse.row).to_contain_text("en retard de 10 jours")
    look(nurse.page, "caseload-overdue", PANEL)
    nurse.miss(begun + timedelta(days=32))
    nurse.says("Manqué")
    story.demo.move_to(begun + timedelta(days=32), 9)
    nurse.sign_in()
    nurse.miss(None)
    story.demo.move_to(begun + timedelta(days=60), 9)
    nurse.sign_in()
    expect(nurse.row).to_contain_text("Contact en retard")
    nurse.open_patient()
    nurse.press("Sortie du parcours")
    nurse.choose("reason", "lost-to-follow-up")
    nurse.press("Enregistrer la sortie")
    nurse.says("Perdu de vue")
    assert "Perdu de vue" in pdf_text(nurse.page, "Lettre de sortie")
    gp.start("patient-15")
    expect(gp.panel.locator("main")).to_contain_text("Perdu de vue")
