"""Single faults in upstream's pure-Python modules, as a maintainer might slip: data of `faults`.

They lie where most differs from the reference already, so that a fault can hide behind what is
known: each breaks a clause that no unchanged line of the release breaks in this way.
"""

from __future__ import annotations

from dataclasses import dataclass

#: The version of ``persistent`` that the faults are written for.
VERSION = "6.9"

#: Where the faults lie.
AREAS = (
    "loads that fail",
    "plans inside hooks",
    "sizes",
    "LRU order",
    "counts",
    "odd jars",
    "slots without a cache",
    "a second cache",
    "collections",
)


@dataclass(frozen=True)
class Fault:
    """One fault: in ``module`` (its name below the package), ``old`` is replaced by ``new``.

    ``old`` stands there once, and so does the first of each pair in ``also``, which are replaced
    too. ``clause`` is the one that is broken, ``area`` one of `AREAS`.
    ``shown`` is a regular expression: a report that shows the fault has it in its first screen.
    It is the clause, or other words in which the fault itself can be told.
    """

    name: str
    area: str
    module: str
    clause: str
    old: str
    new: str
    shown: str = ""
    also: tuple[tuple[str, str], ...] = ()

    def applied(self, source: str) -> str:
        """``source`` of the module with the fault in it. Raises ValueError if it does not fit."""
        for old, new in ((self.old, self.new), *self.also):
            count = source.count(old)
            if count != 1:
                raise ValueError(
                    f"{self.name}: what it replaces stands {count} times in {self.module}"
                )
            source = source.replace(old, new)
        return source

    @property
    def pattern(self) -> str:
        """What has to be found in the first screen."""
        return rf"{self.clause}\b|{self.shown}" if self.shown else rf"{self.clause}\b"


_LOADS = (
    Fault(
        "only-exceptions-make-it-a-ghost-again",
        "loads that fail",
        "persistence",
        "ACT-06",
        "            except BaseException:\n",
        "            except Exception:\n",
    ),
    Fault(
        "a-failed-load-leaves-it-saved",
        "loads that fail",
        "persistence",
        "ACT-06",
        "                _OSA(self, '_Persistent__flags', before)\n                raise\n",
        "                _OSA(self, '_Persistent__flags', 0)\n                raise\n",
    ),
    Fault(
        "a-failed-load-leaves-it-changed",
        "loads that fail",
        "persistence",
        "ACT-06",
        "                _OSA(self, '_Persistent__flags', before)\n                raise\n",
        "                raise\n",
    ),
    Fault(
        "a-key-error-of-the-jar-is-lost",
        "loads that fail",
        "persistence",
        "ACT-06",
        "            except BaseException:\n",
        "            except KeyError:\n"
        "                _OSA(self, '_Persistent__flags', before)\n"
        "            except BaseException:\n",
    ),
    Fault(
        "reify-counts-before-it-loads",
        "loads that fail",
        "picklecache",
        "CACHE-25",
        "                value._p_activate()\n                self.non_ghost_count += 1\n",
        "                self.non_ghost_count += 1\n                value._p_activate()\n",
        r"ACT-07\b|reify",
    ),
    Fault(
        "a-write-is-kept-though-the-load-failed",
        "loads that fail",
        "persistence",
        "ACT-06",
        "        if not special_name:\n"
        "            if _OGA(self, '_Persistent__flags') is None:\n"
        "                _OGA(self, '_p_activate')()\n"
        "            if not volatile:\n",
        "        if not special_name:\n"
        "            if _OGA(self, '_Persistent__flags') is None:\n"
        "                try:\n"
        "                    _OGA(self, '_p_activate')()\n"
        "                except BaseException:\n"
        "                    _OSA(self, name, value)\n"
        "                    raise\n"
        "            if not volatile:\n",
        r"ACT-07\b|ATTR-09\b|  \d+ set\b",
    ),
    Fault(
        "a-weak-reference-hides-any-error",
        "loads that fail",
        "wref",
        "WREF-01",
        "            except (KeyError, AttributeError):\n",
        "            except Exception:\n",
        r"weakref|weak_",
    ),
)

