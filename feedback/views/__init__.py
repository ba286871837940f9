"""The pages and the API, by audience."""
