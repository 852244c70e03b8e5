"""Job rows, the worker loop and the schedule."""
