"""Pure functions without parameters, for any layer above."""
