// The languages of the page.
import { english } from "/english.js";
import { vietnamese } from "/vietnamese.js";

export const languages = { en: english, vi: vietnamese };
