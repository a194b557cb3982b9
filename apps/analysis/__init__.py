"""What is worked out of a study and stored: asked for, run as a job, versioned, replaced by a rerun."""
