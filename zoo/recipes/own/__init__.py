"""Recipes for the user's data, one file per task word."""
