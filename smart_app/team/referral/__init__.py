"""The nurse's page of a referral: what the GP sent, the calls, and how it ends."""

from smart_app.team.referral.views import ROUTES

__all__ = ["ROUTES"]
