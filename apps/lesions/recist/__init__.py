"""RECIST 1.1 (Eisenhauer et al., European Journal of Cancer 45, 2009, 228-247): its rules; pure.

Where the paper leaves a question open, the answer is that of the EORTC's questions and clarifications.
"""
