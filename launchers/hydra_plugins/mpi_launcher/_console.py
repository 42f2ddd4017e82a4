"""Output that raises no error, whatever its encoding and even if it is closed."""

import contextlib
import sys


def report(text: str) -> None:
    """Prints and flushes a text. Characters that the encoding lacks become `?`; a closed output is ignored."""
    try:
        print(text, flush=True)
    except UnicodeEncodeError:
        encoding = getattr(sys.stdout, "encoding", None) or "ascii"
        with contextlib.suppress(OSError):
            print(text.encode(encoding, "replace").decode(encoding), flush=True)
    except OSError:  # a closed pipe, a full disk: jobs continue
        pass


def is_terminal() -> bool:
    """Whether standard output is a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()


def survive_encodings() -> None:
    """Lets this process print any text: characters that the encoding of its output lacks become `?`."""
    for stream in (sys.stdout, sys.stderr):
        # In the C locale it is surrogateescape, which lets file names through and no more.
        if getattr(stream, "errors", None) in ("strict", "surrogateescape") and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