_HOOKS = (
    Fault(
        "it-reads-as-saved-while-it-loads",
        "plans inside hooks",
        "persistence",
        "ACT-04",
        "            _OSA(self, '_Persistent__flags', interfaces.CHANGED)\n",
        "",
        r"ACT-31\b",
    ),
    Fault(
        "what-setstate-left-is-kept",
        "plans inside hooks",
        "persistence",
        "ACT-05",
        "                _OSA(self, '_Persistent__flags', 0)  # up-to-date\n",
        "                if _OGA(self, '_Persistent__flags') is not None:\n"
        "                    _OSA(self, '_Persistent__flags', 0)  # up-to-date\n",
        r"ACT-34\b",
    ),
    Fault(
        "p-changed-is-set-before-register",
        "plans inside hooks",
        "persistence",
        "TRANS-17",
        "            if before != after:\n"
        "                self._p_register()\n"
        "            _OSA(self, '_Persistent__flags', after)\n",
        "            _OSA(self, '_Persistent__flags', after)\n"
        "            if before != after:\n"
        "                self._p_register()\n",
        r"TRANS-1[68]\b",
    ),
    Fault(
        "a-write-registers-before-it-is-changed",
        "plans inside hooks",
        "persistence",
        "TRANS-19",
        "            before = _OGA(self, '_Persistent__flags')\n"
        "            after = before | _CHANGED\n"
        "            if before != after:\n"
        "                _OSA(self, '_Persistent__flags', after)\n"
        "                _OGA(self, '_p_register')()\n",
        "            before = _OGA(self, '_Persistent__flags')\n"
        "            after = before | _CHANGED\n"
        "            if before != after:\n"
        "                _OGA(self, '_p_register')()\n"
        "                _OSA(self, '_Persistent__flags', after)\n",
        r"register",
    ),
    Fault(
        "an-error-leaves-the-ring-locked",
        "plans inside hooks",
        "picklecache",
        "GC-10",
        "        try:\n"
        "            return f(self, *args, **kwargs)\n"
        "        finally:\n"
        "            self._is_sweeping_ring = False\n",
        "        result = f(self, *args, **kwargs)\n"
        "        self._is_sweeping_ring = False\n"
        "        return result\n",
        r"INV-10\b",
    ),
    Fault(
        "a-use-during-a-sweep-moves-it",
        "plans inside hooks",
        "picklecache",
        "GC-08",
        "        if self._is_sweeping_ring:\n",
        "        if self._is_sweeping_ring and not oid:\n",
        r"sweep",
    ),
    Fault(
        "the-last-one-that-was-ghosted-decides",
        "plans inside hooks",
        "picklecache",
        "GC-04",
        "                self._persistent_deactivate_ran = False\n",
        "",
        r"ACT-24\b|CACHE-1[01]\b",
    ),
    Fault(
        "a-deletion-that-register-refuses-is-done",
        "plans inside hooks",
        "persistence",
        "TRANS-21",
        "                if (_OGA(self, '_Persistent__jar') is not None and\n"
        "                        _OGA(self, '_Persistent__oid') is not None):\n"
        "                    _OGA(self, '_p_register')()\n"
        "        _ODA(self, name)\n",
        "                if (_OGA(self, '_Persistent__jar') is not None and\n"
        "                        _OGA(self, '_Persistent__oid') is not None):\n"
        "                    try:\n"
        "                        _OGA(self, '_p_register')()\n"
        "                    except BaseException:\n"
        "                        _ODA(self, name)\n"
        "                        raise\n"
        "        _ODA(self, name)\n",
        r"del\b",
    ),
)

