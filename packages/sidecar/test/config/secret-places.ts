/** Where people put secrets by mistake, next to where they belong: each configuration is wrong. */

const http = (...lines: readonly string[]): string =>
  ["cloud_events:", "  http:", ...lines.map((line) => `    ${line}`)].join("\n");
const auth = (text: string): string => `receivers: { otlp: { http: { auth: ${text} } } }`;
const kafka = (text: string): string => `cloud_events: { kafka: { brokers: [a:1], topic: t, ${text} } }`;

/** Wrong configurations with the secret in them, by what is wrong. */
export function listWrongFiles(secret: string): readonly (readonly [name: string, text: string])[] {
  const url = (text: string): string => http(`endpoint: ${text}`);
  return [
    ["a token instead of a mapping", auth(secret)],
    ["a key that is no key", auth(`{ token: ${secret} }`)],
    ["a token as a key", auth(`{ ${secret} }`)],
    ["a token as a key of a key", auth(`{ bearer: { ${secret}: x } }`)],
    ["a list of tokens", auth(`{ bearer: [${secret}] }`)],
    ["no space after the colon", `receivers:\n  otlp:\n    http:\n      auth:\n        bearer:${secret}`],
    ["a token with a space at its end", auth(`{ bearer: "${secret} " }`)],
    ["a token with its scheme", auth(`{ bearer: "Bearer ${secret}" }`)],
    ["headers as one text", http("endpoint: https://a/", `headers: "Authorization: Bearer ${secret}"`)],
    ["headers as a variable has them", `otel: { endpoint: "http://h", headers: "a=Bearer ${secret}" }`],
    ["a header without a space", http("headers:", `  Authorization:Bearer ${secret}`)],
    ["a header that is all key", http(`headers: { "Authorization: Bearer ${secret}": x }`)],
    ["a header without a value", http(`headers: { "Bearer ${secret}" }`)],
    ["a token that could be a header's name", http(`headers: { ${secret} }`, "batch_size: x")],
    ["a token that could be an attribute", http(`headers: { ce-${secret}: x }`)],
    ["a header with a line break", http(`headers: { ${secret}: "${secret}\\n" }`)],
    ["a list of headers", http(`headers: ["Authorization: Bearer ${secret}"]`)],
    ["a login as one text", kafka(`sasl: "PLAIN:u:${secret}"`)],
    ["a password for a mechanism", kafka(`sasl: { mechanism: ${secret}, pasword: ${secret} }`)],
    ["a login in a broker", `cloud_events: { kafka: { brokers: ["u:${secret}@a:1"], topic: t } }`],
    ["a login in a listener", `receivers: { otlp: { http: { endpoint: "u:${secret}@a:1" } } }`],
    ["a key for an authority", http("endpoint: https://a/", `tls: { ca: "${secret}" }`)],
    [
      "a key for a certificate",
      http("endpoint: https://a/", `tls: { cert: "-----BEGIN PRIVATE KEY-----\\n${secret}" }`),
    ],
    ["a text instead of a list", `masking: { literals: ${secret} }`],
    ["an expression", `masking: { patterns: [{ name: a, regex: "(${secret}" }] }`],
    ["an expression that RE2 has not", `masking: { patterns: [{ name: a, regex: "(?<${secret}!>a" }] }`],
    ["an extension", `cloud_events: { extensions: [{ ${secret}: ["${secret}"] }, ${secret}] }`],
    ["a level", `log: { level: ${secret} }`],
    ["a tenant that is a list", `tenant: [${secret}]`],
    ["a password with a slash", url(`https://user:${secret}/${secret}@host/x`)],
    ["a password with a space", url(`"https://user:pa ${secret}@host/x"`)],
    ["a password with a quote", url(`"https://user:a'${secret}@ho st/x"`)],
    ["a password with an at sign", url(`https://user:p@${secret}@ho st/x`)],
    ["a URL without a scheme", url(`user:${secret}@host/x`)],
    ["a URL with one slash", url(`https:/user:${secret}@ho st/x`)],
    ["a URL with backslashes", url(`'https:\\\\user:${secret}@ho st/x'`)],
    ["a key in the query of no URL", url(`"https://ho st/x?k=${secret}"`)],
    ["a key in the fragment", url(`"https://host/x#${secret}"`)],
    ["a URL over two lines", url(`>\n      https://user:${secret}@ho st/`)],
    ["a name in dollars", url(`https://h/\${${secret.replaceAll("-", "_")}}`)],
    ["an unended substitution", http(`headers: { Authorization: "Bearer \${${secret}" }`)],
    ["a block's header", http("headers:", `  Authorization: |x${secret}`)],
    ["a tag", http(`headers: { Authorization: !${secret} x }`)],
    ["an alias", http(`headers: { Authorization: *${secret} }`)],
    ["an anchor", http(`headers: { Authorization: [&${secret} x] }`)],
    ["an escape", http(`headers: { Authorization: "\\q${secret}" }`)],
    ["a directive", `%${secret}\n---\ntenant: x`],
    ["an unended quote", http(`headers: { Authorization: "Bearer ${secret} }`)],
    ["a tab", http("headers:", `\tAuthorization: Bearer ${secret}`)],
    ["a second colon", http("headers:", `  Authorization: Bearer: ${secret}: x`)],
    ["a line of its own", http("endpoint: https://a/", secret)],
    ["another document", `tenant: a\n---\n${secret}: ${secret}`],
    ["nothing but a text", secret],
    ["a list", `- ${secret}`],
    ["a comment", http(`batch_size: x # ${secret}`)],
    ["a key twice", `tenant: a\n${secret}: a\n${secret}: ${secret}`],
    ["a merge key", http(`<<: { headers: { a: ${secret} } }`)],
    ["an unknown place", `sinks: [{ ${secret}: ${secret} }]`],
    ["a control character", `tenant: [\u001f${secret}`],
  ];
}

/** Wrong variables with the secret in them. */
export function listWrongVariables(secret: string): readonly Readonly<Record<string, string>>[] {
  return [
    { CORESDK_HTTP_ENDPOINT: `https://u:${secret}/@h` },
    { CORESDK_HTTP_ENDPOINT: "https://a/", CORESDK_HTTP_HEADERS: `Bearer ${secret}` },
    { CORESDK_HTTP_ENDPOINT: "https://a/", CORESDK_HTTP_HEADERS: `${secret}=%0a` },
    { CORESDK_HTTP_ENDPOINT: "https://a/", CORESDK_HTTP_HEADERS: `ce-${secret}=a` },
    { CORESDK_RECEIVERS_OTLP_HTTP_AUTH_BEARER: `a ${secret}` },
    { CORESDK_RECEIVERS_OTLP_HTTP_TLS_KEY: secret, CORESDK_RECEIVERS_OTLP_HTTP_TLS_CERT: secret },
    { CORESDK_KAFKA_BROKERS: `u:${secret}@h:1` },
    { K_SINK: `u:${secret}@h` },
    { K_SINK: "https://a/", K_CE_OVERRIDES: `{"extensions":{"A":"${secret}"}}` },
    { CORESDK_CONFIG: `/none/${secret}` },
    { CORESDK_CONFIG: secret.repeat(400) },
  ];
}
