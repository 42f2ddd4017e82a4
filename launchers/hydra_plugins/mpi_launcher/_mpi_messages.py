"""Open MPI's own messages, reduced to one line. Versions 4 and 5 phrase the same messages differently."""

import os
import re

_RULE = re.compile(r"^-{20,}$")

_EPILOGUES = (
    "detected that one or more processes exited with non-zero status",
    "noticed that process rank",
    "Primary job",
    "It looks like orte_init failed",
    "MPI_ABORT was invoked",
)
"""Parts of messages that only report that a job ended: the output of its ranks explains more."""

_OWN = re.compile(r"\b(mpirun|prterun|orterun|PMIx|PRTE|PRRTE|ORTE|Open MPI|MPI job)\b")

_KNOWN = (
    (
        r"could not access( or execute)? an executable:.*?Executable:\s*(?P<what>\S.*?)\s+Node:\s*(?P<host>\S+)",
        "mpirun could not access an executable: {what} on host {host}; it has to be there, and you allowed to run it",
    ),
    (
        r"could not change to the specified working directory:.*?tory:\s*(?P<what>\S.*?)\s+Node:\s*(?P<host>\S+)",
        "mpirun could not change to the folder {what} on host {host}; it has to be there, and you allowed to enter it",
    ),
    (
        r"not enough slots available in the system to satisfy the (?P<what>\d+)",
        "mpirun has not enough slots for {what} ranks; hydra.launcher.hostfile says how many a host has (host slots=N)",
    ),
    (
        r"bind that would require binding|A request for multiple cpus-per-proc|bind to .*? more (cpus|processes)",
        "mpirun cannot bind ranks to so many cores as hydra.launcher.binding asks for; hydra.launcher.binding=core"
        " shares those there are",
    ),
    (
        r"(mapping policy|mapby directive) is not recognized:.*?(Policy|Directive):\s*(?P<what>[^\s:]+)",
        "hydra.launcher.binding: mpirun knows no mapping {what}; take core, none or one such as socket:PE=4",
    ),
    (
        r"call to mkdir was unable to create the desired directory:.*?Directory:\s*(?P<what>\S.*?)\s+"
        r"Error:\s*(?P<why>.*?)\s+Please",
        "mpirun cannot make its folder {what} ({why}); set TMPDIR to a folder that can be written",
    ),
    (
        r"not enough space for (?P<what>/\S+)",
        "mpirun: no space for {what}; free some there (df -h /dev/shm; in a container --shm-size=8g)",
    ),
    (
        r"PMIX ERROR: (?P<why>\S*(FILE_WRITE|OUT.OF.RESOURCE|NO.?SPACE)\S*)",
        "mpirun cannot write its files ({why}): {tmpdir} is full; free some space, or set TMPDIR to another folder",
    ),
    (
        r"daemon failed to report back|unable to reliably start one or more daemons|ORTE does not know how to route"
        r"|lost communication with|daemon .{0,40}(died|failed)",
        "mpirun could not start its daemon on a host{why}; the host must let the remote shell through, and have Open"
        " MPI at the same path",
    ),
    (r"PMIX ERROR: (?P<why>.+)", "mpirun: PMIx failed: {why}"),
)


def cause(output: str) -> str:
    """Why mpirun could not run a job, from its messages in the output of the job; empty if there are none.

    Args:
      output: all that mpirun and the ranks printed.
    """
    blocks = [block for block in _blocks(output) if not any(text in block for text in _EPILOGUES)]
    errors = [line for line in output.splitlines() if "PMIX ERROR" in line]
    for text in (*blocks, *errors):
        for pattern, message in _KNOWN:
            if match := re.search(pattern, " ".join(text.split())):
                named = {key: value for key, value in match.groupdict().items() if value}
                return message.format_map({"tmpdir": _tmpdir(), "why": _remote_shell(output), **named})
    for block in blocks:
        first = " ".join(block.split("\n\n")[0].split())
        if _OWN.search(first):
            return f"mpirun: {first}"
    return ""


def _blocks(output: str) -> list[str]:
    """Texts between lines of dashes."""
    blocks: list[list[str]] = []
    inside = False
    for line in output.splitlines():
        if _RULE.match(line.strip()):
            inside = not inside
            if inside:
                blocks.append([])
        elif inside:
            blocks[-1].append(line.rstrip())
    return ["\n".join(lines).strip() for lines in blocks]


def _remote_shell(output: str) -> str:
    reports = [
        line.strip() for line in output.splitlines() if re.match(r"(ssh|rsh|Permission denied|Host key)\b", line)
    ]
    return f" ({reports[-1]})" if reports else ""


def _tmpdir() -> str:
    return os.environ.get("TMPDIR") or "/tmp"
