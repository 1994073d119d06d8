"""GAD-7 and GAD-2, French for France.

Source: the validated French translation (same authors and licence as the PHQ), as quoted in the project's domain
page; LOINC panel 69737-5, total 70274-6 (70273-8 is the PHQ-15 total, a common mistake). No LOINC total is verified
for the GAD-2. English: the original.
"""

from sesame_fhir.domain.instruments.model import Band, Instrument, InstrumentId, Item
from sesame_fhir.domain.instruments.phq import COPYRIGHT, FREQUENCY, INSTRUCTION, INSTRUCTION_EN

_TEXTS = (
    ("69725-0", "Un sentiment de nervosité, d'anxiété ou de tension", "Feeling nervous, anxious or on edge"),
    (
        "68509-9",
        "Une incapacité à arrêter de s'inquiéter ou à contrôler ses inquiétudes",
        "Not being able to stop or control worrying",
    ),
    ("69733-4", "Une inquiétude excessive à propos de différentes choses", "Worrying too much about different things"),
    ("69734-2", "Des difficultés à se détendre", "Trouble relaxing"),
    (
        "69735-9",
        "Une agitation telle qu'il est difficile à tenir en place",
        "Being so restless that it is hard to sit still",
    ),
    ("69689-8", "Une tendance à être facilement contrarié(e) ou irritable", "Becoming easily annoyed or irritable"),
    (
        "69736-7",
        "Un sentiment de peur comme si quelque chose de terrible risquait de se produire",
        "Feeling afraid as if something awful might happen",
    ),
)

GAD_7_ITEMS = tuple(Item(loinc, loinc, text, FREQUENCY, text_en) for loinc, text, text_en in _TEXTS)

GAD_2 = Instrument(
    id=InstrumentId.GAD_2,
    title="GAD-2",
    version="1.0.0",
    instruction=INSTRUCTION,
    instruction_en=INSTRUCTION_EN,
    items=GAD_7_ITEMS[:2],
    bands=(Band("negative", 0, 2, "Dépistage négatif"), Band("positive", 3, 6, "Dépistage positif")),
    panel_loinc=None,
    total_loinc=None,
    copyright=COPYRIGHT,
)

GAD_7 = Instrument(
    id=InstrumentId.GAD_7,
    title="GAD-7",
    version="1.0.0",
    instruction=INSTRUCTION,
    instruction_en=INSTRUCTION_EN,
    items=GAD_7_ITEMS,
    bands=(
        Band("minimal", 0, 4, "Anxiété minimale"),
        Band("mild", 5, 9, "Anxiété légère"),
        Band("moderate", 10, 14, "Anxiété modérée"),
        Band("severe", 15, 21, "Anxiété sévère"),
    ),
    panel_loinc="69737-5",
    total_loinc="70274-6",
    copyright=COPYRIGHT,
)
