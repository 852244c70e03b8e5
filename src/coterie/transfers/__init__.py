"""Data in and out: imports with a rehearsal and a way back, and exports."""
