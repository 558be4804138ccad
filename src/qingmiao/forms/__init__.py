"""Forms, pure: a form is prepared from a pack, filled in one pass from top to bottom, and exported.

`prepare` makes a form ready, `fill` judges answers; one class per field type stands in `kinds`. No database, no clock.
"""

from qingmiao.forms.fill import FieldFault, Filled, fill
from qingmiao.forms.ready import ReadyField, ReadyForm, prepare

__all__ = ["FieldFault", "Filled", "ReadyField", "ReadyForm", "fill", "prepare"]
