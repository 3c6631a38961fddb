"""The engine on the MODEL, CONDITIONING and VAE objects of a running ComfyUI."""
