"""A synthetic cohort: plausible pathways, lived through the real use cases, that reproduce the published proportions.

Nobody in it exists. The same size and seed give the same people, dates and scores.
"""
