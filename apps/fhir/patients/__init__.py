"""Patient: the practice's leads, and whom the images show where no lead is known."""
