"""The search beside SPIN's compiled pan, in one run (see explore.sh)."""
import json, os, re, shutil, subprocess, sys, tempfile, time

program = os.path.realpath(sys.argv[1])


def increments(n, k):
    names = ", ".join("ABCDEFGH"[:n])
    tv = f'scenario "x"\nshared count = 0\nthread {names}:\n    repeat {k}:\n        count = count + 1\n'
    pml = f"""byte count = 0, done = 0;
active [{n}] proctype T() {{ byte i = 0, t = 0;
  do :: atomic {{ i < {k} -> t = count }}; atomic {{ count = t + 1; t = 0; i++ }}
     :: atomic {{ i == {k} -> i = 0; done++; break }} od;
  if :: done == {n} -> assert(count >= 1) :: else fi }}"""
    return tv, pml


def philosophers(n):
    tv = f"""scenario "x"
mutex fork[{n}]
thread P[{n}]:
    let right = (me + 1) % {n}
    lock fork[me]
    lock fork[right]
    work "eat"
    unlock fork[right]
    unlock fork[me]
"""
    pml = f"""bit fork[{n}];
active [{n}] proctype P() {{ byte l = _pid; byte r = (_pid + 1) % {n};
  atomic {{ fork[l] == 0 -> fork[l] = 1 }}; atomic {{ fork[r] == 0 -> fork[r] = 1 }};
  skip; fork[r] = 0; fork[l] = 0 }}"""
    return tv, pml


def peterson():
    tv = """scenario "x"
shared flag[2] = 0, turn = 0, count = 0
thread A, B:
    let other = 1 - me
    flag[me] = 1
    turn = other
    while flag[other] == 1 and turn == other:
        spin
    region CS:
        count = count + 1
    flag[me] = 0
never two in CS
finally count == 2
"""
    pml = """bit flag[2]; bit turn; byte in = 0, count = 0, done = 0;
active [2] proctype T() { byte t; bit o = 1 - _pid;
  flag[_pid] = 1; turn = o;
  do :: flag[o] == 0 -> break :: turn != o -> break od;
  in++; assert(in == 1); t = count; count = t + 1; in--; flag[_pid] = 0; done++ }
active proctype check() { (done == 2) -> assert(count == 2) }"""
    return tv, pml


def buffer():
    tv = """scenario "x"
mutex m
cond notempty, notfull
buffer buf max 2
thread P[2]:
    repeat 3:
        lock m
        while full(buf):
            wait notfull, m
        put buf, 7
        signal notempty
        unlock m
thread C[2]:
    repeat 3:
        lock m
        while empty(buf):
            wait notempty, m
        let x = get(buf)
        signal notfull
        unlock m
finally empty(buf)
"""
    pml = """bit m = 0; byte n = 0; byte ne = 0, nf = 0; byte wne = 0, wnf = 0;
#define lock atomic { m == 0 -> m = 1 }
#define wait(s, w) atomic { m = 0; s++ }; atomic { w > 0 -> w-- }; lock
#define signal(s, w) atomic { if :: s > 0 -> s--; w++ :: else fi }
active [2] proctype P() { byte i = 0;
  do :: i < 3 -> lock; do :: n == 2 -> wait(nf, wnf) :: else -> break od;
     n++; signal(ne, wne); m = 0; i++ :: else -> break od }
active [2] proctype C() { byte i = 0;
  do :: i < 3 -> lock; do :: n == 0 -> wait(ne, wne) :: else -> break od;
     n--; signal(nf, wnf); m = 0; i++ :: else -> break od }"""
    return tv, pml


def timed(*command, cwd=None):
    begun = time.perf_counter()
    try:
        r = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired:
        return float("nan"), ""
    return time.perf_counter() - begun, r.stdout + r.stderr


def ours(tv, directory, *flags):
    path = os.path.join(directory, "x.tv")
    open(path, "w").write(tv)
    best = None
    for _ in range(3):
        seconds, out = timed(program, "check", "--json", "--max-memory", "16000", path, *flags)
        answer = json.loads(out)
        if best is None or seconds < best[0]:
            best = seconds, answer
    return best


def pan(pml, directory, *flags):
    open(os.path.join(directory, "x.pml"), "w").write(pml)
    whole, _ = timed("spin", "-a", "x.pml", cwd=directory)
    compiled, out = timed("cc", "-O2", "-w", "-DSAFETY", "-DMEMLIM=6000", *flags, "-o", "pan", "pan.c", cwd=directory)
    run = [timed("./pan", "-m1000000", "-w20", "-E", "-c0", cwd=directory) for _ in range(2)]
    alone, out = min(run)
    states = re.search(r"(\d+(?:e\+\d+)?) states, stored", out)
    return whole + compiled + alone, alone, int(float(states[1])) if states else 0


spin = shutil.which("spin")
print("# the search; `whole` is from text to verdict, for SPIN with spin -a and cc -O2")
if not spin:
    print("# spin is not installed (Debian: spin): its columns are left out")
print(f"{'model':<24}{'states':>10}{'seconds':>9}{'Mtrans/s':>9}{'no symm.':>10}"
      + (f"{'pan states':>12}{'pan':>8}{'no red.':>9}{'whole':>8}" if spin else ""))
models = [(f"{n} x {k} increments", *increments(n, k)) for n, k in ((2, 20), (3, 6), (4, 4), (3, 10))]
models += [("5 philosophers", *philosophers(5)), ("6 philosophers", *philosophers(6)),
           ("Peterson", *peterson()), ("bounded buffer 2+2", *buffer())]
only = sys.argv[2:]  # beginnings of names; none: all
for name, tv, pml in models:
    if only and not any(name.startswith(o) for o in only):
        continue
    with tempfile.TemporaryDirectory() as d:
        seconds, a = ours(tv, d)
        plain, b = ours(tv, d, "--no-symmetry")
        row = (f"{name:<24}{a['states']:>10}{seconds:>9.3f}{b['transitions'] / plain / 1e6:>9.1f}{plain:>10.3f}")
        if spin:
            whole, alone, states = pan(pml, d)
            _, full, _ = pan(pml, d, "-DNOREDUCE")
            row += f"{states:>12}{alone:>8.3f}{full:>9.3f}{whole:>8.3f}"
        print(row, flush=True)
