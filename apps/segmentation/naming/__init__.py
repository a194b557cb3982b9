"""What a site's segmenters call the things they find, and those things as segments with standard codes; pure."""
