"""Scheme files with one mistake each: what is changed in a good file, the line, the key, and what is said.

The good file is ``GOOD``; a row replaces a text that is in it once (``None`` for a row that gives a whole file).
"""

GOOD = """\
# Two versions of an invented scheme.
example = true

[[scheme]]
id = "article-51"
version = "1"
label = \"\"\"
Un cadre
[[scheme]] # not a table: a text of four lines
\"\"\"
start = 2023-11-01
end = "2024-12-31"
decided_by = "start"
minimum_contacts = 4
minimum_contacts_interrupted = 1
contact_tasks = [
  "first-contact", # the first one
  "follow-up",
]
interrupted = "pro-rata"
share_percent = "30"
late_days = 365
consents = ["care-team"]
sites = ["site-1", "site-2"]
biller = [
  { id = "operator", name = "Opérateur fictif", finess = "999000011", end = 2024-06-30 },
  { id = "second", name = "Autre fictif", siret = "99900001300014", start = 2024-07-01 },
]

[[scheme.tariff]] # rank 1
rank = 1
amount = "100.00"
end = 2024-03-31
[[scheme.tariff]]
rank = 1
amount = "110.5"
start = 2024-04-01
[[scheme.tariff]]
rank = 2
amount = "0.00"

[[scheme]]
id = "article-51"
version = "2"
label = "Suite"
start = 2025-01-01
decided_by = "start"
minimum_contacts = 4
interrupted = "none"
share_percent = "12.5"
consents = []

[[scheme.biller]]
id = "operator"
name = "Opérateur fictif"
finess = "999000011"

[[scheme.tariff]]
rank = 1
amount = "120"

[[scheme.tariff]]
rank = 2
amount = "60"
"""

