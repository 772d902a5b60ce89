/**
 * The cases of OPA 1.2.0 in which the engine differs, by the folder of the case, and why. `opa.test.ts` holds the list
 * to what happens, both ways.
 */
export interface Difference {
  readonly folder: string;
  /** What is said of each of the cases. */
  readonly says: RegExp;
  /** How many there are. */
  readonly cases: number;
  readonly because: string;
}

const cryptography = "needs cryptography; the engine has none";
const jwt = "io.jwt.* needs cryptography; the engine has none";
const noCrypto = /there is no function crypto\./;
const noJwt = /there is no function io\.jwt\./;
const assigns =
  "the function is ours, not regorus's, and cannot assign its result to a last argument: refused when loaded";
const addsArgument = /net\.cidr_\w+ has \d arguments here/;
const noMetadata = "regorus does not keep annotations";
const noReplacement = "regorus does not let a builtin function replace another: refused when loaded";

export const differences: readonly Difference[] = [
  {
    folder: "baseandvirtualdocs",
    says: /data\.topdown\.conflicts\.k is the path of a rule/,
    cases: 1,
    because: "a document at a rule's path is refused when loaded, as OPA's server and bundles do",
  },
  { folder: "cryptohmacequal", says: noCrypto, cases: 5, because: cryptography },
  { folder: "cryptohmacmd5", says: noCrypto, cases: 2, because: cryptography },
  { folder: "cryptohmacsha1", says: noCrypto, cases: 2, because: cryptography },
  { folder: "cryptohmacsha256", says: noCrypto, cases: 2, because: cryptography },
  { folder: "cryptohmacsha512", says: noCrypto, cases: 2, because: cryptography },
  { folder: "cryptomd5", says: noCrypto, cases: 1, because: cryptography },
  { folder: "cryptoparsersaprivatekeys", says: noCrypto, cases: 3, because: cryptography },
  { folder: "cryptosha1", says: noCrypto, cases: 1, because: cryptography },
  { folder: "cryptosha256", says: noCrypto, cases: 1, because: cryptography },
  { folder: "cryptox509parseandverifycertificates", says: noCrypto, cases: 2, because: cryptography },
  { folder: "cryptox509parsecertificaterequest", says: noCrypto, cases: 3, because: cryptography },
  { folder: "cryptox509parsecertificates", says: noCrypto, cases: 8, because: cryptography },
  { folder: "cryptox509parsekeypair", says: noCrypto, cases: 2, because: cryptography },
  { folder: "cryptox509parsersaprivatekey", says: noCrypto, cases: 1, because: cryptography },
  {
    folder: "globsmatch",
    says: /there is no function regex\.globs_match/,
    cases: 5,
    because: "regorus has no regex.globs_match",
  },
  {
    folder: "graphql",
    says: /there is no function graphql\.|nested more than 12 deep/,
    cases: 115,
    because: "regorus has no graphql.*; two cases are also nested deeper than allowed",
  },
  {
    folder: "inputvalues",
    says: /^gives .*, not \{"x":true\}$/,
    cases: 1,
    because: "its input is a set, and an input is JSON here",
  },
  {
    folder: "jsonbuiltins",
    says: /there is no function yaml\.|`x` is unsafe/,
    cases: 3,
    because: "yaml.* is left out: regorus needs Rust's std for it, which leaves no way to count steps",
  },
  {
    folder: "jsonbuiltins",
    says: /json\.marshal_with_options with such a prefix or indent is not supported/,
    cases: 2,
    because:
      "what is spelled out within strings alone cannot be told from a prefix that has it: an error, not a text",
  },
  {
    folder: "jsonschema",
    says: /there is no function json\.(match|verify)_schema/,
    cases: 8,
    because: "json.match_schema and json.verify_schema are left out: regorus needs Rust's std for them",
  },
  { folder: "jwtbuiltins", says: noJwt, cases: 6, because: jwt },
  { folder: "jwtdecodeverify", says: noJwt, cases: 44, because: jwt },
  { folder: "jwtencodesign", says: noJwt, cases: 5, because: jwt },
  { folder: "jwtencodesignraw", says: noJwt, cases: 5, because: jwt },
  { folder: "jwtverifyhs256", says: noJwt, cases: 2, because: jwt },
  { folder: "jwtverifyhs384", says: noJwt, cases: 2, because: jwt },
  { folder: "jwtverifyhs512", says: noJwt, cases: 2, because: jwt },
  { folder: "jwtverifyrsa", says: noJwt, cases: 34, because: jwt },
  { folder: "netcidrcontains", says: addsArgument, cases: 10, because: assigns },
  {
    folder: "netcidrcontainsmatches",
    says: /there is no function net\.cidr_contains_matches/,
    cases: 6,
    because: "there is no net.cidr_contains_matches",
  },
  { folder: "netcidrexpand", says: addsArgument, cases: 3, because: assigns },
  { folder: "netcidrintersects", says: addsArgument, cases: 4, because: assigns },
  { folder: "netcidrisvalid", says: addsArgument, cases: 5, because: assigns },
  {
    folder: "netcidrmerge",
    says: /there is no function net\.cidr_merge/,
    cases: 19,
    because: "there is no net.cidr_merge",
  },
  {
    folder: "netlookupipaddr",
    says: /there is no function net\.lookup_ip_addr/,
    cases: 3,
    because: "needs the network; the engine has none",
  },
  {
    folder: "providers-aws",
    says: /there is no function providers\.aws\./,
    cases: 12,
    because: cryptography,
  },
  {
    folder: "rand",
    says: /there is no function rand\.intn/,
    cases: 1,
    because: "needs randomness; the engine has none",
  },
  {
    folder: "reachable",
    says: /^gives .*"one","five","six","seven","eight","three"/,
    cases: 1,
    because: "graph.reachable_paths follows a cycle of three in another way than OPA",
  },
  {
    folder: "refheads",
    says: /shares the beginning of its name with the package in module-1\.rego/,
    cases: 1,
    because: "regorus leaves out what a package holds within an object of rules: refused when loaded",
  },
  {
    folder: "refheads",
    says: /^gives , not \{"x":"c"\}$/,
    cases: 1,
    because: "regorus does not look into a set by a path of two names in a query",
  },
  {
    folder: "regometadatachain",
    says: /there is no function rego\.metadata\.|is unsafe/,
    cases: 3,
    because: noMetadata,
  },
  {
    folder: "regometadatarule",
    says: /there is no function rego\.metadata\.|is unsafe/,
    cases: 2,
    because: noMetadata,
  },
  {
    folder: "regexreplace",
    says: /the regular expression is not valid/,
    cases: 1,
    because: "a regular expression that is spelled out and not valid is refused when loaded",
  },
  {
    folder: "regoparsemodule",
    says: /there is no function rego\.parse_module/,
    cases: 1,
    because: "there is no rego.parse_module",
  },
  {
    folder: "rendertemplate",
    says: /there is no function strings\.render_template/,
    cases: 3,
    because: "regorus has no strings.render_template",
  },
  {
    folder: "strings",
    says: /^gives \{"x":"hi 20{300}/,
    cases: 1,
    because: "sprintf writes a number of 309 digits in full",
  },
  {
    folder: "time",
    says: /time\.now_ns has 0 arguments here/,
    cases: 1,
    because: assigns,
  },
  { folder: "uuid", says: /there is no function uuid\./, cases: 8, because: "uuid.rfc4122 needs randomness" },
  { folder: "withkeyword", says: /is unsafe/, cases: 5, because: noReplacement },
  {
    folder: "withkeyword",
    says: /there is no (function )?(http\.send|io\.jwt\.)|time\.now_ns has 0 arguments here/,
    cases: 3,
    because: "replaces a function that the engine does not have, or assigns the time by a last argument",
  },
];
