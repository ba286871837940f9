"""What is typed into the sealed register."""
