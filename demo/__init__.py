"""The demo province: Bắc Ninh with its real communes, invented people and invented matters in every state.

* data/ is what is shown, as TOML that an official can read and correct;
* content.py reads it and spreads the tree of units over the communes; it knows no database.
"""
