"""Runs bare aerich, tux or a script in a fork of a process that has imported them: a real process, without a second of imports."""

from __future__ import annotations

import atexit
import importlib
import os
import runpy
import sys
from pathlib import Path


def run(program: str, arguments: list[str], root: str, environment: dict[str, str], output: str) -> None:
    """Be `aerich`, `tux` or `python` in the folder of a project; what it prints goes into files."""
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(f"{output}.{name}", os.O_WRONLY | os.O_CREAT), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdin = Path(os.devnull).open()  # noqa: SIM115 - as long as the process
    sys.dont_write_bytecode = True  # of a model that is edited twice in a second, the second time would go unseen
    os.chdir(root)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [program, *arguments]
    code = 0
    try:
        if program == "python":
            runpy.run_path(arguments[0], run_name="__main__")
        else:
            importlib.import_module(f"{program}.cli").main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            sys.stderr.write(end.code)
    except BaseException:  # noqa: BLE001 - as the interpreter itself would end it
        sys.excepthook(*sys.exc_info())
        code = 1
    if not sys.stdout.closed:  # `aerich inspectdb` closes it
        sys.stdout.flush()
    sys.stderr.flush()
    atexit._run_exitfuncs()  # coverage writes its data there, and a forked process has no other end
    os._exit(code)
