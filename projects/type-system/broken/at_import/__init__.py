"""What flytekit refuses as soon as the file is imported; each in a file of its own."""
