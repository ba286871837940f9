"""What is done to plans and sessions: one module a room of the house, one function a verb."""
