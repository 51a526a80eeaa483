"""Commands of `simengine` that belong to calibration; imported when they are called."""
