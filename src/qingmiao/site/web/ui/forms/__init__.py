"""Forms on pages: `read` what was sent, `render` the form with answers and faults. Every page that has a form uses
these two; a sheet with a form a line shows its `cells`."""

from qingmiao.site.web.ui.forms.reading import Given, read
from qingmiao.site.web.ui.forms.rendering import cells, compute_address, render

__all__ = ["Given", "cells", "compute_address", "read", "render"]
