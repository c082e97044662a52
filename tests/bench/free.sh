#!/bin/sh
# Builds and runs free.c against the program's own objects; then, for
# comparison, the same million lock and unlock pairs (locks.c) as lttng-ust and
# gcc's ThreadSanitizer watch them, where these are installed.
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build/release}
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT

# shellcheck disable=SC2046 # object files have no spaces
cc -std=c11 -D_GNU_SOURCE -O2 -Iinclude -Isrc -o "$out/free" \
	tests/bench/free.c $(find "$build/src" -name '*.o' ! -name main.o) \
	"$build/scenarios.o" -lncursesw -ltinfo -lm -pthread &&
	"$out/free" || exit

# compile NAME FLAGS...: locks.c, silently.
compile() {
	name=$1
	shift
	cc -D_GNU_SOURCE -O2 -Itests/bench -o "$out/$name" \
		tests/bench/locks.c "$@" -pthread 2>/dev/null
}

# against NAME: its ns a pair, and how often the plain one's.
against() {
	awk -v plain="$plain" -v ns="$2" -v name="$1" 'BEGIN {
		printf "  %-12s %6.1f ns a pair, x%.2f\n", name, ns, ns / plain }'
}

# A session of our own, which records over what is old and is thrown away.
lttng_session() {
	export LTTNG_HOME="$out" LTTNG_UST_REGISTER_TIMEOUT=-1
	lttng-sessiond -b --pidfile "$out/pid" --no-kernel || return
	lttng create threadviz --output "$out/trace" &&
		lttng enable-channel -u locks --overwrite &&
		lttng enable-event -u -c locks 'threadviz:*' &&
		lttng start
}

echo "the same in plain C, processor time"
compile plain || exit
plain=$("$out/plain")
against "unwatched" "$plain"
if compile tsan -fsanitize=thread; then
	against "gcc's TSan" "$("$out/tsan")"
else
	echo "  gcc's TSan   skipped: libtsan is not installed"
fi
if compile lttng -DWITH_LTTNG -llttng-ust -ldl &&
	command -v lttng-sessiond >/dev/null; then
	if lttng_session >"$out/log" 2>&1; then
		against "lttng-ust" "$("$out/lttng")"
		lttng destroy >>"$out/log" 2>&1
	else
		echo "  lttng-ust    skipped: no session could be had"
	fi
	[ -s "$out/pid" ] && kill "$(cat "$out/pid")"
else
	echo "  lttng-ust    skipped: lttng-tools, liblttng-ust-dev"
fi
