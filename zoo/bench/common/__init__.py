"""What the benches share; none of these files is a bench."""
