"""Runs it, and tells what came of it."""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from soaking.actions import GENTLE, VIOLENT, act
from soaking.verdict import growth, judge
from soaking.world import World, in_library_mode, opened

_VIOLENT_SHARE = 0.4  # of the time; the rest is one life of the bridge, over which nothing may grow
_RESTS = 8  # moments in that life at which is looked


def main() -> int:
    """Returns the exit code: 1 when something was wrong."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=300, help="how long, without what is before and after")
    parser.add_argument(
        "--seed",
        type=int,
        default=random.randrange(10**6),
        help="the same seed draws the same actions; an odd one soaks library mode",
    )
    options = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    way = ", in library mode" if in_library_mode(options.seed) else ""
    console.print(f"soaking for {options.seconds:g} s with seed {options.seed}{way}")
    with tempfile.TemporaryDirectory(prefix="mpdbridge-soak-") as home, opened(Path(home), options.seed) as world:
        samples: list[dict[str, int]] = []
        try:
            samples = soak(world, options.seconds)
            judge(world, samples)
        except AssertionError as error:
            world.wrong.append(str(error))
        show(console, world, samples)
        if world.wrong:
            kept = Path(tempfile.mkdtemp(prefix="soak-")) / "watch.log"
            kept.write_text(world.bridge.log)
            console.print(f"the log of the bridge: {kept}")
    return 1 if world.wrong else 0


def soak(world: World, seconds: float) -> list[dict[str, int]]:
    """Returns what the bridge's process held at each moment of rest in its last life."""
    began = time.monotonic()
    while time.monotonic() < began + seconds * _VIOLENT_SHARE:
        act(world, VIOLENT)
        time.sleep(world.draw.random() * 0.3)
    world.rest()
    world.bridge.kill()
    world.start_bridge()
    samples: list[dict[str, int]] = []
    every = seconds * (1 - _VIOLENT_SHARE) / _RESTS
    for number in range(_RESTS):
        until = began + seconds * _VIOLENT_SHARE + every * (number + 1)
        while time.monotonic() < until:
            act(world, GENTLE)
            time.sleep(world.draw.random() * 0.3)
        samples.append(world.rest())
    return samples


def show(console: Console, world: World, samples: list[dict[str, int]]) -> None:
    done = Table("done", "times", box=SIMPLE_HEAD, pad_edge=False)
    for name, count in world.counts.most_common():
        done.add_row(name, str(count))
    console.print(done)
    held = Table("the bridge holds", "at each moment of rest", "may grow by", "", box=SIMPLE_HEAD, pad_edge=False)
    for each in growth(samples) if samples else []:
        held.add_row(each.name, " ".join(map(str, each.figures)), str(each.allowed), "grew" if each.wrong else "ok")
    console.print(held)
    answers = sorted(world.answers) or [0.0]
    median, slowest = answers[len(answers) // 2], answers[-1]
    console.print(
        f"MPD answered {len(answers)} commands, half of them within {median:.3f} s, the slowest in {slowest:.1f} s"
    )
    console.print(f"wrong: {len(world.wrong)}" if world.wrong else "nothing was wrong")
    for each in world.wrong:
        console.print(f"  {each}", markup=False)


if __name__ == "__main__":
    sys.exit(main())
