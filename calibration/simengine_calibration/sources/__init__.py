"""Read what was collected, typed by hand and printed in plans."""
