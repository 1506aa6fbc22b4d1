"""A project under siege: a model that answers with hostile candidates, and witnesses outside of the sandbox.

`Camp` is a project with a home full of secrets, for a user; `storm` runs the real `soa implement` in it with hostile
replies and tells what became of each stub, of the home, of the project, of the witnesses and of all processes.

Nothing of what the candidates do may ever run outside a sandbox. They are text here, never imported.
"""

from siege.camp import Camp
from siege.replies import Candidate, candidates
from siege.storm import Aftermath, storm

__all__ = ["Aftermath", "Camp", "Candidate", "candidates", "storm"]
