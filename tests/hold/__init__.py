"""It must hold: killed, starved and damaged, nothing acknowledged is lost and nothing counts twice."""
