"""The verbs: what a user asks the bridge to do, whether by a command line or by a message from any client of MPD.

Each verb is a function that is given its tools, and returns a value that tells what it did. It prints nothing.
"""
