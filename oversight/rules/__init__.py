"""What may be done in oversight, and what follows from dates. Pure: no database, no web. One module a matter."""
