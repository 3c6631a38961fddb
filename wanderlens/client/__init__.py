"""A client of the HTTP API and the websocket of a running ComfyUI."""
