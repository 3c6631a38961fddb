"""The engine on diffusers' Wan classes, for use without ComfyUI."""
