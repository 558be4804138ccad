"""Who a person is: numbers, names, sealed values, and whether two records are of the same person. Pure: no site, no
clock.

Above the kernel only, so that a command, a page and a batch job judge by the same rules.
"""