_SIZES = (
    Fault(
        "the-size-of-a-sticky-object-stays",
        "sizes",
        "picklecache",
        "CACHE-19",
        "        value = self.data.get(oid)\n\n        if value is not None:\n",
        "        value = self.data.get(oid)\n\n"
        "        if value is not None and value._p_state < 2:\n",
    ),
    Fault(
        "the-new-size-is-not-rounded-up",
        "sizes",
        "picklecache",
        "CACHE-19",
        "            new_size_in_24 = _estimated_size_in_24_bits(new_size)\n",
        "            new_size_in_24 = new_size // 64\n",
    ),
    Fault(
        "a-multiple-of-64-is-kept-as-it-is",
        "sizes",
        "persistence",
        "META-18",
        "    return (value // 64) + 1\n",
        "    return (value + 63) // 64\n",
        r"estimated_size",
    ),
    Fault(
        "the-greatest-size-overflows",
        "sizes",
        "persistence",
        "META-18",
        "    if value > 1073741696:\n",
        "    if value > 1 << 30:\n",
        r"estimated_size",
    ),
    Fault(
        "a-ghost-keeps-a-share",
        "sizes",
        "persistence",
        "CACHE-20",
        "                _OGA(self, '_Persistent__oid'), -1)\n",
        "                _OGA(self, '_Persistent__oid'), 0)\n",
        r"total_estimated_size",
    ),
    Fault(
        "a-size-of-zero-is-refused",
        "sizes",
        "persistence",
        "META-18",
        "            if value < 0:\n",
        "            if value <= 0:\n",
        r"estimated_size",
    ),
    Fault(
        "the-limit-in-bytes-is-exceeded-by-reaching-it",
        "sizes",
        "picklecache",
        "GC-06",
        "                    and (self.total_estimated_size <= target_size_bytes\n",
        "                    and (self.total_estimated_size < target_size_bytes\n",
    ),
    Fault(
        "incrgc-forgets-the-limit-in-bytes",
        "sizes",
        "picklecache",
        "GC-06",
        "        return self._sweep(target, self.cache_size_bytes)\n",
        "        return self._sweep(target)\n",
    ),
)

_ORDER = (
    Fault(
        "a-use-does-not-move-it",
        "LRU order",
        "picklecache",
        "CACHE-26",
        "        else:\n            self.ring.move_to_head(value)\n        return None\n",
        "        return None\n",
        r"ATTR-07\b|CACHE-10\b",
    ),
    Fault(
        "a-write-is-no-use",
        "LRU order",
        "persistence",
        "CACHE-10",
        "            if not volatile:\n                _OGA(self, '_p_accessed')()\n",
        "",
        r"ATTR-09\b|  \d+ (set|.*_attr).*cache\.ring",
    ),
    Fault(
        "only-the-read-that-loads-is-a-use",
        "LRU order",
        "persistence",
        "ATTR-07",
        "                oga(self, '_p_activate')()\n            oga(self, '_p_accessed')()\n",
        "                oga(self, '_p_activate')()\n                oga(self, '_p_accessed')()\n",
    ),
    Fault(
        "a-deletion-is-no-use",
        "LRU order",
        "persistence",
        "CACHE-10",
        "            _OGA(self, '_p_accessed')()\n            before = ",
        "            before = ",
        r"ATTR-16\b|  \d+ del.*cache\.ring",
    ),
    Fault(
        "p-setattr-is-no-use",
        "LRU order",
        "persistence",
        "HOOK-04",
        "            _OSA(self, name, value)\n"
        "            return True\n"
        "        self._p_activate()\n"
        "        self._p_accessed()\n",
        "            _OSA(self, name, value)\n"
        "            return True\n"
        "        self._p_activate()\n",
        r"p_setattr",
    ),
    Fault(
        "p-getattr-is-no-use",
        "LRU order",
        "persistence",
        "HOOK-03",
        "        if name.startswith('_p_') or name in _SPECIAL_NAMES:\n"
        "            return True\n"
        "        self._p_activate()\n"
        "        self._p_accessed()\n",
        "        if name.startswith('_p_') or name in _SPECIAL_NAMES:\n"
        "            return True\n"
        "        self._p_activate()\n",
        r"p_getattr",
    ),
    Fault(
        "the-ring-is-walked-from-the-other-end",
        "LRU order",
        "ring",
        "GC-02",
        "        here = head.r_next\n"
        "        ring_to_obj = self.ring_to_obj\n"
        "        while here != head:\n"
        "            # We allow mutation during iteration, which means\n"
        "            # we must get the next ``here`` value before\n"
        "            # yielding, just in case the current value is\n"
        "            # removed.\n"
        "            current = here\n"
        "            here = here.r_next\n",
        "        here = head.r_prev\n"
        "        ring_to_obj = self.ring_to_obj\n"
        "        while here != head:\n"
        "            # We allow mutation during iteration, which means\n"
        "            # we must get the next ``here`` value before\n"
        "            # yielding, just in case the current value is\n"
        "            # removed.\n"
        "            current = here\n"
        "            here = here.r_prev\n",
        r"lru_items|cache\.ring",
    ),
)

