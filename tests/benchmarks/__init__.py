"""`make bench`: what monitoring costs, measured beside the stock way of doing the same.

Servers run pinned to one core, the load comes from this process on another one, and what counts is the CPU time of the
server's process. A side is measured in several rounds, in turns with what it is compared to; the median is shown.
"""
