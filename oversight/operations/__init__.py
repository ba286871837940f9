"""What is done in oversight: one function a verb, one module a matter."""
