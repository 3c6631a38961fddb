"""Where the camera goes: paths, homographies and the animatic drawn from them."""
