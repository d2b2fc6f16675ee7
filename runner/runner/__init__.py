"""Runs lessons on every tier, in the environment of the lesson. It is in no image."""
