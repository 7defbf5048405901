// What every page runs.
import htmx from "htmx.org";
import { startCopying } from "./parts/copying.js";
import { startDialogs } from "./parts/dialogs.js";
import { startKeys } from "./parts/keys.js";
import { startFollowing } from "./parts/following.js";
import { startLive } from "./parts/live.js";
import { startPalette } from "./parts/palette.js";
import { startSigning } from "./parts/signing.js";
import { startUploading } from "./parts/uploading.js";
import { startTheme } from "./parts/theme.js";
import { showTimes } from "./parts/times.js";

window.htmx = htmx;
startCopying();
startKeys();
startFollowing();
startLive();
startPalette();
startDialogs();
startSigning();
startTheme();
startUploading();
showTimes(document);
document.addEventListener("htmx:load", (event) => showTimes(event.target));
