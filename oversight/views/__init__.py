"""The pages of oversight: the staff's, and what everyone may read."""
