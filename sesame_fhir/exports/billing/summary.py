"""The summary of a batch for whoever signs and files it: counts and sums, a page that prints; no patient is named."""

from collections.abc import Mapping

from sesame_fhir.exports.billing.head import BatchHead
from sesame_fhir.exports.billing.sums import GROUPS, Sums
from sesame_fhir.exports.documents import document_html

TITLES: Mapping[str, str] = {
    "site": "Par centre hébergeur",
    "rank": "Par rang de séquence",
    "scheme": "Par version du régime de facturation",
    "interrupted": "Selon l'interruption",
    "attempt": "Par présentation",
    "tariff": "Par tarif d'une séquence entière",
    "rule": "Par version des règles",
}
_WORDS: Mapping[str, Mapping[str, str]] = {
    "interrupted": {"false": "menée à son terme", "true": "interrompue"},
}
_PREFIX = {"rank": "rang ", "attempt": "présentation ", "rule": "règles "}
_SUFFIX = {"tariff": " €"}


def summary_page(head: BatchHead, sums: Sums) -> str:
    """Write the page."""
    groups = [(TITLES[name], [(_named(name, key), one) for key, one in sums.of(name)]) for name in GROUPS]
    return document_html("billing_summary", head=head, total=sums.total, example=sums.examples > 0, groups=groups)


def _named(name: str, key: str) -> str:
    shown = key.replace(".", ",") if name == "tariff" else _WORDS.get(name, {}).get(key, key)
    return f"{_PREFIX.get(name, '')}{shown}{_SUFFIX.get(name, '')}"
