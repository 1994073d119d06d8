"""The GP's pages inside the EHR: patient strip, forms, result, eligibility, referral, done. French first."""
