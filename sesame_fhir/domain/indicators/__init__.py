"""Activity and outcome indicators, computed from dated facts of the pathways at any past date."""
