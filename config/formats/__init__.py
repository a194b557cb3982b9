"""How days and times are written, where Django's own way of a language is not this product's."""
