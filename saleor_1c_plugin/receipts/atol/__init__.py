"""ATOL Online, a service of registers in a cloud, by versions 4 and 5 of its protocol.

Rules of version 4 (FFD 1.05) are those of its document "Описание протокола", 5.15 of 29.05.2023.
Of version 5 (FFD 1.2) no document lay at hand when this was written, only public programs that
follow it; where a rule is known from them alone, the module says so.
"""
