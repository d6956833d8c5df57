"""The record of what was compiled and released."""
