#!/usr/bin/env bash
# A service of the smallest kind, for the platform's tests.
set -euo pipefail
[[ ${ECHO_FAILS:-} != yes ]] || { echo "echo fails as it was told" >&2; exit 3; }
exec python echo.py
