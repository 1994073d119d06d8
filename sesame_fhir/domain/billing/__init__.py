"""Billing: which finished sequence may be claimed, for how much, by whom, and what a claim does to the books.

``scheme`` what is configured, ``facts`` what the pathway says of one sequence, ``decision`` the rules, ``claims`` the
life of a claim as its events tell it, ``ledger`` its double entry. Source: domain page, "Billing": only finished
sequences are billed, part of the money goes to the hosting centre; everything that is UNKNOWN there is configuration.
"""
