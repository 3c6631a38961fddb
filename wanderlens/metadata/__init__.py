"""Reading generation data out of files: containers, formats and ComfyUI graphs."""
