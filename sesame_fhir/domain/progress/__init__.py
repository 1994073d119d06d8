"""Treat-to-target: the one module that interprets the course of one patient, with its sources.

It can be switched off as a whole (``PathwayPolicy.interpretation``; medical-device question, domain page "Safety"):
raw values are then all that is shown.
"""
