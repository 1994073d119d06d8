"""Names of the drafts of a contact's forms, and the form of its id."""

CONTACT = "contact:{contact_id}"
CORRECTION = "correct:{contact_id}"
CHANGE = "contact-change:{contact_id}"
CONTACT_ID = r"[A-Za-z0-9-]{1,64}"
