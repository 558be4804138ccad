"""Every exported XLSForm converts with pyxform, the converter of ODK and KoboToolbox."""

from __future__ import annotations

import io

import pytest
from test_exports import FORMS

from qingmiao.forms import ReadyForm
from qingmiao.forms.xlsform import workbook

xls2xform = pytest.importorskip("pyxform.xls2xform", reason="没有 pyxform（make setup 装 requirements/dev.txt）")


@pytest.mark.parametrize("ready", FORMS)
def test_it_converts(ready: ReadyForm) -> None:
    done = xls2xform.convert(io.BytesIO(workbook(ready)), file_type=".xlsx", validate=False)
    assert f'id="{ready.form.id}"' in done.xform
    assert f'version="{ready.form.version}"' in done.xform
    for one in ready.every():
        assert f'/{one.id}"' in done.xform
    assert "None" not in done.xform
