"""One year of SÉSAME as three people live it: four sequences, a response, a worsening with item 9, a review, an exit.

The GP works in the demo EHR, the nurse and the psychiatrist in the team's pages, each in a browser of their own. The
time is moved (see ``tests.support.moved_clock``); everybody signs in again after each pause, as in life.
"""

from datetime import date

import pytest
from playwright.sync_api import expect

from tests.e2e.colleagues import Nurse
from tests.e2e.story import PANEL, Story, in_the_record, look, look_at_the_panel, pdf_text, refer_by, tab_to

pytestmark = [pytest.mark.browser, pytest.mark.network, pytest.mark.xdist_group("browser")]

PATIENT = "patient-09"
NAME = "JONQUILLE Sandrine"
DOUBT = "ECG à refaire avant d'augmenter"


def test_one_whole_pathway(story: Story) -> None:
    story.nurse.patient = story.psychiatrist.patient = NAME
    refer(story)
    begin(story)
    respond(story)
    worsen(story)
    review(story)
    decide(story)
    recover(story)
    prevent(story)
    leave(story)


def refer(story: Story) -> None:
    """11 January: the GP screens and refers; the nurse sees it on top and leaves a message."""
    story.on(11, 1)
    refer_by(story.gp, PATIENT)
    nurse = story.nurse
    nurse.sign_in()
    expect(nurse.page.locator("section.waiting li").first).to_contain_text(NAME)
    look(nurse.page, "referral-on-top", PANEL)
    nurse.open_referral()
    nurse.says("PHQ-2", "6")
    nurse.fill("Note (facultatif)", "Rappellera demain matin")
    nurse.press("Message laissé")
    nurse.says("Appels : 1 / 3", "Rappellera demain matin")


def begin(story: Story) -> None:
    """12 January: reached, assessed, planned; the first sequence begins."""
    story.on(12, 1)
    nurse = story.nurse
    nurse.sign_in()
    nurse.open_referral()
    nurse.press("Joint et d'accord")
    nurse.heading("Évaluation initiale")
    nurse.choose("minutes", "45")
    nurse.choose("mode", "phone")
    nurse.answer("PHQ-9", "333333000")
    nurse.answer("GAD-7", "2222220")
    nurse.fill("Antécédents et histoire", "Un épisode en 2019, résolu en six mois.")
    nurse.page.get_by_label("Objectifs, avec les mots du patient").fill("Retravailler en avril\nDormir la nuit")
    nurse.fill("Synthèse", "Épisode dépressif modéré, anxiété associée.")
    nurse.page.get_by_label("Problème provisoire").fill("Épisode dépressif")
    nurse.page.get_by_label("Code (facultatif)").fill("P76")
    nurse.next_on(story.day(26, 1))
    nurse.press("Terminer l'évaluation")
    nurse.heading("Plan de soins")
    nurse.says("PHQ-9 ≤ 4")
    nurse.press("Enregistrer le plan")
    nurse.open_patient()
    nurse.press("Équipe de soins")
    nurse.page.get_by_label("Psychiatre").select_option(label="Dr Paul EXEMPLAIRE")
    nurse.press("Enregistrer l'équipe")
    nurse.open_patient()
    nurse.says("Paul EXEMPLAIRE", "Retravailler en avril")
    nurse.press("Séquences et suspension")
    nurse.says("Séquence 1 sur 4", f"du 12 janvier {story.year} au 11 avril {story.year}")


def respond(story: Story) -> None:
    """Calls: the first by the keyboard alone; on the second the PHQ-9 has more than halved. Messages both ways."""
    nurse, gp = story.nurse, story.gp
    story.on(26, 1)
    nurse.sign_in()
    nurse.open_contact()
    look(nurse.page, "contact")
    by_the_keyboard(nurse)
    story.on(26, 2)
    nurse.sign_in()
    nurse.hold("111111110", "Marche chaque jour, dort mieux.", story.day(30, 3))
    nurse.says("Réponse", "PHQ-9 passé de 18 à 8")
    nurse.write("Elle va mieux. Prolonger l'arrêt jusqu'au 15 mars ?", "gp")
    gp.start(PATIENT)
    gp.heading("Suivi SÉSAME en cours")
    expect(gp.panel.locator("main")).to_contain_text("Elle va mieux")
    gp.press("Marquer comme lu")
    expect(gp.panel.locator("main")).to_contain_text("Lu par Hélène VALFICTIF")
    gp.panel.get_by_label("Votre message").fill("D'accord, je la vois le 12 mars.")
    gp.press("Envoyer")
    nurse.open_patient()
    nurse.press("Messages")
    nurse.press("Marquer")
    nurse.says("Lu par Noémie ESSAILLON", "Lu par Hélène VALFICTIF")
    expect(nurse.page.get_by_text("Lu par")).to_have_count(2)
    expect(nurse.page.get_by_role("button", name="Marquer")).to_have_count(0)


