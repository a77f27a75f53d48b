"""Benchmarks of word vectors."""
