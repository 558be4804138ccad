"""Reports: a document model whose every number is resolved, written as docx, PDF and self-contained HTML.

Nothing is imported here: the processes that draw and set (`drawing`, `typesetting`) load only what they need.
"""