def by_the_keyboard(nurse: Nurse) -> None:
    """Note a call without the mouse: Tab and arrows, digits for the answers, Enter to save; the next in a month."""
    keys = nurse.page.keyboard
    nurse.page.locator("a.skip").focus()
    keys.press("Enter")
    tab_to(nurse.page, "name", "minutes")
    keys.press("Space")
    keys.press("ArrowRight")
    tab_to(nurse.page, "type", "radio")
    for weight in "222222210":
        keys.press(weight)
    tab_to(nurse.page, "name", "note")
    keys.type("Dort mal, a repris la marche.")
    tab_to(nurse.page, "name", "next")
    keys.press("ArrowRight")
    tab_to(nurse.page, "innerText", "Enregistrer le contact")
    keys.press("Enter")
    nurse.heading(NAME)
    nurse.says("Dort mal, a repris la marche.", "15 min")


def worsen(story: Story) -> None:
    """Sequence 2 by decision and calendar; then item 9: the panel at once, the flag until somebody acknowledges."""
    nurse = story.nurse
    story.on(30, 3)
    nurse.sign_in()
    nurse.hold("111111110", "Reprise prévue.", story.day(10, 5))
    nurse.renew()
    nurse.says("Séquence 2 décidée")
    story.on(10, 5)
    nurse.sign_in()
    nurse.hold("222222211", "Ne dort plus, pleure au travail.", story.day(24, 5))
    nurse.heading("Risque suicidaire")
    nurse.says("3114")
    nurse.tab("File active")
    expect(nurse.row).to_contain_text("Item 9 du PHQ-9 : à prendre en compte")
    look(nurse.page, "caseload-item-9")
    nurse.open_patient()
    look(nurse.page, "patient-item-9", PANEL)
    nurse.press("Prendre en compte")
    nurse.page.locator("label:has(input[name=action])").first.click()
    nurse.press("Prendre en compte")
    nurse.open_patient()
    nurse.says("Aggravation", "PHQ-9 remonté de 8")
    nurse.press("Revue de cas")
    nurse.page.get_by_label("Question posée à la revue").fill("Traiter ?")
    nurse.press("Mettre à la revue")
    nurse.tab("File active")
    expect(nurse.row).not_to_contain_text("à prendre en compte")


def review(story: Story) -> None:
    """14 May: the psychiatrist reads the case in the list and signs what he recommends."""
    story.on(14, 5)
    doctor = story.psychiatrist
    doctor.sign_in()
    doctor.tab("Revue de cas")
    doctor.says(NAME, "Traiter ?")
    doctor.press("Commencer la revue")
    look(doctor.page, "review", PANEL)
    doctor.open_case()
    doctor.says("18 → ", "Ne dort plus")
    doctor.page.locator("input[name=drug-1]").fill("Sertraline")
    doctor.page.locator("input[name=dose-1]").fill("100 mg")
    doctor.page.locator("textarea[name=text-monitoring]").fill("Idées suicidaires")
    doctor.page.locator("input[name=weeks-monitoring]").fill("1")
    doctor.page.locator("input[name=weeks-see-again]").fill("4")
    look(doctor.page, "case")
    doctor.press("Signer la revue")
    doctor.heading("Revue de cas signée")
    doctor.tab("Revue de cas")
    doctor.press("Clore la revue")
    doctor.press("Enregistrer la revue")
    doctor.says("Dr Paul EXEMPLAIRE, Noémie ESSAILLON", f"1 : {NAME}")


def decide(story: Story) -> None:
    """15 May: the GP sees the advice first, declines one with a reason, accepts another; everybody sees what came."""
    story.on(15, 5)
    gp, nurse, doctor = story.gp, story.nurse, story.psychiatrist
    gp.start(PATIENT)
    look_at_the_panel(gp, "gp-advice")
    gp.start(PATIENT)
    first = gp.panel.locator("main h2, main h1").first
    expect(first).to_contain_text("À décider : avis de")
    drug = gp.panel.locator(".one").filter(has_text="Sertraline, 100 mg")
    drug.locator("textarea").fill(DOUBT)
    drug.get_by_role("button", name="Refuser").click()
    expect(drug).to_have_count(0)
    gp.panel.locator(".one").filter(has_text="Idées suicidaires").get_by_role("button", name="Accepter").click()
    expect(gp.panel.locator(".one")).to_have_count(0)
    expect(gp.panel.locator("main")).to_contain_text(DOUBT)
    in_the_record(gp, f"Sertraline 100 mg : {DOUBT}", "Contact : suivi", "PHQ-9, score total : 16")
    nurse.sign_in()
    nurse.open_patient()
    nurse.says("refusée", DOUBT, "acceptée")
    doctor.sign_in()
    doctor.tab("File active")
    doctor.row.get_by_role("link", name=NAME).click()
    doctor.says("refusée", DOUBT, "acceptée")


