#!/usr/bin/env python
"""Django's command line for this site."""

import sys

from p2plearn.startup import command_line

if __name__ == "__main__":
    command_line(sys.argv)
