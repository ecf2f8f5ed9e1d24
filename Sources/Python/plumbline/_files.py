"""Files that are there whole or not at all."""

import os
import pathlib
import tempfile


def write(path: pathlib.Path, text: str) -> None:
    """Writes a file under another name and renames it, as others may read it meanwhile."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=path.name, delete=False) as file:
        file.write(text)
    os.replace(file.name, path)
