"""Loads as the caretaker saw them, a look each second, on a machine with much to do.

A look is how many requests were at the service; where answers were counted, also how
many came since the last count, and how many of these took 300 ms or longer.
"""

from mfplatform.caretaker.scaling import Sample

# One instance with 0.15 of a core: 20 requests a second, and 300 from the 18th look on.
GROWING = """\
1 1 0/104/2 1 0 0 1 0/103/0 0 0 0 0 0/101/0 0 0 1 0 92/126/3 247 255 256 254
255/411/410 251 253 255 256 237/391/391 150 256 251 256 256/422/422 255 256 250 253
256/383/383 253 254 248 225 245/433/433 233 256 254 253
"""

# Four of them: 20 requests a second, now and then a slow answer.
CALM = """\
2 1 1/110/0 1 1 0 2 0/116/0 1 3 2 1 2/114/0 1 3 2 1 1/119/0 0 2 1 2 3/120/0 4 1 0 4
1/118/2 3 1 1 1 1/114/0 3 1 0 1 3/118/1 2 1 1 4 2/113/1 1 0 0 1 2/114/0 2 1 6 1
1/110/8 1 1 1 2 1/112/0 1 1 1 3 1/109/0 0 2 1 0 2/112/0 1 3 2 1/105/3 1 2 1 1 0/108/0
2 1 2 1 0/109/0 1 3 0 4 0/117/0 2 1 1 1 3/108/0 6 1 1 4 3/123/6 1 6 0 3/103/8 1 1 0 1
0/117/0
"""


def looks(text: str) -> list[Sample]:
    """Return the looks of a text, a second apart."""
    found = []
    for now, look in enumerate(text.split()):
        load, *counted = map(int, look.split("/"))
        found.append(Sample(float(now), float(load), *counted))
    return found
