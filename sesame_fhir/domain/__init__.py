"""The rules of the pathway. Standard library only: no clock, no id, no user, no I/O inside."""
