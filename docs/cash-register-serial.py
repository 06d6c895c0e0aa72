#!/usr/bin/python3
"""A cash register on a serial line: cash-register-serial.py DEVICE AMOUNT [ORDER]. Ends with 0 when paid, 3 when not."""
import os, sys, termios, tty

if len(sys.argv) not in (3, 4) or not sys.argv[2].isdigit():
    sys.exit(__doc__)
line = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
tty.setraw(line)  # Eight bits, no parity, no echo.
modes = termios.tcgetattr(line)
modes[2] = modes[2] & ~termios.CSTOPB | termios.CLOCAL | termios.CREAD  # One stop bit, no modem.
modes[4] = modes[5] = termios.B9600
termios.tcsetattr(line, termios.TCSANOW, modes)
os.write(line, " ".join(sys.argv[2:]).encode() + b"\r\n")
with os.fdopen(line, "rb", buffering=0) as answers:
    for answer in iter(answers.readline, b""):
        word, *rest = answer.decode("ascii").split()
        print(word, *rest, flush=True)
        if word == "PAID":
            sys.exit(0)
        if word in ("CANCELLED", "EXPIRED", "FAILED", "ERROR"):
            sys.exit(3)
sys.exit("the terminal is gone")
