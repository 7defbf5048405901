// Draws curves; pages with charts use it.
import uPlot from "uplot";

window.counterfoilChart = { uPlot };
