"""tap.py - what the lints share: the tree they look at, and TAP."""
import pathlib
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")


def files(*patterns):
    """Every file under ROOT that fits one of the patterns, as (name, text)."""
    for path in sorted({p for pattern in patterns for p in ROOT.glob(pattern)}):
        if path.is_file():
            yield str(path.relative_to(ROOT)), path.read_text("utf-8", "replace")


class Tap:
    """Counts tests; one is a rule in words and the places that break it."""

    def __init__(self):
        self.count = self.failed = 0

    def test(self, rule, offenders):
        offenders = list(offenders)
        self.count += 1
        self.failed += bool(offenders)
        print(f"{'not ' if offenders else ''}ok {self.count} - {rule}")
        for offender in offenders:
            print(f"# {offender}")

    def done(self):
        print(f"1..{self.count}")
        sys.exit(self.failed > 0)
