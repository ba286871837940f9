"""The promise register: what, by which unit, by when, and what came of it."""
