"""Benchmarks: ``zoo bench NAME`` runs the module NAME, the zoo and a peer library in turns."""
