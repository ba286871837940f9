"""How the site is installed, started and kept alive on one machine. Only `processes` imports the site itself."""
