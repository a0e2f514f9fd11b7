"""OrangeData: registers leased in its data centre, by version 2 of its API, in FFD 1.2.

Fields, codes and statuses are those of "Протокол взаимодействия с интернет кассой", version 2.31.3
of 10.09.2025 (github.com/orangedata-official/API). That is older than the rate of 22 %: the field
by which 20 % is told from it is known from OrangeData's own library alone, see :mod:`.writing`.

Its library for Python is not used: it wants a version of ``requests`` that Saleor can't have, and
keeps keys in files.
"""
