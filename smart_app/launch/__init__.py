"""SMART App Launch 2.2 as a client: from the EHR's click to an open launch, and the tokens that keep it alive."""