WRONG: list[tuple[str, str, int, str, str]] = [
    # TOML itself
    ('id = "article-51"\nversion = "1"', 'id = "article-51\nversion = "1"', 5, "", "not TOML"),
    ("example = true", "example = yes", 2, "", "not TOML"),
    ("late_days = 365", "late_days = 365\nlate_days = 366", 23, "", "not TOML"),
    ("[[scheme.tariff]] # rank 1", "[[scheme.tariff] # rank 1", 30, "", "not TOML"),
    ('amount = "60"\n', 'amount = "60', 64, "", "not TOML"),
    ("start = 2023-11-01", "start = 2023-11-31", 11, "", "not TOML"),
    # keys
    ("late_days = 365", "late_day = 365", 22, "scheme[1].late_day", "did you mean late_days?"),
    ("example = true", "exemple = true", 2, "exemple", "did you mean example?"),
    ('finess = "999000011", end', 'fines = "999000011", end', 26, "scheme[1].biller[1].fines", "did you mean finess?"),
    ('label = "Suite"', 'label = "Suite"\nxyz = 1', 46, "scheme[2].xyz", "unknown key; the keys here are id, version"),
    ('label = "Suite"\n', "", 42, "scheme[2].label", 'missing; add label = "Expérimentation article 51"'),
    ("start = 2023-11-01\n", "", 4, "scheme[1].start", "missing; add start = 2026-12-31"),
    ('rank = 2\namount = "60"', 'amount = "60"', 62, "scheme[2].tariff[2].rank", "missing; add rank = 1"),
    ('rank = 2\namount = "60"', "rank = 2", 62, "scheme[2].tariff[2].amount", 'missing; add amount = "123.45"'),
    ('amount = "120"', 'amount = "120"\nlate_days = 9', 61, "scheme[2].tariff[1].late_days", "above the first"),
    ("[[scheme.biller]]", "[scheme.biller]", 53, "scheme[2].biller", "write [[scheme.biller]] in double brackets"),
    # types and values
    ("minimum_contacts = 4\nminimum_contacts_i", 'minimum_contacts = "4"\nminimum_contacts_i', 14,
     "scheme[1].minimum_contacts", "expected a whole number, without quotes, for example minimum_contacts = 4"),
    ('version = "2"', "version = 2", 44, "scheme[2].version", "expected a text in quotes"),
    ('version = "2"', 'version = "été"', 44, "scheme[2].version", 'for example version = "2026-1"'),
    ("consents = []", 'consents = "care-team"', 51, "scheme[2].consents", "expected a list in square brackets"),
    ("example = true", 'example = "true"', 2, "example", "expected true or false, without quotes"),
    ('interrupted = "none"', 'interrupted = "nothing"', 49, "scheme[2].interrupted", "not one of full, pro-rata, none"),
    ('decided_by = "start"\nminimum_contacts = 4\nminimum', 'decided_by = "strat"\nminimum_contacts = 4\nminimum', 13,
     "scheme[1].decided_by", 'did you mean "start"?'),
    ("late_days = 365", "late_days = -1", 22, "scheme[1].late_days", "less than 0"),
    ("minimum_contacts_interrupted = 1", "minimum_contacts_interrupted = 101", 15,
     "scheme[1].minimum_contacts_interrupted", "more than 100"),
    ('label = "Suite"', 'label = ""', 45, "scheme[2].label", "it is empty"),
    ('label = "Suite"', f'label = "{"x" * 101}"', 45, "scheme[2].label", "it has 101 characters; 100 at most"),
    ('  "follow-up",', '  "followup",', 18, "scheme[1].contact_tasks[2]", 'did you mean "follow-up"?'),
    ('  "follow-up",', '  "first-contact",', 16, "scheme[1].contact_tasks", "twice"),
    ('consents = ["care-team"]', 'consents = ["careteam"]', 23, "scheme[1].consents[1]", 'did you mean "care-team"?'),
    ('"site-1", "site-2"', '"site-1", "sit-2"', 24, "scheme[1].sites[2]", 'did you mean "site-2"?'),
    ('"site-1", "site-2"', '"site-1", "Bezons"', 24, "scheme[1].sites[2]", "those of the settings are site-1, site-2"),
    # money and shares
    ('amount = "100.00"', "amount = 100", 32,
     "scheme[1].tariff[1].amount", 'in quotes, so that nothing rounds it: amount = "100"'),
    ('amount = "100.00"', "amount = 100.10", 32, "scheme[1].tariff[1].amount", 'amount = "100.10"'),
    ('amount = "110.5"', "amount = 110.505", 36, "scheme[1].tariff[2].amount", "in quotes, so that nothing rounds it"),
    ('amount = "110.5"', 'amount = "110.505"', 36, "scheme[1].tariff[2].amount", "two decimals at most"),
    ('amount = "110.5"', 'amount = "110,50"', 36, "scheme[1].tariff[2].amount", "digits, a point"),
    ('amount = "110.5"', 'amount = "-110.50"', 36, "scheme[1].tariff[2].amount", "is negative; an amount is not"),
    ('amount = "110.5"', "amount = nan", 36, "scheme[1].tariff[2].amount", "write the amount in quotes"),
    ('share_percent = "12.5"', 'share_percent = "112"', 50,
     "scheme[2].share_percent", "more than the whole; 100 at most"),
    ('share_percent = "12.5"', "share_percent = 12.5", 50, "scheme[2].share_percent", 'share_percent = "12.5"'),
    ('share_percent = "12.5"', 'share_percent = "12,5"', 50, "scheme[2].share_percent", "no percentage from 0 to 100"),
    # days
    ("start = 2025-01-01", 'start = "1/1/2025"', 46, "scheme[2].start", "no day of the calendar"),
    ("start = 2025-01-01", 'start = "2025-02-30"', 46, "scheme[2].start", "no day of the calendar"),
    ("start = 2025-01-01", "start = 20250101", 46, "scheme[2].start", "no day of the calendar"),
    ("start = 2025-01-01", "start = 2025-01-01T00:00:00", 46,
     "scheme[2].start", "has a time; a day has none: start = 2025-01-01"),
    ('end = "2024-12-31"', 'end = "2023-10-31"', 12, "scheme[1].end", "it ends on 2023-10-31, before it starts"),
    ("end = 2024-03-31", "end = 2023-03-31", 33, "scheme[1].tariff[1].end", "before it starts on 2023-11-01"),
    # periods
    ("start = 2024-04-01", "start = 2024-03-31", 37,
     "scheme[1].tariff[2].start", "two tariffs of rank 1 on the same day"),
    ("start = 2024-07-01", "start = 2024-06-30", 27, "scheme[1].biller[2].start", "two billers on the same day"),
    ("end = 2024-03-31\n", "", 36, "scheme[1].tariff[2].start", "tariff 1 from 2023-11-01 without end"),
    ('rank = 2\namount = "60"', 'rank = 1\namount = "60"', 62, "scheme[2].tariff[2]", "two tariffs of rank 1"),
    ('[[scheme.tariff]]\nrank = 2\namount = "60"\n', "", 58,
     "scheme[2].tariff", "no tariff of rank 2; add [[scheme.tariff]]"),
    # who bills
    ('name = "Opérateur fictif"\nfiness = "999000011"', 'name = "Opérateur fictif"\nfiness = "999000012"', 56,
     "scheme[2].biller[1].finess", "its last digit does not fit the others"),
    ('siret = "99900001300014"', 'siret = "9990000130001"', 27, "scheme[1].biller[2].siret", "a SIRET 14"),
    ('siret = "99900001300014"', 'siret = "9990000130001X"', 27, "scheme[1].biller[2].siret", "only digits"),
    ('siret = "99900001300014", ', "", 27, "scheme[1].biller[2]", "give finess or siret, one of the two"),
    ('siret = "99900001300014"', 'siret = "99900001300014", finess = "999000011"', 27,
     "scheme[1].biller[2]", "one of the two"),
    ('id = "second"', 'id = "operator"', 27, "scheme[1].biller[2].id", "is another organisation above"),
    ('id = "second"', 'id = "Second"', 27, "scheme[1].biller[2].id", 'for example id = "operator"'),
    # versions, and schemes beside one another
    ('version = "2"', 'version = "1"', 44, "scheme[2].version", 'version "1" of article-51 is in scheme 1 already'),
    ('id = "article-51"\nversion = "2"\nlabel = "Suite"\nstart = 2025-01-01',
     'id = "own-code"\nversion = "2"\nlabel = "Suite"\nstart = 2024-12-01', 46, "scheme[2].start",
     'own-code "2" would both decide on a sequence at site-1 from 2024-12-01 to 2024-12-01'),
    ('id = "article-51"\nversion = "2"\nlabel = "Suite"\nstart = 2025-01-01\ndecided_by = "start"',
     'id = "own-code"\nversion = "2"\nlabel = "Suite"\nstart = 2025-01-01\ndecided_by = "end"', 46, "scheme[2].start",
     "at site-1 from 2024-12-31 to 2025-01-01, so none is billed; let both say the same decided_by"),
]  # fmt: skip

