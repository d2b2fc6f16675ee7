"""What the make targets do. Run from the repository's root: python -m tools TARGET."""
