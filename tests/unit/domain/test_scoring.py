"""Totals, bands, completeness and the safety flag."""

import pytest

from sesame_fhir.domain.instruments import INSTRUMENTS, Instrument, InstrumentId
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.domain.scoring import band_of, check_answers, published_band, raises_safety_flag, score

WEIGHTS = {
    "jamais": "LA6568-5",
    "plusieurs jours": "LA6569-3",
    "plus de la moitié du temps": "LA6570-1",
    "presque tous les jours": "LA6571-9",
}
FREQUENCY = tuple(WEIGHTS.values())


def answers(instrument: Instrument, weights: str) -> dict[str, str]:
    """``"3210…"``: one digit per scored item, "-" for an item left empty."""
    return {
        item.link_id: item.answers[int(digit)].code
        for item, digit in zip(instrument.scored_items, weights, strict=True)
        if digit != "-"
    }


# instrument | answers, item by item | total | band
SCORES = [
    (InstrumentId.PHQ_2, "00", 0, "negative"),
    (InstrumentId.PHQ_2, "11", 2, "negative"),
    (InstrumentId.PHQ_2, "12", 3, "positive"),
    (InstrumentId.PHQ_2, "33", 6, "positive"),
    (InstrumentId.PHQ_2, "3-", None, None),
    (InstrumentId.PHQ_9, "000000000", 0, "minimal"),
    (InstrumentId.PHQ_9, "111100000", 4, "minimal"),
    (InstrumentId.PHQ_9, "111110000", 5, "mild"),
    (InstrumentId.PHQ_9, "333000000", 9, "mild"),
    (InstrumentId.PHQ_9, "333100000", 10, "moderate"),
    (InstrumentId.PHQ_9, "333320000", 14, "moderate"),
    (InstrumentId.PHQ_9, "333330000", 15, "moderately-severe"),
    (InstrumentId.PHQ_9, "333333100", 19, "moderately-severe"),
    (InstrumentId.PHQ_9, "333333200", 20, "severe"),
    (InstrumentId.PHQ_9, "333333333", 27, "severe"),
    (InstrumentId.PHQ_9, "321032101", 13, "moderate"),
    (InstrumentId.PHQ_9, "32103210-", None, None),
    (InstrumentId.GAD_2, "12", 3, "positive"),
    (InstrumentId.GAD_2, "20", 2, "negative"),
    (InstrumentId.GAD_7, "1111000", 4, "minimal"),
    (InstrumentId.GAD_7, "1111100", 5, "mild"),
    (InstrumentId.GAD_7, "3330000", 9, "mild"),
    (InstrumentId.GAD_7, "3331000", 10, "moderate"),
    (InstrumentId.GAD_7, "3333200", 14, "moderate"),
    (InstrumentId.GAD_7, "3333300", 15, "severe"),
    (InstrumentId.GAD_7, "3333333", 21, "severe"),
    (InstrumentId.AUDIT_C, "110", 2, "low"),
    (InstrumentId.AUDIT_C, "111", 3, "threshold-women"),
    (InstrumentId.AUDIT_C, "211", 4, "threshold-all"),
    (InstrumentId.AUDIT_C, "444", 12, "threshold-all"),
]


@pytest.mark.parametrize(("instrument_id", "weights", "total", "band"), SCORES)
def test_score(instrument_id: InstrumentId, weights: str, total: int | None, band: str | None) -> None:
    instrument = INSTRUMENTS[instrument_id]
    result = score(instrument, answers(instrument, weights))
    assert result.total == total
    assert (result.band.code if result.band else None) == band
    assert result.complete is (total is not None)


def test_a_partial_set_names_what_is_missing() -> None:
    phq9 = INSTRUMENTS[InstrumentId.PHQ_9]
    assert score(phq9, answers(phq9, "3--------")).missing == tuple(i.link_id for i in phq9.scored_items[1:])


@pytest.mark.parametrize("instrument", INSTRUMENTS.values(), ids=lambda i: i.id)
def test_bands_cover_every_possible_total_exactly_once(instrument: Instrument) -> None:
    for total in range(instrument.maximum + 1):
        assert sum(band.low <= total <= band.high for band in instrument.bands) == 1
        assert band_of(instrument, total) is not None
    assert band_of(instrument, instrument.maximum + 1) is None


