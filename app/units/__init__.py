"""Who answers for what: units in a tree with dates of validity, places, and fields (lĩnh vực)."""
