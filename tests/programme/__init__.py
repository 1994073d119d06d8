"""The seeds' programme: 1,145 invented patients and 1,800 sequences, billed month by month from 2023-11 to 2025-03.

``plan`` deals out who lives what, ``histories`` makes the events, ``payer`` answers as an insurer might, ``run`` bills
the months through the use cases, ``independent`` works the totals out again from the events alone.
"""
