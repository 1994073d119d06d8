"""The published proportions that the cohort reproduces, and the product's own choices where nothing is published.

Sources: domain page, "The pathway", "Billing" and "What has to be measured" (Argenteuil for referrals and exits,
MOSAIQUE for severity, ideation, response, remission and research consent, the first national figures for sequences).
"""

STARTED = 256 / 328
"""Referred patients who start."""
MODERATE_TO_SEVERE = 0.82
"""Started patients with a PHQ-9 of 10 or more at inclusion."""
IDEATION = 0.30
"""Started patients with PHQ-9 item 9 of 1 or more at inclusion."""
RESPONSE = 0.54
"""Followed patients whose last PHQ-9 is half of the first or less."""
REMISSION = 0.40
"""Followed patients whose last PHQ-9 is under 5."""
RESEARCH = 262 / 608
"""Started patients who consent to research."""
SURVEY_ANSWERED = 0.46
"""Surveys answered of those given."""
SEQUENCES_PER_PATIENT = 1800 / 1145
"""Sequences per started patient."""

EXITS: tuple[tuple[str, float], ...] = (
    ("concerted-end", 0.39),
    ("specialised-care", 0.35),
    # The other 26 % are not published in detail; these shares are our own.
    ("remission", 0.09),
    ("lost-to-follow-up", 0.08),
    ("patient-wish", 0.06),
    ("moved-away", 0.02),
    ("maximum-duration", 0.01),
)
"""Exit reasons: concerted end without orientation 39 %, specialised orientation 35 % of 331 exits."""

NOT_STARTED: tuple[tuple[str, float], ...] = (
    ("declined-by-patient", 0.45),
    ("unreachable", 0.37),
    ("not-eligible", 0.18),
)
"""Own choice: the domain page gives the number of those who did not start, not their reasons."""

SEQUENCES: tuple[tuple[int, float], ...] = ((1, 0.58), (2, 0.29), (3, 0.105), (4, 0.025))
"""Own choice of a distribution whose mean is the published 1.57."""

MISSED = 0.08
"""Own choice: planned contacts that are missed."""


def quota(shares: tuple[tuple[str, float], ...], count: int) -> list[str]:
    """``count`` labels in these shares, each within one of its exact number; the remainder goes to the largest."""
    labels = [label for label, share in shares for _ in range(int(share * count))]
    return labels + [shares[0][0]] * (count - len(labels))
