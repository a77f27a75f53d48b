"""What several test files need: small weights and data, processes, models."""
