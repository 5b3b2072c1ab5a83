// Names of time zones: those of the two markets as traders say them, others as the browser does.

import { locale } from "./words.js";

export const SEOUL = "Asia/Seoul";
export const NEW_YORK = "America/New_York";
const SPOKEN = { [SEOUL]: "KST", [NEW_YORK]: "ET" };

/** What a zone (the reader's own unless told) is called at a moment in milliseconds. */
export function zone(moment, timeZone = new Intl.DateTimeFormat().resolvedOptions().timeZone) {
  if (SPOKEN[timeZone]) return SPOKEN[timeZone];
  const parts = new Intl.DateTimeFormat(locale(), { timeZone, timeZoneName: "short" }).formatToParts(moment);
  return parts.find(({ type }) => type === "timeZoneName").value;
}
