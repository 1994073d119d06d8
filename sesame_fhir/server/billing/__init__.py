"""What a deployment configures for billing: scheme files, read and explained."""
