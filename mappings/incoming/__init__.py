"""What other systems write -> arguments of the use cases: pure functions, one module per entity.

A resource that comes in has passed R4 and our profiles. What is still absent or contradictory for the use case is
refused here, with the element's FHIRPath; whether the act is allowed is for the domain to say.
"""
