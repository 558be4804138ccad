"""Benefits month by month: what each case gives a right to, what is paid now, what the bank took and what came back.

Everything in whole fen. Pure: `terms` reads cases, `runs` works out a run from rights and what was paid before, `bank`
writes and reads the files of the bank.
"""
