"""Have MF_HOOK told something, to see whether that works.

python -m mfplatform.commands.try_hook [--json]
"""

import json
import sys
import time

from mfplatform.caretaker import hook
from mfplatform.caretaker.hook import HookError, News
from mfplatform.state import care
from mfplatform.state.home import Home

NONE = "mfstatus: nobody is to be told anything. Say who: MF_HOOK='COMMAND or URL' mfup"
TEXT = "This is a test: whoever reads it is told what an operator should know"


def main(arguments: list[str]) -> int:
    """Have it told, and say what came of it."""
    home = Home.here()
    if not (target := care.hook(home)):
        print(NONE, file=sys.stderr)
        return 1
    try:
        news = News("test", TEXT, f"{home.url}/", round(time.time()))
        outcome = hook.tell(target, news)
    except HookError as error:
        print(f"mfstatus: MF_HOOK was not told: {error}", file=sys.stderr)
        return 1
    as_json = json.dumps({"outcome": outcome}, indent=2)
    print(as_json if arguments == ["--json"] else f"MF_HOOK was told: {outcome}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
