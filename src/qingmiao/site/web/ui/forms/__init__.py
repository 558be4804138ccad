"""Forms on pages: `read` what was sent, `render` the form with answers and faults. Every page that has a form uses
these two."""

from qingmiao.site.web.ui.forms.reading import Given, read
from qingmiao.site.web.ui.forms.rendering import render

__all__ = ["Given", "read", "render"]
