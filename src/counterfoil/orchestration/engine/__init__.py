"""Runs process models: claims element instances, calls tasks, keeps incidents, timers, messages and history."""
