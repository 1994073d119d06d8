"""The team's pages, for nurses, psychiatrists, GPs and others who sign in without an EHR: below ``/app/team``."""
