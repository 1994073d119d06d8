"""``python -m sesame_fhir.cli``: the same command, without an installed script."""

from sesame_fhir.cli import main

main()
