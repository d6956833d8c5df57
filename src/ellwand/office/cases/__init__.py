"""Matters of conduct: declarations of interest, complaints."""
