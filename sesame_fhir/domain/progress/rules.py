"""Every rule in words: its name, when it speaks, what it says, whether somebody should act, where it comes from.

French, for a hurried clinician. ``explain`` fills a sentence with the values that the flag carries; ``definition``
fills the rule with the thresholds in force.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.progress.model import Rule

_PAGE = "Page de référence du domaine"
_TARGET = "Psychiatric Services, ps.201900295"
_TASKS = "Psychiatric Services, ps.201400577"
_OWN = "choix propre du logiciel"


@dataclass(frozen=True, slots=True)
class RuleText:
    """One rule in words. ``fields`` name the values of a flag's detail, in order; ``bare`` is said without a detail."""

    name: str
    when: str
    sentence: str
    source: str
    fields: tuple[str, ...] = ()
    bare: str | None = None
    attention: bool = True


RULES: Mapping[Rule, RuleText] = {
    Rule.SUICIDE_RISK: RuleText(
        name="Item 9",
        when="Réponse à l'item 9 du PHQ-9 d'au moins 1, quel que soit le total, jusqu'à la prise d'acte d'un clinicien "
        "nommé. Dans tous les états, parcours terminé compris.",
        sentence="Item 9 du PHQ-9 coté {answer} sur 3 : un clinicien nommé doit en prendre acte.",
        source=f"{_PAGE}, « Safety »",
        fields=("answer",),
    ),
    Rule.CONSENT_WITHDRAWN: RuleText(
        name="Accord retiré",
        when="Le patient refuse ou retire son accord au partage dans l'équipe de soins, jusqu'à la fin du parcours.",
        sentence="Le patient n'accepte plus le partage dans l'équipe : mettre fin au parcours.",
        source=f"{_PAGE}, « Consent », point 1",
    ),
    Rule.WORSENING: RuleText(
        name="Aggravation",
        when="Dernier PHQ-9 supérieur d'au moins {worsening_points} points au meilleur depuis le début, sans baisse "
        "depuis le précédent, jusqu'à une revue de cas.",
        sentence="PHQ-9 remonté de {best} (le meilleur) à {last}, pas encore vu en revue de cas.",
        source="Différence minimale cliniquement pertinente du PHQ-9, 5 points (Löwe et al., Med Care 2004, 42:1194) "
        f"; comparer au meilleur score, pour voir aussi une dégradation lente : {_OWN}",
        fields=("best", "last"),
    ),
    Rule.NO_IMPROVEMENT: RuleText(
        name="Pas d'amélioration",
        when="En prise en charge, à partir de {review_after_weeks} semaines de soins, tant que le dernier PHQ-9 ne "
        "montre ni réponse ni rémission et que le cas n'a pas été vu en revue depuis. La revue est attendue avant "
        "{review_before_weeks} semaines ; au-delà l'alerte reste.",
        sentence="PHQ-9 à {first} au début, {last} au dernier : revue de cas à tenir avant le {before}.",
        source=f"{_TASKS} : avis psychiatrique entre les semaines 8 et 12 sans réponse à la semaine 8 ; rester "
        f"après la semaine 12 : {_OWN}",
        fields=("first", "last", "before"),
    ),
    Rule.REFERRAL_WAITING: RuleText(
        name="Adressage à traiter",
        when="Du jour de l'adressage jusqu'à ce que l'infirmier·ère le prenne ou y mette fin.",
        sentence="Adressage en attente ; appels sans suite : {calls}.",
        source=f"{_PAGE}, étape 3",
        fields=("calls",),
    ),
    Rule.CONTACT_OVERDUE: RuleText(
        name="Contact en retard",
        when="Plus de {overdue_days} jours après le jour où un contact était attendu : {care_days} jours après le "
        "précédent (évaluation et prise en charge), {relapse_months} mois en prévention des rechutes ; ou après un "
        "contact planifié dont rien n'est noté.",
        sentence="Contact attendu le {due}, rien de noté depuis.",
        source=f"{_PAGE}, étapes 5 et 7 (tous les 15 jours, puis tous les mois) ; tolérance : {_OWN}",
        fields=("due",),
    ),
    Rule.FIRST_FOLLOW_UP_LATE: RuleText(
        name="Premier suivi en retard",
        when="Plus de {first_contact_weeks} semaines après l'évaluation initiale sans aucun contact depuis.",
        sentence="Aucun contact depuis l'évaluation initiale du {assessed}.",
        source=f"{_TASKS} : un contact dans les 4 semaines qui suivent le premier",
        fields=("assessed",),
    ),
    Rule.REVIEW_DUE: RuleText(
        name="À revoir en revue de cas",
        when="Du jour où le psychiatre a demandé à revoir le cas, jusqu'à la revue suivante.",
        sentence="À revoir, comme demandé à la revue du {reviewed}.",
        source=f"{_PAGE}, étape 6",
        fields=("reviewed",),
    ),
    Rule.ADVICE_WAITING: RuleText(
        name="Réponse du médecin attendue",
        when="Du jour de la revue jusqu'à ce que le médecin ait répondu à chaque recommandation.",
        sentence="Recommandations sans réponse du médecin : {count}.",
        source=f"{_PAGE}, étape 6 : le médecin décide",
        fields=("count",),
    ),
    Rule.SEQUENCE_ENDING: RuleText(
        name="Fin de séquence",
        when="{renewal_days} jours avant la fin de la séquence et après elle, tant que l'équipe n'a pas décidé de la "
        "suite.",
        sentence="Séquence {rank}, fin le {end} : décider de la suite.",
        source=f"{_PAGE}, « Séquence » ; délai : {_OWN}",
        fields=("rank", "end"),
    ),
    Rule.MEASURE_DUE: RuleText(
        name="PHQ-9 à refaire",
        when="Plus de {measure_days} jours après le dernier PHQ-9 ; dès le début des soins quand il n'y en a aucun.",
        sentence="Dernier PHQ-9 le {last}.",
        bare="Aucun PHQ-9 enregistré.",
        source=f"{_PAGE}, étapes 4 et 5 ; délai : {_OWN}",
        fields=("last",),
    ),
    Rule.READY_FOR_RELAPSE_PREVENTION: RuleText(
        name="Prêt pour la prévention des rechutes",
        when="En prise en charge, réponse ou rémission à deux PHQ-9 de suite, à des jours différents.",
        sentence="Amélioration confirmée : PHQ-9 à {first} au début, {previous} puis {last}.",
        source=f"{_PAGE}, étape 7, qui ne donne pas de critère : {_OWN}",
        fields=("first", "previous", "last"),
    ),
    Rule.RESPONSE: RuleText(
        name="Réponse",
        when="PHQ-9 abaissé d'au moins {response_percent} % depuis le début (début à {remission_below} ou plus).",
        sentence="PHQ-9 passé de {first} à {last}.",
        source=f"{_TARGET} et {_PAGE.lower()}, « What has to be measured »",
        fields=("first", "last"),
        attention=False,
    ),
    Rule.REMISSION: RuleText(
        name="Rémission",
        when="PHQ-9 inférieur à {remission_below} après un début à {remission_below} ou plus.",
        sentence="PHQ-9 à {last}, {first} au début.",
        source=f"{_TARGET} et {_PAGE.lower()}, « What has to be measured »",
        fields=("first", "last"),
        attention=False,
    ),
}
"""Every rule, in the order of ``flags.STATES``. Thresholds in ``when`` are those of ``PathwayPolicy``."""


def values(rule: Rule, detail: str | None) -> dict[str, str]:
    """The values behind a flag by the names that its sentence uses; days as 31/12/2026."""
    parts = detail.split(">") if detail else []
    return {name: _readable(part) for name, part in zip(RULES[rule].fields, parts, strict=False)}


def explain(rule: Rule, detail: str | None, texts: Mapping[Rule, RuleText] = RULES) -> str:
    """One sentence: why the flag is raised; ``texts`` are ``RULES`` in another language."""
    text = texts[rule]
    return text.bare if detail is None and text.bare else text.sentence.format(**values(rule, detail))


def definition(rule: Rule, policy: PathwayPolicy, texts: Mapping[Rule, RuleText] = RULES) -> str:
    """When the rule speaks, with the thresholds in force; ``texts`` are ``RULES`` in another language."""
    return texts[rule].when.format(**asdict(policy))


def _readable(part: str) -> str:
    try:
        return f"{date.fromisoformat(part):%d/%m/%Y}"
    except ValueError:
        return part
