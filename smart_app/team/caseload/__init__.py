"""The caseload (file active): who needs me today, one table for nurse, psychiatrist and GP."""
