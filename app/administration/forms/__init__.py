"""What administrators type. Validators say sentences; what only the database knows is answered by the view."""
