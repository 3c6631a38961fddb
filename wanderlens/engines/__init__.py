"""Engines: they carry out a plan with real models.

`base` is the protocol between the pipeline and an engine; `comfyui` and `diffusers` implement it;
`short_encode` is shared by both. Import the modules by name: this package loads nothing by itself,
because torch is slow to load and ComfyUI is not everywhere.
"""
