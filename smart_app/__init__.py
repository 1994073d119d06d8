"""What people see inside the EHR: launch, session, pages, demo EHR."""
