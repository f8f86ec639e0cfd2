"""What holds for a platform at its URL holds for functions behind theirs."""

# All of it are tests.
from rest_contract import *  # noqa: F403
