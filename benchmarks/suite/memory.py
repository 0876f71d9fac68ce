"""Peak memory beyond the input, each contender in a process of its own."""

import subprocess
import sys

from ..measuring import raised_peak
from . import histories
from .columns import column_names
from .comparison import contenders_of, warm_up
from .contenders import CONTENDERS
from .contenders.own import WALL


def peaks(n_entities, within_budget, report):
    """MB by which one run raises the peak, by name, and the MB of 120 columns of float64."""
    table = {}
    for contender in contenders_of("all"):
        if contender.has_workers or contender.name not in within_budget or contender.name == WALL:
            continue
        report(f"memory: {contender.name}")
        command = [sys.executable, "-m", __name__, contender.name, str(n_entities)]
        table[contender.name] = float(subprocess.check_output(command, text=True))
    output = n_entities * len(column_names("all")) * 8 / 2**20
    return {"n_entities": n_entities, "output": output, "table": table}


def main(name, n_entities):
    contender = CONTENDERS[name]
    warm_up([contender])
    extra, _ = raised_peak(contender.load(histories.ragged(int(n_entities)), "all"))
    print(extra)


if __name__ == "__main__":
    main(*sys.argv[1:])
