"""What oversight keeps: one module a matter."""
