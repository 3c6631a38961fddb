"""Engines make clips: they carry out a plan with real models.

`animate` does everything that is the same for all engines; `base` says what an engine does;
`comfy` is the one on ComfyUI's MODEL and VAE. Import the modules by name: this package loads
nothing by itself, because torch is slow to load and ComfyUI is not everywhere.
"""
