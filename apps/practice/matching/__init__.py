"""Record linkage (Fellegi and Sunter 1969), pure: who a patient of the images is among the practice's leads."""
