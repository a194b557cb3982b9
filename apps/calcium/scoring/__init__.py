"""The scores of coronary calcium; pure."""
