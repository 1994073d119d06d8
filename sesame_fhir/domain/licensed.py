"""Instruments of which only the total may be recorded: name, range, what it says. No text of theirs is here.

Source: domain page, "Instruments" (ISI licensed; WHODAS, C-SSRS, SF-12 and WSAS not to be embedded). Ranges are those
of each instrument's published scoring; SF-12 gives two summary scores.
"""

from dataclasses import dataclass

from sesame_fhir.domain.events.vocabulary import LicensedInstrument


@dataclass(frozen=True, slots=True)
class TotalRange:
    """Title and the lowest and highest possible total, both included."""

    title: str
    low: int
    high: int


LICENSED: dict[LicensedInstrument, TotalRange] = {
    LicensedInstrument.ISI: TotalRange("ISI (insomnie)", 0, 28),
    LicensedInstrument.WHODAS_12: TotalRange("WHODAS 2.0, 12 items (fonctionnement)", 0, 48),
    LicensedInstrument.C_SSRS: TotalRange("C-SSRS, intensité des idées", 0, 5),
    LicensedInstrument.SF_12_PHYSICAL: TotalRange("SF-12, score physique", 0, 100),
    LicensedInstrument.SF_12_MENTAL: TotalRange("SF-12, score mental", 0, 100),
    LicensedInstrument.WSAS: TotalRange("WSAS (retentissement)", 0, 40),
}
"""Every licensed instrument."""
