// The page of silences: what each hides now stays fresh, silences are made and ended.

import { RefreshedPart } from "./refreshed.js";
import { startAnswers } from "./answers.js";

const EVERY_MS = 15_000;

const part = new RefreshedPart("alerts", { every: () => EVERY_MS });
startAnswers({ onDone: () => part.refresh() });