@pytest.mark.parametrize(
    ("instrument_id", "maximum", "items"),
    [
        (InstrumentId.PHQ_2, 6, 2),
        (InstrumentId.PHQ_9, 27, 10),
        (InstrumentId.GAD_2, 6, 2),
        (InstrumentId.GAD_7, 21, 7),
        (InstrumentId.AUDIT_C, 12, 3),
    ],
)
def test_shape_of_the_instruments(instrument_id: InstrumentId, maximum: int, items: int) -> None:
    instrument = INSTRUMENTS[instrument_id]
    assert (instrument.maximum, len(instrument.items)) == (maximum, items)


def test_item_10_of_the_phq_9_is_never_scored() -> None:
    phq9 = INSTRUMENTS[InstrumentId.PHQ_9]
    given = answers(phq9, "000000000") | {"69722-7": "LA6574-3"}
    assert score(phq9, given).total == 0


def test_the_codes_of_very_and_extremely_difficult_are_not_swapped() -> None:
    item = INSTRUMENTS[InstrumentId.PHQ_9].item("69722-7")
    assert item is not None
    assert [(a.code, a.text) for a in item.answers] == [
        ("LA6572-7", "Pas du tout difficile(s)"),
        ("LA6573-5", "Assez difficile(s)"),
        ("LA6575-0", "Très difficile(s)"),
        ("LA6574-3", "Extrêmement difficile(s)"),
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"44250-9": "LA6568-5"}, []),
        ({"44250-9": "LA6572-7"}, [(ReasonCode.UNKNOWN_ANSWER, "44250-9")]),
        ({"69725-0": "LA6568-5"}, [(ReasonCode.UNKNOWN_ITEM, "69725-0")]),
        ({"44250-9": ""}, [(ReasonCode.UNKNOWN_ANSWER, "44250-9")]),
        (
            {"x": "y", "44255-8": "3"},
            [(ReasonCode.UNKNOWN_ITEM, "x"), (ReasonCode.UNKNOWN_ANSWER, "44255-8")],
        ),
    ],
)
def test_answers_that_do_not_belong(given: dict[str, str], expected: list[tuple[ReasonCode, str]]) -> None:
    found = check_answers(INSTRUMENTS[InstrumentId.PHQ_2], given)
    assert [(reason.code, reason.detail) for reason in found] == expected


# item 9 | the other items | flag
@pytest.mark.parametrize(
    ("weights", "flag"),
    [
        ("000000000", False),
        ("333333330", False),
        ("000000001", True),
        ("000000003", True),
        ("--------1", True),
        ("33333333-", False),
    ],
)
def test_safety_flag_depends_on_item_9_only(weights: str, *, flag: bool) -> None:
    phq9 = INSTRUMENTS[InstrumentId.PHQ_9]
    assert raises_safety_flag(phq9, answers(phq9, weights)) is flag


@pytest.mark.parametrize(
    "instrument_id", [InstrumentId.PHQ_2, InstrumentId.GAD_2, InstrumentId.GAD_7, InstrumentId.AUDIT_C]
)
def test_other_instruments_have_no_safety_item(instrument_id: InstrumentId) -> None:
    assert not any(item.safety for item in INSTRUMENTS[instrument_id].items)


# instrument | answers | policy | published band
@pytest.mark.parametrize(
    ("instrument_id", "weights", "policy", "band"),
    [
        (InstrumentId.PHQ_2, "11", PathwayPolicy(), "negative"),
        (InstrumentId.PHQ_2, "11", PathwayPolicy(phq2_threshold=2), "positive"),
        (InstrumentId.PHQ_2, "12", PathwayPolicy(phq2_threshold=4), "negative"),
        (InstrumentId.PHQ_2, "33", PathwayPolicy(interpretation=False), None),
        (InstrumentId.GAD_2, "20", PathwayPolicy(gad2_threshold=2), "positive"),
        (InstrumentId.PHQ_9, "333100000", PathwayPolicy(phq2_threshold=6), "moderate"),
        (InstrumentId.PHQ_9, "33310000-", PathwayPolicy(), None),
        (InstrumentId.AUDIT_C, "111", PathwayPolicy(), "threshold-women"),
    ],
)
def test_the_published_band_follows_the_configuration(
    instrument_id: InstrumentId, weights: str, policy: PathwayPolicy, band: str | None
) -> None:
    instrument = INSTRUMENTS[instrument_id]
    found = published_band(instrument, score(instrument, answers(instrument, weights)).total, policy)
    assert (found.code if found else None) == band
