// Draws BPMN models; pages of processes use it.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

window.counterfoilDiagram = { NavigatedViewer };
