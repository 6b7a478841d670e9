"""The clocks of a server that a test can set (torture/clock.c, preloaded)."""

import mmap
import pathlib
import struct
import subprocess

SOURCE = pathlib.Path(__file__).resolve().parent / "torture" / "clock.c"


class Clock:
    """`env` is for the server; seconds are beside the true time."""

    def __init__(self, folder):
        library, numbers = pathlib.Path(folder) / "clock.so", pathlib.Path(folder) / "clock"
        subprocess.run(["cc", "-shared", "-fPIC", SOURCE, "-o", library], check=True, timeout=60)
        numbers.write_bytes(bytes(16))
        with open(numbers, "r+b") as file:
            self.numbers = mmap.mmap(file.fileno(), 16)
        self.env = {"LD_PRELOAD": library, "TORTURE_CLOCK": numbers}

    def set_calendar(self, seconds):
        struct.pack_into("q", self.numbers, 0, seconds)

    def move_on(self, seconds):
        """What lifetimes and pauses go by."""
        passed = struct.unpack_from("q", self.numbers, 8)[0]
        struct.pack_into("q", self.numbers, 8, passed + seconds)
