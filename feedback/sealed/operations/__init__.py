"""What happens in the sealed register."""
