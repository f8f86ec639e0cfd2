#!/usr/bin/env bash
# Start one instance: it migrates its database, serves, and registers when it is ready.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
exec python -m gunicorn --config python:microflack_common.serve \
  "microflack_example.app:create_app()"
