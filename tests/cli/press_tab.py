"""press_tab.py SHELL SCRIPT LINE: types LINE and two tabs into an interactive bash or zsh that has loaded
the completion SCRIPT, and prints what the shell shows. In the standard library alone."""
import os
import pty
import re
import select
import sys
import tempfile
import time


def read(fd, until, limit_s=20.0):
    """All output until `until` has appeared, or if it is None until half a second of silence."""
    out, end = "", time.monotonic() + limit_s
    while time.monotonic() < end and (until is None or until not in out):
        ready, _, _ = select.select([fd], [], [], 0.5 if until is None else 0.1)
        if ready:
            out += os.read(fd, 65536).decode(errors="replace")
        elif until is None:
            break
    return out


START = {  # the command, and what to type before the script is loaded
    "bash": (["bash", "--norc", "--noprofile", "-i"], "bind 'set enable-bracketed-paste off'; "),
    "zsh": (["zsh", "-f", "-i"], "unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -u -D; "),
}


def main():
    shell, script, line = sys.argv[1:4]
    command, setup = START[shell]
    with tempfile.TemporaryDirectory() as home:
        pid, fd = pty.fork()
        if pid == 0:
            os.chdir(home)
            os.environ.update(HOME=home, TERM="dumb", COLUMNS="200", LINES="60")
            os.execvp(command[0], command)
        # The mark is put together by the shell, so that the echo of this line does not hold it.
        setup += f"PS1='> '; source '{script}'; echo READY''NOW\n"
        os.write(fd, setup.encode())
        read(fd, "READYNOW")
        read(fd, None)
        os.write(fd, (line + "\t\t").encode())
        time.sleep(0.5)
        shown = read(fd, None)
        os.close(fd)
        os.waitpid(pid, 0)
    print(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x08|\r", "", shown))


main()
