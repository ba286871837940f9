"""People with an account: sign-in, roles in a scope, dated delegation to deputies."""
