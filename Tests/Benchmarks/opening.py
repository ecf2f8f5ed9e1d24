#!/usr/bin/env python3
"""How large a page of a report is, and how long a browser takes to open and draw it.

Usage: opening.py PAGE [CHROMIUM]. The time is that of headless Chromium from start to picture, less that of an empty page;
the two take turns, and of each the median counts.
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time

page, browser = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "chromium"
with tempfile.TemporaryDirectory() as folder:
    empty = os.path.join(folder, "empty.html")
    with open(empty, "w") as file:
        file.write("<!DOCTYPE html><html lang=en><title>empty</title><p>empty</p></html>")

    def seconds(path):
        start = time.monotonic()
        subprocess.run(
            [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,900",
             f"--screenshot={folder}/picture.png", "file://" + os.path.abspath(path)],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return time.monotonic() - start

    seconds(empty)
    pairs = [(seconds(empty), seconds(page)) for _ in range(9)]
without, whole = (statistics.median(times) for times in zip(*pairs))
print(f"{os.path.getsize(page)} bytes, opened in {whole - without:.2f} s ({whole:.2f} s less {without:.2f} s for an empty page)")
