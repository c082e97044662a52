#!/usr/bin/env bats
# A few runs of the whole program in a real terminal (tmux): what only a
# terminal can show. Nothing here depends on how fast the machine is: every
# wait is for something to appear, with a generous limit.

setup() {
	THREADVIZ=$(realpath "${THREADVIZ:-./threadviz}")
	export TMUX_TMPDIR=$BATS_TEST_TMPDIR LC_ALL=C.UTF-8
	unset TMUX
	out=$BATS_TEST_TMPDIR/out
	tmux -f /dev/null new-session -d -s t -x 80 -y 24 \
		"env -u NO_COLOR bash --norc --noprofile"
	tmux set-option -g escape-time 0
	tmux send-keys -t t "PS1='prompt> '" Enter
	sees 'prompt> '
}

teardown() {
	tmux kill-server 2>/dev/null || true
}

screen() { tmux capture-pane -p -t t; }

# sees REGEX: waits until it is on the screen.
sees() {
	for _ in $(seq 200); do
		screen | grep -qE -- "$1" && return 0
		sleep 0.05
	done
	echo "never seen: $1"
	screen
	return 1
}

# gone REGEX: waits until it is not.
gone() {
	for _ in $(seq 200); do
		screen | grep -qE -- "$1" || return 0
		sleep 0.05
	done
	screen
	return 1
}

run_it() { tmux send-keys -t t "clear; $* ; echo status \$?" Enter; }
keys() { for k; do tmux send-keys -t t "$k"; done; }
child() { pgrep -P "$(pgrep -f -o "^$THREADVIZ")"; }

@test "opens paused before the first step, on real threads" {
	run_it "$THREADVIZ race"
	sees 'PAUSED +step 0 of 0'
	sees 'next +read count'
	pid=$(child)
	cat /proc/"$pid"/task/*/comm | grep -qx A
	cat /proc/"$pid"/task/*/comm | grep -qx B
}

@test "H counts real runs while keys work, q kills the one under way" {
	run_it "$THREADVIZ race"
	sees 'step 0 of 0'
	keys H
	sees 'chaos .* [0-9]+ of [0-9]+ .* %'
	sees 'exact 4 of 6 schedules'
	sees '[1-9][0-9] of 2000 runs'
	keys q
	gone '1000 real runs'
	sees 'step 0 of 0'
	for _ in $(seq 100); do # the live engine's child is left
		[ "$(child | wc -l)" = 1 ] && break
		sleep 0.05
	done
	[ "$(child | wc -l)" = 1 ]
	keys H
	sees '[1-9][0-9]+ (of 2000 )?runs in'
	keys r
	sees ' [0-9]+ (of 2000 )?runs in'
	keys q s
	sees 'step 1 of 1'
}

@test "steps the thread one chooses and says what went wrong" {
	run_it "$THREADVIZ race"
	sees 'step 0 of 0'
	keys 1 2 1 2
	sees 'LOST UPDATE on count'
	sees 'step 4 of 4'
}

@test "q gives the terminal back and prints how to replay" {
	run_it "$THREADVIZ race"
	sees 'step 0 of 0'
	keys 1 2 q
	sees 'replay: threadviz run race.*"A B"'
	sees 'status [01]'
	tmux send-keys -t t 'stty -a | tr " " "\n" | grep -x echo' Enter
	sees '^echo$'
}

@test "stepping back looks, another digit branches" {
	run_it "$THREADVIZ race"
	sees 'step 0 of 0'
	keys 1 2 b
	sees 'step 1 of 2'
	keys 1
	sees 'step 2 of 2'
	sees 'write count <- 1'
	keys u
	sees 'read count -> 0 +0'
}

@test "Ctrl-C leaves with status 130" {
	run_it "$THREADVIZ race"
	sees 'step 0 of 0'
	keys C-c
	sees 'status 130'
}

@test "Ctrl-Z suspends and fg brings the screen back" {
	run_it "$THREADVIZ race"
	sees 'step 0 of 0'
	keys C-z
	sees 'Stopped'
	tmux send-keys -t t fg Enter
	sees 'Timeline'
	keys q
	sees 'status'
}

