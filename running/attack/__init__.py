"""`run.py attack`: independent scanners set on a site of their own, and what they found written to docs/attack.md.

* target.py starts the site with the demo in a temporary folder, on this machine's own address, and signs in;
* scanners.py runs each scanner and reads its report; pages.py finds the forms that sqlmap tries;
* report.py compares what was found with accepted.toml and writes the page.

Standard library only; the scanners themselves live in an environment of their own (requirements-attack.txt) or in the one of the tests.
"""
