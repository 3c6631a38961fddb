"""Sampled latents on disk: files, cache and recovery."""
