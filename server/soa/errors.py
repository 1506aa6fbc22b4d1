"""The errors of the engine.

SoaError                    what happened, why, and what to do; safe to show to a user
├── SourceError             a text or file cannot be worked with
│   ├── FileProblem         missing, binary, undecodable, unreadable, unwritable
│   ├── UnknownTarget       no stub of that name; carries the nearest names
│   └── SpliceError         an edit would touch a byte outside its stub
├── ConfigurationError      a flag, variable or pyproject entry is wrong
│   └── NoModel             nothing to ask; lists what to set
├── ModelError              the endpoint did not give an answer
│   ├── ModelUnreachable    no connection, or it hung past the timeout
│   ├── ModelRefused        wrong key, unknown model, out of quota, bad request
│   └── ModelBusy           still rate limited or failing after all retries
├── LimitReached            the next call would exceed a limit of the run
└── SandboxError            no sandbox of the wanted kind works here

Expected outcomes (a test failed, a reply was refused, no candidate) are values, not errors.
"""

from __future__ import annotations


class SoaError(Exception):
    """Base of all errors that are shown to a user.

    Parameters
    ----------
    message
        What happened and why, one sentence.
    advice
        What to do about it; may be empty.
    """

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message}\n{self.advice}" if self.advice else self.message


class SourceError(SoaError):
    """A text or a file cannot be worked with."""


class FileProblem(SourceError):
    """A file is missing, binary, not decodable, not readable or not writable."""


class UnknownTarget(SourceError):
    """No stub of the requested name; the advice offers the nearest names."""


class SpliceError(SourceError):
    """An edit would change a byte outside the stub, its helpers or its imports."""


class ConfigurationError(SoaError):
    """A flag, an environment variable or an entry of pyproject.toml is wrong."""


class NoModel(ConfigurationError):
    """No model is configured and none was found."""


class ModelError(SoaError):
    """The endpoint did not give an answer."""


class ModelUnreachable(ModelError):
    """No connection to the endpoint, or no answer within the timeout."""


class ModelRefused(ModelError):
    """The endpoint refuses: wrong key, unknown model, out of quota, bad request."""


class ModelBusy(ModelError):
    """The endpoint is rate limited or failing, also after all retries."""


class LimitReached(SoaError):
    """The next call would exceed a limit of the run."""


class SandboxError(SoaError):
    """No sandbox of the wanted kind works here."""