@test "SIGTERM leaves with status 143 and a whole terminal" {
	run_it "$THREADVIZ race"
	sees 'step 0 of 0'
	pkill -TERM -f "^$THREADVIZ race"
	sees 'status 143'
}

@test "a child that is killed is reported and can be restarted" {
	run_it "$THREADVIZ race"
	sees 'step 0 of 0'
	keys 1
	sees 'step 1 of 1'
	kill -9 "$(child)"
	sees 'STOPPED'
	keys r
	sees 'PAUSED +step 0 of 1'
	keys s s
	sees 'step 2 of 2'
}

@test "restart works out of a real deadlock" {
	run_it "$THREADVIZ deadlock"
	sees 'step 0 of 0'
	keys 1 2
	sees 'DEADLOCK'
	keys r
	sees 'step 0 of 2'
	keys s s
	sees 'DEADLOCK'
}

@test "follows a resize" {
	run_it "$THREADVIZ race"
	sees 'step 0 of 0'
	tmux resize-window -t t -x 120 -y 40
	sees 'Event log'
	tmux resize-window -t t -x 20 -y 5
	sees 'too small'
	tmux resize-window -t t -x 80 -y 24
	sees 'Shared state'
}

@test "a terminal that goes away takes the program and its child with it" {
	run_it "$THREADVIZ race"
	sees 'step 0 of 0'
	front=$(pgrep -f -o "^$THREADVIZ race")
	target=$(child)
	tmux kill-server
	for _ in $(seq 100); do
		kill -0 "$front" 2>/dev/null || kill -0 "$target" 2>/dev/null ||
			return 0
		sleep 0.05
	done
	false
}

@test "plain ASCII with LC_ALL=C" {
	run_it "LC_ALL=C $THREADVIZ race"
	sees 'step 0 of 0'
	keys 1
	sees 'read count -> 0'
	! screen | LC_ALL=C grep -q '[^ -~]'
}

@test "no terminal: a sentence and status 2" {
	run "$THREADVIZ" race </dev/null
	[ "$status" -eq 2 ]
	[[ $output == *--plain* ]]
}

@test "TERM=dumb: a sentence and status 2" {
	run_it "TERM=dumb $THREADVIZ race"
	sees 'status 2'
	sees 'dumb'
}

@test "an unknown TERM falls back or says so" {
	run_it "TERM=nonsense $THREADVIZ race"
	sees 'status 2'
	run_it "TERM=xterm-nonsense $THREADVIZ race"
	sees 'step 0 of 0'
}

@test "works as every usual terminal" {
	for term in xterm xterm-256color screen tmux linux vt100; do
		run_it "TERM=$term $THREADVIZ race"
		sees 'step 0 of 0'
		keys 1
		sees 'read count -> 0'
		keys q
		sees 'status [01]'
	done
}

@test "pasted garbage is not keys" {
	run_it "$THREADVIZ race"
	sees 'step 0 of 0'
	printf '1 2 1 2 q q Q \033[31m\000\377 garbage' |
		tmux load-buffer -
	tmux paste-buffer -p -t t
	keys 1
	sees 'step 1 of 1'
}

@test "the chooser filters and opens" {
	run_it "$THREADVIZ"
	sees 'Choose a scenario'
	sees 'Main starts a countdown' # what the first one is about
	keys /
	tmux send-keys -t t -l 'deadlock-ord'
	sees 'deadlock-ordered'
	keys Enter
	sees 'deadlock-ordered.tv'
	keys q
	sees 'status 0'
}

@test "what is saved with S can be replayed on real threads" {
	cd "$BATS_TEST_TMPDIR"
	tmux send-keys -t t "cd '$BATS_TEST_TMPDIR'" Enter
	run_it "$THREADVIZ race --save end.tvt"
	sees 'step 0 of 0'
	keys 1 2 S
	sees 'saved race-1.tvt'
	keys 1 2 q
	sees 'status 1'
	run_it "$THREADVIZ replay race-1.tvt"
	sees 'step 0 of 2 .*A B *$'
	child >/dev/null
	keys Q
	sees 'status 0'
	run_it "$THREADVIZ replay end.tvt"
	sees 'step 0 of 4 .*A B A B *$'
	keys G
	sees 'LOST UPDATE'
}

