"""Pure functions without parameters, for any layer above."""
"""Pure functions on tensors and arrays: no parameters."""