_COUNTS = (
    Fault(
        "an-invalidated-object-stays-counted",
        "counts",
        "picklecache",
        "CACHE-11",
        "            self.ring.delete(value)\n            self.non_ghost_count -= 1\n        elif",
        "            self.ring.delete(value)\n        elif",
        r"INV-04\b|non_ghost_count",
    ),
    Fault(
        "a-swept-object-stays-counted",
        "counts",
        "picklecache",
        "CACHE-11",
        "                    ejected += 1\n                    self.non_ghost_count -= 1\n",
        "                    ejected += 1\n",
        r"GC-0[1-7]\b|non_ghost_count",
    ),
    Fault(
        "a-loaded-object-is-not-counted",
        "counts",
        "picklecache",
        "CACHE-11",
        "            if _OGA(value, '_p_state') != GHOST:\n"
        "                self.ring.add(value)\n"
        "                self.non_ghost_count += 1\n",
        "            if _OGA(value, '_p_state') != GHOST:\n                self.ring.add(value)\n",
        r"ACT-(29|01|35)\b|non_ghost_count",
    ),
    Fault(
        "an-object-that-is-stored-loaded-is-not-counted",
        "counts",
        "picklecache",
        "CACHE-05",
        "            if _OGA(value, '_p_state') != GHOST and value not in self.ring:\n"
        "                self.ring.add(value)\n"
        "                self.non_ghost_count += 1\n",
        "            if _OGA(value, '_p_state') != GHOST and value not in self.ring:\n"
        "                self.ring.add(value)\n",
        r"non_ghost_count",
    ),
    Fault(
        "storing-it-again-counts-it-again",
        "counts",
        "picklecache",
        "CACHE-04",
        "            if _OGA(value, '_p_state') != GHOST and value not in self.ring:\n"
        "                self.ring.add(value)\n"
        "                self.non_ghost_count += 1\n",
        "            if _OGA(value, '_p_state') != GHOST:\n"
        "                if value not in self.ring:\n"
        "                    self.ring.add(value)\n"
        "                self.non_ghost_count += 1\n",
        r"CACHE-11\b|non_ghost_count",
    ),
    Fault(
        "what-is-deleted-stays-in-the-ring",
        "counts",
        "picklecache",
        "CACHE-33",
        "            pobj = self.data.pop(oid)\n            self.ring.delete(pobj)\n",
        "            self.data.pop(oid)\n",
        r"CACHE-1[01]\b",
    ),
    Fault(
        "classes-are-not-in-the-length",
        "counts",
        "picklecache",
        "CACHE-08",
        "        return (len(self.persistent_classes) +\n                len(self.data))\n",
        "        return len(self.data)\n",
        r"CLASS-01\b",
    ),
    Fault(
        "a-drained-cache-keeps-one-more",
        "counts",
        "picklecache",
        "GC-07",
        "            target2 = size - 1 - (size // self.drain_resistance)\n",
        "            target2 = size - (size // self.drain_resistance)\n",
        r"GC-14\b",
    ),
)

