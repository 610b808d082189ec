"""A module whose import needs what is not there."""

import no_such_dependency  # noqa: F401
