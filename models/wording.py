"""A message as a head over words and meaning reads it: the embedder's vector, and beside it the message's own characters.

The vector tells what a message means, but not how it is put: 失业金给我批下来没有 lies beside 失业金多久批下来. Single characters,
pairs and runs of three, with the message's beginning and end marked, are hashed into `SIZE` places (Weinberger et al. 2009,
signed), so that no vocabulary has to be kept and a new word needs no new model.
"""

from __future__ import annotations

import re
import unicodedata
import zlib

import numpy as np
from numpy.typing import NDArray

_SIGNS = re.compile(r"[\W_]+")
SIZE = 4096
"""Places for the hashed runs of characters."""
LONGEST = 3
WEIGHT = 0.3
"""Length of this part, about that of a centred vector of the embedder: so that neither part is heard before the other."""
BEGIN, END = "\x02", "\x03"


def worded(vector: NDArray[np.float32], text: str) -> NDArray[np.float32]:
    """float32 (dimension + `SIZE`): `vector` (dimension) of `text`, then the hashed runs of its characters."""
    return np.concatenate([vector.astype(np.float32), hashed(text)])


def hashed(text: str) -> NDArray[np.float32]:
    """float32 (`SIZE`), of length `WEIGHT`; zeros if there is nothing to read in `text`."""
    places = np.zeros(SIZE, dtype=np.float32)
    for run in runs(text):
        number = zlib.crc32(run.encode())
        places[number % SIZE] += 1.0 if number & 0x80000000 else -1.0
    length = float(np.linalg.norm(places))
    return places * np.float32(WEIGHT / length) if length else places


def runs(text: str) -> frozenset[str]:
    """Runs of one to three characters of `text` (NFKC, lower case, without signs and blanks); those of two and three see its
    beginning and its end."""
    plain = _SIGNS.sub("", unicodedata.normalize("NFKC", text).lower())
    marked = f"{BEGIN}{plain}{END}" if plain else ""
    longer = (
        marked[place : place + length] for length in range(2, LONGEST + 1) for place in range(len(marked) - length + 1)
    )
    return frozenset((*plain, *longer))
