"""Times the lanes of a free run (see lanes.sh)."""
import fcntl, os, pathlib, pty, select, signal, struct, subprocess, sys, tempfile, termios, time

program = os.path.realpath(sys.argv[1])
FRAMES = 200


def replay(trace, keys, size, work):
    """Seconds and the most memory (MiB) of a replay that presses those keys."""
    script = work / "keys"
    script.write_text(keys)
    begun = time.perf_counter()
    with open(os.devnull, "w") as nothing:
        child = subprocess.Popen([program, "replay", trace, "--keys", script, "--size", size],
                                 stdout=nothing)
        _, _, used = os.wait4(child.pid, 0)
    return time.perf_counter() - begun, used.ru_maxrss / 1024


def million(work):
    trace = work / "million.tvt"
    subprocess.run([program, "run", "race-five", "k=100000", "--engine", "free", "--plain",
                    "--ring", "1000000", "--save", trace], stdout=subprocess.DEVNULL)
    print("lanes of a million records, one picture:")
    for size in "80x24", "200x60":
        once, memory = replay(trace, "@dump", size, work)
        for name, keys in ("whole run", ""), ("near", "g + + + + + + + + "):
            begun, _ = replay(trace, keys + "@dump", size, work)
            many, _ = replay(trace, keys + "@dump " + "Right @dump " * FRAMES, size, work)
            print(f"  {size:>7}  {name:<10} {(many - begun) / FRAMES * 1000:6.2f} ms")
        print(f"  {size:>7}  memory     {memory:6.0f} MiB with the file it came from")


def live():
    """Five seconds of the old GIL on a terminal: records taken, the front's share."""
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8", THREADVIZ_THEME="dark")
        os.execv(program, [program, "run", "gil-old", "k=100000000", "--engine", "free"])
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    begun, text = time.perf_counter(), ""
    while time.perf_counter() < begun + 5:
        if select.select([fd], [], [], 0.1)[0]:
            text += os.read(fd, 65536).decode("utf-8", "replace")
    used = sum(map(int, open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[11:13]))
    os.kill(pid, signal.SIGTERM)
    os.waitpid(pid, 0)
    share = used / os.sysconf("SC_CLK_TCK") / 5 * 100
    print(f"live, two threads that record without a pause: {share:.0f} % of a processor for "
          f"the front, {len(text.encode()) / 5 / 1024:.0f} KiB a second to the terminal")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory:
        million(pathlib.Path(directory))
    live()
