"""Value objects of the whole system: periods, areas, rounding, faults. No I/O, no clock."""
