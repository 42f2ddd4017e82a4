"""What mpirun starts as each rank: `python _rank.py <job file>`.

It is run by its path: `python -m` would search the current folder before everything else. Before anything is imported,
`sys.path` becomes that of the launching process, and `__main__` a module that the program's own definitions go into.
"""

import sys

if __name__ == "__main__":
    del sys.path[0]  # the folder of this file, which holds modules such as `table`
    import pickle
    import types

    with open(sys.argv[1], "rb") as file:
        start = pickle.load(file)
        at = file.tell()
    sys.path[:] = start["path"]
    rank = sys.modules["__main__"]  # stays referenced: its names are in use until the end
    program = sys.modules["__main__"] = types.ModuleType("__main__")
    vars(program).update(start["main"], __builtins__=__builtins__)

    from hydra_plugins.mpi_launcher import _worker

    sys.exit(_worker.main(sys.argv[1], at))
