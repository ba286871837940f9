"""The papers of oversight."""
