#!/bin/sh
# The lanes of a free run with a million records: a whole picture at the widest
# zoom and near, the memory of it all; and live, what the front costs beside a
# run that records as fast as two threads can. Printed, not asserted.
exec python3 "$(dirname "$0")/lanes.py" "${THREADVIZ:-./threadviz}"
