"""A kept form is the form: its answers are judged the same, whatever the pack says later."""

from __future__ import annotations

import json
import random
from datetime import date
from pathlib import Path

from qingmiao.content import load_pack
from qingmiao.forms import fill, prepare
from qingmiao.forms.frozen import freeze, thaw
from qingmiao.forms.ready import places
from unit.forms.test_browser_agrees import answered

PACK = Path(__file__).resolve().parents[3] / "content" / "china"


def test_every_form_of_the_pack_comes_back_whole() -> None:
    pack, rng = load_pack(PACK), random.Random(3)
    for form_id in pack.forms:
        ready = prepare(pack, form_id)
        again = thaw(json.loads(json.dumps(freeze(pack, form_id))), places(pack))
        assert again == ready
        given = answered(ready.fields, rng)
        assert fill(again, given, on=date(2024, 5, 31)) == fill(ready, given, on=date(2024, 5, 31))
