import type { HttpSinkSettings } from "../../settings.ts";

/** Shorter ones would be found in words that have nothing to do with them. */
const MIN_LENGTH = 4;

/**
 * Makes a function that hides the sink's own secrets in a text. A peer may say what it was sent, and what it says
 * ends in logs and dead letters.
 */
export function createSecretHider({
  headers,
  endpoint,
  webhook,
}: HttpSinkSettings): (text: string) => string {
  const secrets = new Set<string>();
  const add = (secret: string): void => {
    for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]) {
      if (form.length >= MIN_LENGTH) secrets.add(form);
    }
  };
  for (const [, value] of headers) {
    const revealed = value.reveal();
    add(revealed);
    // `Bearer TOKEN`, `name=TOKEN`: what follows is the secret, with or without what is before it.
    for (const part of revealed.split(/[\s=,;]+/).slice(1)) add(part);
  }
  const { search, searchParams, username, password } = new URL(endpoint);
  add(search.slice(1));
  for (const value of searchParams.values()) add(value);
  if (username !== "") add(Buffer.from(`${decode(username)}:${decode(password)}`).toString("base64"));
  add(decode(password));
  if (webhook?.callback !== undefined) add(webhook.callback.reveal());
  // The longest first: one may be a part of another.
  const ordered = [...secrets].sort((a, b) => b.length - a.length);
  return (text) => ordered.reduce((shown, secret) => shown.replaceAll(secret, "***"), text);
}

function decode(component: string): string {
  try {
    return decodeURIComponent(component);
  } catch {
    return component;
  }
}
