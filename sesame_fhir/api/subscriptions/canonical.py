"""Canonicals of the Subscriptions R5 backport (1.1, on R4) and of our own topic and extensions."""

from sesame_fhir.fhir.canonical import own

_BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition"
FILTER = f"{_BACKPORT}/backport-filter-criteria"
CONTENT = f"{_BACKPORT}/backport-payload-content"
NOTIFICATION = f"{_BACKPORT}/backport-subscription-notification-r4"
STATUS = f"{_BACKPORT}/backport-subscription-status-r4"

TOPIC = own("SubscriptionTopic", "pathway-change")
"""A pathway begins, moves to another state or phase, changes hands or ends: its EpisodeOfCare has a new version."""
TOPIC_TYPE = "EpisodeOfCare"

SIGNING_KEY = own("StructureDefinition", "sesame-notification-key")
OAUTH = own("StructureDefinition", "sesame-notification-oauth")
"""How what is sent is protected; both are kept sealed and never given back."""
SECRETS = frozenset({SIGNING_KEY, OAUTH})