WARNINGS: list[tuple[str, str, int, str, str]] = [
    ("start = 2024-04-01", "start = 2024-05-01", 30,
     "scheme[1].tariff[1]", "no tariff of rank 1 from 2024-04-01 to 2024-04-30"),
    ("start = 2024-07-01", "start = 2024-07-11", 25, "scheme[1].biller", "nobody bills from 2024-07-01 to 2024-07-10"),
    ('rank = 2\namount = "60"', 'rank = 2\namount = "60"\nend = 2025-12-31', 62,
     "scheme[2].tariff[2]", "from 2026-01-01 without end"),
    ('rank = 2\namount = "60"', 'rank = 2\namount = "60"\n[[scheme.tariff]]\nrank = 3\namount = "1"', 66,
     "scheme[2].tariff[3].rank", "the ranks 1 to 2 here (pathway.maximum_sequences)"),
    ("minimum_contacts_interrupted = 1", "minimum_contacts_interrupted = 5", 15,
     "scheme[1].minimum_contacts_interrupted", "is that meant?"),
    ('id = "article-51"\nversion = "2"', 'id = "article51"\nversion = "2"', 43,
     "scheme[2].id", 'did you mean "article-51"?'),
    ("start = 2025-01-01", "start = 2023-11-01", 46,
     "scheme[2].start", 'same day as version "1", which then never applies'),
    ('decided_by = "start"\nminimum_contacts = 4\nminimum', 'decided_by = "end"\nminimum_contacts = 4\nminimum', 47,
     "scheme[2].decided_by", "decides on a sequence at site-1 from 2024-12-31 to 2025-01-01: it stays unbilled"),
]  # fmt: skip
