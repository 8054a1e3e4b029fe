/**
 * What must not be shown to others: texts of programs that we pass on may hold a password that they were given.
 *
 * Pure.
 * @module
 */
import type { Environment } from "./settings.ts";

/** Names of variables and flags whose values are secrets. */
const SECRET_NAME = /pass|secret|token|credential|apikey|api_key|private_key|auth/i;
/** Shorter values would hide ordinary words. */
const SHORTEST = 6;
const MASK = "***";
/** User and password of an address. */
const USERINFO = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi;

/** Returns a function that masks secrets of an environment and of confd's words in a text. */
export function masker(env: Environment, confdArgs: readonly string[]): (text: string) => string {
  const secrets = [...ofVariables(env), ...ofWords(confdArgs)].filter((secret) => secret.length >= SHORTEST);
  // The longest first: one may be a part of another.
  const known = [...new Set(secrets)].sort((a, b) => b.length - a.length);
  return (text) => {
    const masked = text.replace(USERINFO, `$1${MASK}@`);
    return known.reduce((text, secret) => text.replaceAll(secret, MASK), masked);
  };
}

function ofVariables(env: Environment): string[] {
  return Object.entries(env).flatMap(([name, value]) => [
    ...(SECRET_NAME.test(name) && !isPath(value) ? [value.trim()] : []),
    ...passwordsIn(value),
  ]);
}

/** Passwords of the addresses in a text. */
function passwordsIn(text: string): string[] {
  return [...text.matchAll(/:\/\/[^\s/:@"']*:([^\s/@"']+)@/g)].flatMap(([, password]) => [password, decoded(password)]);
}

function ofWords(words: readonly string[]): string[] {
  return words.flatMap((word, i) => {
    const [, name, value] = /^--?([\w-]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === undefined || !SECRET_NAME.test(name)) return [];
    const secret = value ?? words[i + 1] ?? "";
    return isPath(secret) ? [] : [secret];
  });
}

/** A file that holds a secret is none itself. */
function isPath(text: string): boolean {
  return /^(\/[\w.-]+)+$/.test(text);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Masks every text in a value made of lists and objects. */
export function maskAll<T>(value: T, mask: (text: string) => string): T {
  if (typeof value === "string") return mask(value) as T;
  if (Array.isArray(value)) return value.map((item) => maskAll(item, mask)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, maskAll(item, mask)])) as T;
}
