#!/bin/sh
# What the user feels, on a pseudo terminal: start to the first complete frame,
# a key to the last byte of its frame, the processor while paused. Printed, not
# asserted.
exec python3 "$(dirname "$0")/screen.py" "${THREADVIZ:-./threadviz}"
