/** The picker of models. */

import type { Keys } from "./keys";
import type { Launch } from "./process";

/** Have the user choose a model, and write it to the settings. */
export async function chooseModel(launch: Launch, keys: Keys): Promise<void> {
  await launch("doctor");
  await keys.environment();
}
