"""Copy a package's folder as somebody would who takes it away alone.

python -m mfplatform.packaging.copying FOLDER TARGET
"""

import sys
from pathlib import Path

from mfplatform.packaging.sources import export_tree

if __name__ == "__main__":
    export_tree(Path(sys.argv[1]), Path(sys.argv[2]))
