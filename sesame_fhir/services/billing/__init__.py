"""Use cases of billing: prepare a month, freeze, approve, submit; answers and payments in; corrections; the books.

``records`` the values that pass between the use cases and the store, ``ports`` the store's Protocols. Every step may be
killed and run again: what was done stays done, what was not is done, nothing is done twice.
"""
