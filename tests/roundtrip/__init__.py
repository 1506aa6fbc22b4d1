"""A real library without its bodies, and an endpoint that knows them: what goes in must come out.

`Library.stubbed(name, folder)` copies an installed library into a project of its own and removes each documented
body. `Truth` answers requests with the true functions, in every form that a reply may have.
"""

from roundtrip.library import Library, strip
from roundtrip.truth import FORMS, Truth

__all__ = ["FORMS", "Library", "Truth", "strip"]
