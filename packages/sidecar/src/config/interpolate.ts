/**
 * `${VAR}`, `${VAR:-default}`, `${env:VAR}` and `$$` in the values of a parsed document (semantics, section 5).
 *
 * It works on values after parsing, so that a variable's text can never become structure, and it never
 * looks at what it has put in.
 */

/** The variables of the process, or a test's own. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A text with its substitutions made, or why they could not be. */
export type Interpolated =
  | {
      readonly ok: true;
      readonly text: string;
      readonly substituted: boolean;
      /** What is to be said where no variable may be empty; `undefined` when none without a default is. */
      readonly empty: string | undefined;
    }
  | { readonly ok: false; readonly message: string };

//             $$  |  ${  name or env:name                      default        }   |  a `${` that is neither
const TOKEN = /\$\$|\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}]*))?\}|\$\{/g;

/** A name as variables have it; another may be part of a password with a dollar in it. */
const VARIABLE = /^[A-Z]{1,16}\d{0,2}(?:_[A-Z]{1,16}\d{0,2}){0,9}$/;

function describeUnset(name: string): string {
  return `${describeVariable(name)} is not set, and has no default here`;
}

function describeEmpty(name: string): string {
  const shown = VARIABLE.test(name) ? name : "NAME";
  return `${describeVariable(name)} is empty; write \${${shown}:-} if that is meant`;
}

function describeVariable(name: string): string {
  return VARIABLE.test(name) ? `the environment variable ${name}` : "the environment variable named here";
}

/** Makes the substitutions in one value. A variable that is set but empty takes the default, as in a shell. */
export function interpolate(text: string, environment: Environment): Interpolated {
  if (!text.includes("$")) return { ok: true, text, substituted: false, empty: undefined };
  let message: string | undefined;
  let empty: string | undefined;
  let substituted = false;
  const result = text.replaceAll(TOKEN, (token: string, name?: string, fallback?: string) => {
    if (token === "$$") return "$";
    if (name === undefined) {
      message ??= `"\${" begins no substitution: write \${NAME}, \${NAME:-default} or \${env:NAME}, and $$ for a plain $`;
      return token;
    }
    substituted = true;
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
    if (fallback !== undefined) return value || fallback.replaceAll("$$", "$");
    if (value === undefined) message ??= describeUnset(name);
    if (value === "") empty ??= describeEmpty(name);
    return value ?? "";
  });
  return message === undefined ? { ok: true, text: result, substituted, empty } : { ok: false, message };
}
