"""Pictures in three dimensions for reports, drawn by VTK in a process of its own (requirements/render.txt)."""
