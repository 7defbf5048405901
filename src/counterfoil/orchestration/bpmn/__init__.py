"""Reads BPMN 2.0 models with Zeebe's extension elements and refuses what the engine does not run."""

from counterfoil.orchestration.bpmn.parser import parse

__all__ = ["parse"]
