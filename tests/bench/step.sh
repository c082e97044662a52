#!/bin/sh
# Builds and runs step.c against the program's own objects.
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build/release}
# shellcheck disable=SC2046 # no object has a space in its name
cc -std=c11 -D_GNU_SOURCE -O2 -Iinclude -o "$build/bench-step" \
	tests/bench/step.c $(find "$build/src" -name '*.o' ! -name main.o) \
	"$build/scenarios.o" -lncursesw -ltinfo -lm -pthread &&
	exec "$build/bench-step"
