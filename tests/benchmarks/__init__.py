"""`make bench`: the cost of monitoring, measured against the usual alternative.

Servers run pinned to one core, the load comes from this process on another, and the CPU time of the server's process
counts. Each side is measured in several rounds, alternating with the side it is compared with; the median is shown.
"""
