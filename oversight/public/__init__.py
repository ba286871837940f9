"""What everybody may read: the page of transparency, open data, feeds."""
