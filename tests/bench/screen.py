"""Drives the program on a pseudo terminal and takes times (see screen.sh)."""
import fcntl, os, pty, select, signal, struct, sys, termios, time

program = os.path.realpath(sys.argv[1])


def start(cols, rows, *args):
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8", THREADVIZ_THEME="dark")
        os.execv(program, [program, *args])
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
    return pid, fd


def frame(fd, quiet=0.05):
    """Reads until nothing has come for `quiet` seconds: (bytes, time of last)."""
    size, last = 0, time.perf_counter()
    while select.select([fd], [], [], quiet)[0]:
        try:
            size += len(os.read(fd, 65536))
        except OSError:
            break
        last = time.perf_counter()
    return size, last


def cpu(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def stop(pid, fd):
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(fd)


def median(xs):
    return sorted(xs)[len(xs) // 2]


def measure(cols, rows):
    starts, keys, sizes = [], [], []
    for _ in range(7):
        begun = time.perf_counter()
        pid, fd = start(cols, rows, "race", "k=10")
        select.select([fd], [], [], 5)
        _, last = frame(fd, 0.2)
        starts.append(last - begun)
        for key in b"1212121212":
            begun = time.perf_counter()
            os.write(fd, bytes([key]))
            select.select([fd], [], [], 5)
            size, last = frame(fd)
            keys.append(last - begun)
            sizes.append(size)
        stop(pid, fd)
    print(f"{cols}x{rows}: start to first frame {median(starts) * 1e3:.1f} ms, "
          f"key to last byte {median(keys) * 1e3:.2f} ms (worst {max(keys) * 1e3:.2f}), "
          f"{median(sizes)} bytes a step (most {max(sizes)})")


print("# the screen (goals: first frame 50 ms, key 5 ms, 2,000 bytes a step, paused 0)")
measure(80, 24)
measure(200, 60)
pid, fd = start(80, 24, "race")
frame(fd, 0.5)
before = cpu(pid)
time.sleep(3)
print(f"paused for 3 s: {cpu(pid) - before:.2f} s of processor time")
before = cpu(pid)
for key in b"12" * 50:
    os.write(fd, bytes([key]))
    frame(fd, 0.01)
    os.write(fd, b"b")
    frame(fd, 0.01)
print(f"200 keys at 80x24: {(cpu(pid) - before) / 200 * 1e3:.2f} ms of processor time each")
stop(pid, fd)
