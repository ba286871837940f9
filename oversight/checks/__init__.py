"""Checks on the ground: what was looked at, and how checking is wired into the house."""