_JARS = (
    Fault(
        "a-jar-has-to-have-a-cache",
        "odd jars",
        "persistence",
        "DM-07",
        "        cache = getattr(jar, '_cache', None)\n        if cache is not None:\n",
        "        cache = jar._cache\n        if cache is not None:\n",
        r"META-\d\d\b",
    ),
    Fault(
        "a-ghost-needs-a-jar-with-a-cache",
        "odd jars",
        "persistence",
        "ACT-30",
        "        try:\n"
        "            cache = jar._cache\n"
        "        except AttributeError:\n"
        "            pass\n"
        "        else:\n"
        "            cache.update_object_size_estimation(\n"
        "                _OGA(self, '_Persistent__oid'), -1)\n"
        "            # See notes in PickleCache.sweep for why we have to do this\n"
        "            cache._persistent_deactivate_ran = True\n",
        "        cache = jar._cache\n"
        "        cache.update_object_size_estimation(\n"
        "            _OGA(self, '_Persistent__oid'), -1)\n"
        "        # See notes in PickleCache.sweep for why we have to do this\n"
        "        cache._persistent_deactivate_ran = True\n",
        r"DM-07\b|TRANS-20\b|no attribute '_cache'",
    ),
    Fault(
        "a-use-needs-a-jar-with-a-cache",
        "odd jars",
        "persistence",
        "DM-07",
        "        except (AttributeError, KeyError):\n            pass\n\n    def _p_is_in_cache",
        "        except KeyError:\n            pass\n\n    def _p_is_in_cache",
        r"ATTR-24\b|has no attribute '_cache'|no cache|cacheless",
    ),
    Fault(
        "a-use-needs-to-be-cached",
        "odd jars",
        "persistence",
        "ATTR-24",
        "        except (AttributeError, KeyError):\n            pass\n\n    def _p_is_in_cache",
        "        except AttributeError:\n            pass\n\n    def _p_is_in_cache",
    ),
    Fault(
        "a-jar-has-to-take-attributes",
        "odd jars",
        "picklecache",
        "CACHE-34",
        "        try:\n"
        "            jar._cache = self\n"
        "        except AttributeError:\n"
        "            # Some ZODB tests pass in an object that cannot have an _cache\n"
        "            pass\n",
        "        jar._cache = self\n",
    ),
    Fault(
        "the-same-jar-is-another-jar",
        "odd jars",
        "persistence",
        "META-04",
        "value is not None and jar != value:\n",
        "value is not None:\n",
    ),
    Fault(
        "a-new-jar-does-not-end-the-ghost",
        "odd jars",
        "persistence",
        "META-20",
        "            _OSA(self, '_Persistent__jar', None)\n"
        "            _OSA(self, '_Persistent__flags', None)\n\n    _p_jar",
        "            _OSA(self, '_Persistent__jar', None)\n\n    _p_jar",
        r"META-08\b",
    ),
    Fault(
        "a-falsy-jar-is-no-jar",
        "odd jars",
        "persistence",
        "DM-07",
        "        if jar is not None and _OGA(self, '_Persistent__oid') is not None:\n",
        "        if jar and _OGA(self, '_Persistent__oid') is not None:\n",
        r"register",
    ),
)

_SLOTS = (
    Fault(
        "volatile-slots-outlive-the-ghost",
        "slots without a cache",
        "persistence",
        "ACT-16",
        "Persistent._slotnames(self, _v_exclude=False):\n",
        "Persistent._slotnames(self):\n",
    ),
    Fault(
        "an-empty-slot-ends-the-clearing",
        "slots without a cache",
        "persistence",
        "ACT-16",
        "                        # initialized at all - we can simply skip its deletion.\n"
        "                        pass\n",
        "                        # initialized at all - we can simply skip its deletion.\n"
        "                        break\n",
        r"slot",
    ),
    Fault(
        "without-a-dict-nothing-is-cleared",
        "slots without a cache",
        "persistence",
        "ACT-16",
        "            try:\n"
        "                idict = _OGA(self, '__dict__')\n"
        "            except AttributeError:\n"
        "                pass\n",
        "            try:\n"
        "                idict = _OGA(self, '__dict__')\n"
        "            except AttributeError:\n"
        "                return\n",
        r"slot",
    ),
    Fault(
        "without-a-cache-nothing-is-cleared",
        "slots without a cache",
        "persistence",
        "ACT-30",
        "        if clear:\n            try:\n",
        "        if clear and hasattr(jar, '_cache'):\n            try:\n",
        r"ACT-16\b",
    ),
    Fault(
        "without-a-cache-slots-stay",
        "slots without a cache",
        "persistence",
        "ACT-30",
        "            if type_.__new__ is Persistent.__new__:\n",
        "            if (type_.__new__ is Persistent.__new__\n"
        "                    and getattr(jar, '_cache', None) is not None):\n",
        r"ACT-16\b",
    ),
    Fault(
        "volatile-slots-are-in-the-state",
        "slots without a cache",
        "persistence",
        "PICKLE-05",
        "        idict = getattr(self, '__dict__', None)\n"
        "        slotnames = self._slotnames()\n"
        "        if idict is not None:\n",
        "        idict = getattr(self, '__dict__', None)\n"
        "        slotnames = self._slotnames(False)\n"
        "        if idict is not None:\n",
    ),
    Fault(
        "a-slot-that-holds-none-is-not-in-the-state",
        "slots without a cache",
        "persistence",
        "PICKLE-05",
        "                value = getattr(self, slotname, self)\n"
        "                if value is not self:\n",
        "                value = getattr(self, slotname, None)\n"
        "                if value is not None:\n",
    ),
)

