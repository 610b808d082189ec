"""Deliberately wrong implementations: the reference with one small named change each.

They prove that the suite can fail: every MUST clause has at least one that makes its checks fail.
Each is declared in one place, which says what it gets wrong, in the file of the area that it
belongs to. A change is a piece of source that stands exactly once in a module of the reference and
what replaces it, so that a change of the reference that moves it is noticed at once.
"""

from tests.wrong.making import WRONG, Wrong, load_all, make, wrong

__all__ = ["WRONG", "Wrong", "load_all", "make", "wrong"]
