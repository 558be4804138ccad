"""The register of the demonstration: who its children are, made from the same people as the facts.

Names, numbers, households, villages, classes. All is drawn from streams of the seed, block by block, so that a county
is one block and a nation many; what it draws changes no fact. Everything that could be read says 演示 or cannot be real:
numbers begin with an area that no province has, phones with 154, which no operator has been given (a list of
unassigned ranges of 2022 names 142, 143, 154, 161, 164, 194).
"""