def recover(story: Story) -> None:
    """Better again, twice; the psychiatrist sees the case again as announced; sequence 3 is decided."""
    nurse = story.nurse
    story.on(24, 5)
    nurse.sign_in()
    nurse.hold("111111110", "Dort mieux.", story.day(28, 6))
    story.on(28, 6)
    nurse.sign_in()
    nurse.hold("111111100", "A repris le travail.", story.day(1, 9))
    nurse.renew()
    doctor = story.psychiatrist
    doctor.sign_in()
    doctor.tab("Revue de cas")
    doctor.says("À revoir")
    doctor.open_case()
    doctor.page.locator("textarea[name=text-no-change]").fill("Poursuivre, elle va mieux.")
    doctor.press("Signer la revue")
    doctor.heading("Revue de cas signée")
    story.on(1, 9)
    nurse.sign_in()
    nurse.hold("111100000", "Va bien.", None)
    nurse.says("Prêt pour la prévention des rechutes")
    nurse.press("Séquences et suspension")
    nurse.says("Séquence 3 sur 4", f"du 12 juillet {story.year} au 11 octobre {story.year}")


def prevent(story: Story) -> None:
    """Relapse prevention with a written plan to take home; sequence 4 is decided."""
    nurse = story.nurse
    nurse.open_patient()
    nurse.press("Plan de soins")
    nurse.press("Passer à la prévention des rechutes")
    nurse.page.get_by_label("Ce qui m'aide").fill("Marcher avec ma voisine")
    nurse.page.get_by_label("Les signes qui doivent").fill("Je me réveille à 4 h")
    nurse.page.get_by_label("Ce que je fais en premier").fill("J'appelle ma sœur")
    nurse.press("Enregistrer le plan")
    look(nurse.page, "relapse-plan", PANEL)
    text = pdf_text(nurse.page, "Imprimer pour le patient")
    for said in ("Marcher avec ma voisine", "Je me réveille à 4 h", "J'appelle ma sœur", "3114"):
        assert said in text
    story.on(28, 9)
    nurse.sign_in()
    nurse.hold("111000000", "Plan relu avec elle.", story.day(27, 10))
    nurse.renew()
    story.on(27, 10)
    nurse.sign_in()
    nurse.hold("", "Rien à signaler.", None)
    nurse.press("Séquences et suspension")
    for period in (
        "12 janvier {0} au 11 avril {0}",
        "12 avril {0} au 11 juillet {0}",
        "12 juillet {0} au 11 octobre {0}",
    ):
        nurse.says(period.format(story.year))
    nurse.says(f"12 octobre {story.year} au 11 janvier {story.year + 1}", "Séquence 4 sur 4")
    look(nurse.page, "sequences", PANEL)


def leave(story: Story) -> None:
    """The last day of sequence 4: PHQ-9 at 3, the exit and its letter; the GP sees both."""
    nurse, gp = story.nurse, story.gp
    story.demo.move_to(date(story.year + 1, 1, 11), 10)
    nurse.sign_in()
    nurse.hold("111000000", "Fin du suivi.", None)
    nurse.says("Rémission")
    look(nurse.page, "patient")
    nurse.press("Préparer la sortie")
    nurse.choose("reason", "remission")
    nurse.fill("Mot pour le médecin (dans la lettre)", "Plan de prévention remis.")
    look(nurse.page, "exit")
    nurse.press("Enregistrer la sortie")
    text = pdf_text(nurse.page, "Lettre de sortie")
    for said in (NAME.partition(" ")[0], "18", "Plan de prévention remis."):
        assert said in text
    look(nurse.page, "exit-letter", PANEL)
    gp.start(PATIENT)
    gp.heading("Parcours SÉSAME terminé")
    expect(gp.panel.locator("main")).to_contain_text("Rémission")
    expect(gp.panel.locator("main")).to_contain_text("18 → 3")
    in_the_record(gp, "Lettre de sortie")
    look_at_the_panel(gp, "gp-exit")
