"""Output that raises no error, whatever the encoding and whether or not anybody reads it."""

import contextlib
import sys


def report(text: str) -> None:
    """Prints a text at once. What the output cannot show becomes `?`; an output that is gone gets nothing."""
    try:
        print(text, flush=True)
    except UnicodeEncodeError:
        encoding = getattr(sys.stdout, "encoding", None) or "ascii"
        with contextlib.suppress(OSError):
            print(text.encode(encoding, "replace").decode(encoding), flush=True)
    except OSError:  # a closed pipe, a full disk: jobs continue
        pass


def is_terminal() -> bool:
    """Whether somebody watches."""
    return sys.stdout is not None and sys.stdout.isatty()


def survive_encodings() -> None:
    """Lets this process print anything: what the encoding of its output lacks becomes `?` instead of an error."""
    for stream in (sys.stdout, sys.stderr):
        # In the C locale it is surrogateescape, which lets file names through and no more.
        if getattr(stream, "errors", None) in ("strict", "surrogateescape") and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
