/** What is written first: eight regular expressions, one after the other. */

const EXPRESSIONS: readonly RegExp[] = [
  /[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}/g,
  /\b(?:\d[ -]*?){13,19}\b/g,
  /\b\d{3}-\d{2}-\d{4}\b/g,
  /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/gi,
  /eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+/g,
  /\b(?:sk-|ghp_|AKIA|xoxb-|glpat-)[A-Za-z0-9_-]{16,}/g,
  /\b(?:Bearer|Basic)\s+[A-Za-z0-9._~+/=-]+/gi,
  /(?:password|passwd|pwd)["']?\s*[=:]\s*["']?[^\s"'&]+/gi,
];

export function maskNaively(text: string): string {
  let masked = text;
  for (const expression of EXPRESSIONS) masked = masked.replace(expression, "[REDACTED]");
  return masked;
}
