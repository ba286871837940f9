"""Pictures of figures, drawn as SVG on the server. Pure: plain data in, markup out; words come translated, numbers come written.

Across, everything is placed in hundredths of the width, down in pixels: so a picture fills a phone and a desk without script, and its
letters keep their size. What a picture says it says without colour: by length, place, hatching and the number itself.
"""

from __future__ import annotations
