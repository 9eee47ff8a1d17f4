"""Models and their versions: what exists, what is loaded, and (admins only) which version an alias means."""
