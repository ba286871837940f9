"""What is done to an item, one function a verb, one module an audience: intake, desk, unit, papers, sender, publishing.

Each verb asks *may you? can it?*, changes it, records it, tells them; it flushes, and whoever called it commits.
"""
