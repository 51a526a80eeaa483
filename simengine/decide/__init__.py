"""What would change the verdict."""
