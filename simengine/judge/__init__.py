"""Is the projection sound, and is the target met?"""
