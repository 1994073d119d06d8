"""What is written through the facade and concerns a pathway: which use case it is, for whom, on behalf of whom."""
