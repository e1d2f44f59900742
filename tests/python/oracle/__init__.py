"""The figures of the marts worked out a second time, in Python and from the data contract alone.

Nothing here reads or copies the SQL of the project. Where the contract leaves a choice, the plainest one was taken and
stands in a docstring on a line that begins with `Reading:`.
"""
