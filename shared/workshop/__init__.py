"""What the lessons have in common. Each module has one purpose and is imported by its own name."""
