"""The course of a pathway: sequences, interruption, consents, transfer, merge, exit."""

from smart_app.team.course import consents, exits, merge, sequences, transfer

ROUTES = (*sequences.ROUTES, *consents.ROUTES, *transfer.ROUTES, *merge.ROUTES, *exits.ROUTES)

__all__ = ["ROUTES"]
