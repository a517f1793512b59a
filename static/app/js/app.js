// One module a behaviour; this list is all of them.
import "./time.js";
import "./toast.js";
import "./actions.js";
import "./composer.js";
import "./files.js";
import "./saved.js";
import "./drafts.js";
import "./sending.js";
import "./picks.js";
import "./keyboard.js";
import "./palette.js";
import "./live.js";
import "./tables.js";
