"""What people type, checked before anything is done with it: one module an audience."""
