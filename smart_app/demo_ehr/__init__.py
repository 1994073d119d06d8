"""The demo EHR: a fictitious practice software on top of the real facade, to try the app on a laptop."""
