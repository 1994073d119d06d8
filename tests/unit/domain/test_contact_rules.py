"""Contacts and messages: the examples of docs/rules/contacts.md, and what they leave in the state."""

from dataclasses import replace

import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.evolution import evolve
from sesame_fhir.domain.reasons import Refused
from tests.specification.contacts import CANCELLED, CORRECTED, HELD, MISSED, MOVED, PAGE, SENT, TO_COME
from tests.specification.model import Example, moment, on
from tests.specification.running import examples, refused
from tests.specification.situations import CARE, held
from tests.support.story import COORDINATOR, GP, NURSE, PSYCHIATRIST, event

COLLEAGUE = Actor("10000000033", Role.NURSE, "Lou Fictif")


@pytest.mark.parametrize("example", examples(PAGE))
def test_what_may_be_done(example: Example) -> None:
    assert refused(example) == example.refused


def test_a_planned_contact_that_was_held_keeps_its_plan() -> None:
    (contact,) = TO_COME.then(on("2026-03-20", MOVED), on("2026-03-27 09:40", HELD)).pathway.contacts
    assert (contact.status, contact.planned_at, contact.at) == (
        ev.ContactStatus.HELD,
        MOVED.planned_at,
        moment("2026-03-27 09:40"),
    )
    assert (contact.moved, contact.minutes, contact.by) == (1, 20, NURSE)


@pytest.mark.parametrize(
    ("data", "status"), [(CANCELLED, ev.ContactStatus.CANCELLED), (MISSED, ev.ContactStatus.MISSED)]
)
def test_a_contact_that_did_not_take_place_is_not_to_come_any_more(data: ev.Payload, status: ev.ContactStatus) -> None:
    pathway = TO_COME.then(on("2026-03-26", data)).pathway
    assert [c.status for c in pathway.contacts] == [status]
    assert pathway.planned_contacts == pathway.held_contacts == ()


def test_a_missed_contact_that_was_not_planned_is_kept() -> None:
    (contact,) = CARE.then(on("2026-03-26", MISSED)).pathway.contacts
    assert (contact.status, contact.at, contact.planned_at) == (ev.ContactStatus.MISSED, moment("2026-03-26"), None)


def test_contacts_are_in_the_order_in_which_they_took_place() -> None:
    pathway = CARE.then(
        held("2026-04-20", "c2"), on("2026-04-06", HELD), on("2026-04-20", ev.ContactMissed("c3"))
    ).pathway
    assert [c.contact_id for c in pathway.held_contacts] == ["c1", "c2"]


@pytest.mark.parametrize(("by", "private"), [(NURSE, "Corrigée"), (COLLEAGUE, "Pour moi")])
def test_a_private_note_is_its_authors_own_whoever_corrects_the_contact(by: Actor, private: str) -> None:
    noted = TO_COME.then(on("2026-03-25 14:00", replace(HELD, private_note="Pour moi")))
    pathway = noted.then(on("2026-03-26", replace(CORRECTED, private_note="Corrigée"), by)).pathway
    (contact,) = pathway.contacts
    assert (contact.private_note, contact.minutes, contact.corrected, contact.by) == (private, 25, True, NURSE)
    assert contact.at == moment("2026-03-25 14:00")


def test_a_contact_that_is_not_there_does_not_fold() -> None:
    pathway = CARE.pathway
    with pytest.raises(Refused):
        evolve(pathway, event(pathway.version + 1, CANCELLED))


def test_a_message_waits_for_whom_it_is_addressed_to_until_it_is_read() -> None:
    (sent,) = SENT.pathway.messages
    assert [sent.waits_for(who) for who in (NURSE, GP, PSYCHIATRIST, COORDINATOR)] == [False, False, True, False]
    (read,) = SENT.then(
        on("2026-03-13", ev.MessageRead("m1"), PSYCHIATRIST), on("2026-03-14", ev.MessageRead("m1"), PSYCHIATRIST)
    ).pathway.messages
    assert not read.waits_for(PSYCHIATRIST)
    assert read.read == {PSYCHIATRIST.actor_id: moment("2026-03-13")}
    assert read.readers == (PSYCHIATRIST,)


def test_a_message_to_everybody_waits_for_each_of_them() -> None:
    (sent,) = CARE.then(on("2026-03-12", ev.MessageSent("m1", "Bonjour"))).pathway.messages
    assert [sent.waits_for(who) for who in (NURSE, GP, PSYCHIATRIST)] == [False, True, True]


def test_reading_one_message_leaves_the_others() -> None:
    two = SENT.then(on("2026-03-12", ev.MessageSent("m2", "Et encore")), on("2026-03-13", ev.MessageRead("m2"), GP))
    assert [message.readers for message in two.pathway.messages] == [(), (GP,)]
