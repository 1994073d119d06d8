"""PHQ-2 and PHQ-9, French for France.

Source: the validated French translation (Pfizer, free to reproduce, translate, display and distribute), as quoted in
the project's domain page; LOINC panels 55757-9 and 44249-1. The Québec wording is another text. English: the original.
"""

from sesame_fhir.domain.instruments.model import Answer, Band, Instrument, InstrumentId, Item

COPYRIGHT = (
    "Développé par les Dr Robert L. Spitzer, Janet B.W. Williams, Kurt Kroenke et leurs collègues grâce à une "
    "allocation d'études de Pfizer Inc. La reproduction, la traduction, l'affichage ou la distribution de ce document "
    "sont autorisés."
)
INSTRUCTION = (
    "Au cours des 2 dernières semaines, selon quelle fréquence avez-vous été gêné(e) par les problèmes suivants ?"
)
INSTRUCTION_EN = "Over the last 2 weeks, how often have you been bothered by any of the following problems?"

FREQUENCY = (
    Answer("LA6568-5", "Jamais", 0, "Not at all"),
    Answer("LA6569-3", "Plusieurs jours", 1, "Several days"),
    Answer("LA6570-1", "Plus de la moitié du temps", 2, "More than half the days"),
    Answer("LA6571-9", "Presque tous les jours", 3, "Nearly every day"),
)
# The codes are out of order on purpose: LA6575-0 is "very", LA6574-3 is "extremely" (LOINC answer list of 69722-7).
DIFFICULTY = (
    Answer("LA6572-7", "Pas du tout difficile(s)", 0, "Not difficult at all"),
    Answer("LA6573-5", "Assez difficile(s)", 1, "Somewhat difficult"),
    Answer("LA6575-0", "Très difficile(s)", 2, "Very difficult"),
    Answer("LA6574-3", "Extrêmement difficile(s)", 3, "Extremely difficult"),
)

_PHQ_9_TEXTS = (
    ("44250-9", "Peu d'intérêt ou de plaisir à faire les choses", "Little interest or pleasure in doing things"),
    ("44255-8", "Être triste, déprimé(e) ou désespéré(e)", "Feeling down, depressed, or hopeless"),
    (
        "44259-0",
        "Difficultés à s'endormir ou à rester endormi(e), ou dormir trop",
        "Trouble falling or staying asleep, or sleeping too much",
    ),
    ("44254-1", "Se sentir fatigué(e) ou manquer d'énergie", "Feeling tired or having little energy"),
    ("44251-7", "Avoir peu d'appétit ou manger trop", "Poor appetite or overeating"),
    (
        "44258-2",
        (
            "Avoir une mauvaise opinion de soi-même, ou avoir le sentiment d'être nul(le), ou d'avoir déçu sa "
            "famille ou s'être déçu(e) soi-même"
        ),
        "Feeling bad about yourself - or that you are a failure or have let yourself or your family down",
    ),
    (
        "44252-5",
        "Avoir du mal à se concentrer, par exemple, pour lire le journal ou regarder la télévision",
        "Trouble concentrating on things, such as reading the newspaper or watching television",
    ),
    (
        "44253-3",
        (
            "Bouger ou parler si lentement que les autres auraient pu le remarquer. Ou au contraire, être si agité(e) "
            "que vous avez eu du mal à tenir en place par rapport à d'habitude"
        ),
        (
            "Moving or speaking so slowly that other people could have noticed. Or the opposite - being so fidgety or "
            "restless that you have been moving around a lot more than usual"
        ),
    ),
    (
        "44260-8",
        "Penser qu'il vaudrait mieux mourir ou envisager de vous faire du mal d'une manière ou d'une autre",
        "Thoughts that you would be better off dead, or of hurting yourself in some way",
    ),
)

# Safety (domain page): item 9 >= 1 is a suicide-risk flag whatever the total.
_SAFETY_LOINC = "44260-8"

PHQ_9_ITEMS = tuple(
    Item(loinc, loinc, text, FREQUENCY, text_en, safety=loinc == _SAFETY_LOINC) for loinc, text, text_en in _PHQ_9_TEXTS
)

_DIFFICULTY_ITEM = Item(
    "69722-7",
    "69722-7",
    "Si vous avez coché au moins un des problèmes évoqués, à quel point ce(s) problème(s) a-t-il (ont-ils) rendu votre "
    "travail, vos tâches à la maison ou votre capacité à vous entendre avec les autres difficile(s) ?",
    DIFFICULTY,
    "If you checked off any problems, how difficult have these problems made it for you to do your work, take care of "
    "things at home, or get along with other people?",
    scored=False,
    required=False,
    depends_on_any=True,
)

PHQ_2 = Instrument(
    id=InstrumentId.PHQ_2,
    title="PHQ-2",
    version="1.0.0",
    instruction=INSTRUCTION,
    instruction_en=INSTRUCTION_EN,
    items=PHQ_9_ITEMS[:2],
    bands=(Band("negative", 0, 2, "Dépistage négatif"), Band("positive", 3, 6, "Dépistage positif")),
    panel_loinc="55757-9",
    total_loinc="55758-7",
    copyright=COPYRIGHT,
)

PHQ_9 = Instrument(
    id=InstrumentId.PHQ_9,
    title="PHQ-9",
    version="1.0.0",
    instruction=INSTRUCTION,
    instruction_en=INSTRUCTION_EN,
    items=(*PHQ_9_ITEMS, _DIFFICULTY_ITEM),
    bands=(
        Band("minimal", 0, 4, "Dépression minimale"),
        Band("mild", 5, 9, "Dépression légère"),
        Band("moderate", 10, 14, "Dépression modérée"),
        Band("moderately-severe", 15, 19, "Dépression modérément sévère"),
        Band("severe", 20, 27, "Dépression sévère"),
    ),
    panel_loinc="44249-1",
    total_loinc="44261-6",
    copyright=COPYRIGHT,
)
