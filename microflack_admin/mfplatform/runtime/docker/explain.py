"""Tell a person what the words of docker on standard input mean.

python3 -m mfplatform.runtime.docker.explain
"""

import sys

from mfplatform.runtime.docker.engine import explain

if __name__ == "__main__":
    print(explain(sys.stdin.read()))
