"""Pure functions on tensors and arrays: no parameters, for any layer above."""
