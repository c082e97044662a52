#!/bin/sh
# How fast the search is, beside SPIN's compiled pan in the same run. The models
# are written for both; SPIN's state counts include its own init process.
exec python3 "$(dirname "$0")/explore.py" "${THREADVIZ:-./threadviz}" "$@"
