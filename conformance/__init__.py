"""The conformance suite of the persistent object protocol.

Clauses and their checks (`conformance.clauses`) use the standard library and `fixtures` only, since
they also run inside the interpreter under test.
"""

__version__ = "0.1.0"
