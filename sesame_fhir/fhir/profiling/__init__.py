"""Our profiles, enforced: StructureDefinition differentials compiled into checks of parsed resources.

Understood: cardinalities, ``fixed[x]`` and ``pattern[x]``, types and reference targets, required bindings to value sets
that we hold, slicing (by value, pattern, type or existence; extensions by url), and constraints whose rule is written
in ``rules``. What a differential says beyond that is refused when it is read: nothing is silently not checked.
R4 itself is the structure layer's matter, a parent of another publisher (FR Core) that publisher's validator's.
"""

from sesame_fhir.fhir.profiling.compiling import compile_profiles

__all__ = ["compile_profiles"]
