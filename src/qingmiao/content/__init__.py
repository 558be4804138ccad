"""Packs: typed models, loading, layering, checking, comparing. The public door of this layer."""

from qingmiao.content.load import PackError, load_pack, read_pack
from qingmiao.content.pack import Pack

__all__ = ["Pack", "PackError", "load_pack", "read_pack"]
