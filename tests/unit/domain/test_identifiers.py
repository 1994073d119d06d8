"""INS, RPPS, FINESS and SIRET: shape and key, as tables."""

import pytest

from sesame_fhir.domain.identifiers import Finess, Ins, InsNature, InvalidIdentifier, Rpps, Siret, ins_key


@pytest.mark.parametrize(
    ("text", "nir"),
    [
        ("1 84 12 76 451 089 46", "1841276451089"),
        ("184127645108946", "1841276451089"),
        ("2550814168025 38", "2550814168025"),
        ("279032A00100192", "279032A001001"),  # Corse-du-Sud
        ("279032B00100122", "279032B001001"),  # Haute-Corse
        ("279032b00100122", "279032B001001"),
    ],
)
def test_a_right_ins_is_accepted_and_gives_back_its_fifteen_characters(text: str, nir: str) -> None:
    ins = Ins.parse(text, InsNature.TEST)
    assert ins.nir == nir
    assert ins.value == "".join(text.split()).upper()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "length"),
        ("1841276451089", "length"),
        ("1841276451089460", "length"),
        ("184127645108947", "key"),
        ("185127645108946", "key"),
        ("18412764510X946", "characters"),
        ("1841276451089AB", "characters"),
        ("279032C00100192", "characters"),
        ("184127645108９46"[:15], "characters"),  # a full-width digit is not a digit of an INS
    ],
)
def test_a_wrong_ins_is_refused_with_its_problem_and_without_its_value(text: str, problem: str) -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        Ins.parse(text, InsNature.TEST)
    assert (refused.value.kind, refused.value.problem) == ("INS", problem)
    assert not text or text not in str(refused.value)


def test_the_key_is_the_complement_to_97() -> None:
    assert ins_key("1841276451089") == f"{97 - 1841276451089 % 97:02d}"


@pytest.mark.parametrize("text", ["10003461034", "1000 3461 034", "10000000017"])
def test_a_right_rpps_is_accepted(text: str) -> None:
    assert Rpps.parse(text).value == text.replace(" ", "")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("10003461033", "key"),
        ("1000346103", "length"),
        ("810003461034", "length"),
        ("1000346103A", "characters"),
        ("", "length"),
    ],
)
def test_a_wrong_rpps_is_refused(text: str, problem: str) -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        Rpps.parse(text)
    assert (refused.value.kind, refused.value.problem) == ("RPPS", problem)


@pytest.mark.parametrize("text", ["750712184", "2A0000014", "2B0000020", "2a0000014"])
def test_a_right_finess_is_accepted(text: str) -> None:
    assert Finess.parse(text).value == text.upper()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("750712185", "key"),
        ("2B0000014", "key"),
        ("75071218", "length"),
        ("75071218X", "characters"),
        ("2C0000014", "characters"),
    ],
)
def test_a_wrong_finess_is_refused(text: str, problem: str) -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        Finess.parse(text)
    assert (refused.value.kind, refused.value.problem) == ("FINESS", problem)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("99900001300014", None),
        ("999 000 013 00014", None),
        ("99900001300015", "key"),
        ("9990000130001", "length"),
        ("9990000130001O", "characters"),
    ],
)
def test_a_siret_has_fourteen_digits_the_last_of_which_checks_the_others(text: str, problem: str | None) -> None:
    if problem is None:
        assert Siret.parse(text).value == "99900001300014"
        return
    with pytest.raises(InvalidIdentifier) as refused:
        Siret.parse(text)
    assert (refused.value.kind, refused.value.problem) == ("SIRET", problem)