_SECOND = (
    Fault(
        "a-second-cache-takes-what-the-first-holds",
        "a second cache",
        "picklecache",
        "CACHE-05",
        "                and oid in existing_cache.data):\n",
        "                and oid in self.data):\n",
        r"one cache",
    ),
    Fault(
        "its-own-cache-is-another-cache",
        "a second cache",
        "picklecache",
        "CACHE-04",
        "                and existing_cache is not self\n",
        "",
        r"one cache",
    ),
    Fault(
        "all-caches-share-their-classes",
        "a second cache",
        "picklecache",
        "CLASS-01",
        "        self.persistent_classes = {}\n",
        "        self.persistent_classes = classes\n",
        r"CACHE-(08|13|01)\b|klass|class",
        also=(("cache_size_bytes=0):", "cache_size_bytes=0, classes={}):"),),
    ),
    Fault(
        "a-sweep-stops-the-other-caches",
        "a second cache",
        "picklecache",
        "GC-08",
        "        self._is_sweeping_ring = True\n",
        "        type(self)._is_sweeping_ring = True\n",
        r"sweep",
    ),
    Fault(
        "an-oid-in-use-counts-as-cached",
        "a second cache",
        "persistence",
        "META-08",
        "            return cache.get(oid) is self\n",
        "            return cache.get(oid) is not None\n",
        r"ATTR-24\b|META-\d\d\b|can not change",
    ),
    Fault(
        "an-equal-object-replaces-the-first",
        "a second cache",
        "picklecache",
        "RING-01",
        "            if existing_data is not None and existing_data is not value:\n",
        "            if existing_data is not None and existing_data != value:\n",
    ),
)

_COLLECTIONS = (
    Fault(
        "setdefault-marks-what-is-present",
        "collections",
        "mapping",
        "COLL-02",
        "        if key not in self.data:\n            self._p_changed = 1\n        return self",
        "        self._p_changed = 1\n        return self",
    ),
    Fault(
        "popitem-marks-an-empty-mapping",
        "collections",
        "mapping",
        "COLL-02",
        "        result = self.__super_popitem()\n        self._p_changed = 1\n",
        "        self._p_changed = 1\n        result = self.__super_popitem()\n",
    ),
    Fault(
        "a-pop-that-fails-marks-the-list",
        "collections",
        "list",
        "COLL-09",
        "        rtn = self.__super_pop(i)\n        self._p_changed = 1\n",
        "        self._p_changed = 1\n        rtn = self.__super_pop(i)\n",
    ),
    Fault(
        "pairs-whose-object-is-gone-stay",
        "collections",
        "wref",
        "WREF-04",
        "            k: v for (k, v) in state['data']\n            if k() is not None\n",
        "            k: v for (k, v) in state['data']\n",
    ),
    Fault(
        "a-stamp-is-later-than-itself",
        "collections",
        "timestamp",
        "TS-06",
        "        if self._raw > other._raw:\n",
        "        if self._raw >= other._raw:\n",
        r"TS-14\b|timestamp_later",
    ),
)

FAULTS = _LOADS + _HOOKS + _SIZES + _ORDER + _COUNTS + _JARS + _SLOTS + _SECOND + _COLLECTIONS

__all__ = ["AREAS", "FAULTS", "VERSION", "Fault"]
