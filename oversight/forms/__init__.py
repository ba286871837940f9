"""What people fill in, in oversight: one module a matter."""