@test "a recorded session plays as it was" {
	cast=$BATS_TEST_TMPDIR/session.cast
	run_it "$THREADVIZ race --record '$cast'"
	sees 'step 0 of 0'
	keys 1 2 e
	sees 'violated'
	keys e / c o
	sees '/co'
	keys Escape 1 2
	sees 'step 4 of 4'
	gone 'counting'
	screen >"$out"
	keys q
	sees 'status 1'
	python3 - "$cast" >"$out.film" <<-'END'
	import json, sys
	head, *lines = [json.loads(line) for line in open(sys.argv[1])]
	assert (head["version"], head["width"], head["height"]) == (2, 80, 24)
	assert head["title"] == "The lost update"
	times = [line[0] for line in lines]
	assert times == sorted(times) and times[0] < times[-1]
	assert "step 0 of 0" in lines[0][2]
	assert all(line[1] == "o" for line in lines)
	sys.stdout.write("".join(line[2] for line in lines))
	END
	tmux send-keys -t t "clear; cat '$out.film'; read" Enter
	sees 'step 4 of 4'
	sees 'help  q quit'
	screen >"$out.played"
	diff "$out" "$out.played"
}

@test "F hands the schedule to the kernel, and takes it back" {
	tmux send-keys -t t "cd '$BATS_TEST_TMPDIR'" Enter
	run_it "$THREADVIZ race k=2"
	sees 'step 0 of 0'
	keys F
	sees 'FREE RUN  ended'
	sees '█ *running'
	keys s
	sees 'A +at [0-9.]+ .s: read count'
	keys r
	sees 'FREE RUN  ended'
	keys x
	sees 'the kernel schedules; F goes back'
	keys S
	sees 'saved race-1.tvt'
	keys F
	sees 'PAUSED +step 0 of 0'
	keys q
	sees 'status 0'
	run_it "$THREADVIZ replay race-1.tvt"
	sees 'FREE RUN  saved'
	sees 'the model explains all 8 steps'
	keys q
	sees 'status [01]'
}

@test "a free run is saved with S and replayed post mortem" {
	tmux send-keys -t t "cd '$BATS_TEST_TMPDIR'" Enter
	run_it "$THREADVIZ run gil k=2 --engine free --save end.tvt"
	sees 'FREE RUN  ended'
	keys S
	sees 'saved gil-1.tvt'
	keys q
	sees 'status 0'
	run_it "$THREADVIZ replay gil-1.tvt"
	sees 'FREE RUN  saved'
	sees '█ *running'
	keys q
	sees 'status 0'
	cmp "$BATS_TEST_TMPDIR/gil-1.tvt" "$BATS_TEST_TMPDIR/end.tvt"
}

@test "a free run is paused by stopping its process, and goes on" {
	run_it "$THREADVIZ run gil k=100000 --engine free"
	sees 'FREE RUN  running'
	keys Space
	sees 'FREE RUN  paused'
	for pid in $(pgrep -P "$(pgrep -f -o "^$THREADVIZ")"); do
		cat "/proc/$pid/stat"
	done >"$out"
	grep -q ') T ' "$out"
	before=$(screen)
	sleep 0.2
	[ "$(screen)" = "$before" ]
	keys Space
	sees 'FREE RUN  running'
	keys q
	sees 'status 0'
}

@test "a free run that hangs is explained, and can be left" {
	run_it "$THREADVIZ run rendezvous-wrong --engine free"
	sees 'FREE RUN  hung'
	sees 'DEADLOCK'
	sees 'wait'
	keys r
	sees 'FREE RUN  hung'
	keys R
	sees 'chaos 1'
	sees 'FREE RUN  hung'
	keys q
	sees 'status 1'
}
