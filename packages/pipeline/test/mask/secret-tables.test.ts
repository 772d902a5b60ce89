/**
 * What is secret, written out a second time: an entry that gets lost in the tables of the masker, or is made smaller
 * there, fails here.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ibanCheck, luhnDigit } from "../../../../testing/bench/masking/draw.ts";
import { createMasker } from "../../src/mask/index.ts";
import { IBAN_COUNTRIES } from "../../src/mask/rules/iban.ts";

const R = "[REDACTED]";
const masker = createMasker();

/** Names whose value goes whole, by what it is; their words apart. */
const NAMES = {
  passwords:
    "password passwords passwd pwd passphrase passcode db_pass user_pass ssh_pass root_pass mysql_pass " +
    "smtp_pass passwort kennwort wachtwoord mot_de_passe contrasena senha password_confirmation " +
    "password_confirm password_repeat password_again password_retype password_verify password_hash " +
    "password_hashes password_salt password_digest password_plain password_plaintext password_encrypted " +
    "password_value passwd_hash pwd_hash store_pass key_pass auth_pass login_pass admin_pass ftp_pass " +
    "mail_pass email_pass redis_pass require_pass bind_pw root_pw user_pw db_pw admin_pw auth_pw " +
    "become_pass sudo_pass seed_phrase recovery_phrase mnemonic_phrase",
  tokens:
    "token access_token refresh_token id_token auth_token bearer_token session_token jwt otp totp cookie " +
    "cookies set_cookie session jsessionid phpsessid sessid connect_sid net_sessionid csrf xsrf " +
    "csrf_token xsrf_token access_tokens refresh_tokens id_tokens auth_tokens bearer_tokens " +
    "session_tokens api_tokens saml_response saml_request client_assertion code_verifier token_value " +
    "auth_code authorization_code verification_code one_time_code mfa_code otp_code totp_code " +
    "access_code recovery_code recovery_codes backup_code backup_codes",
  api_keys:
    "secret secrets api_key authorization auth private_key credential credentials access_key " +
    "client_secret secret_key secret_access_key signing_key encryption_key master_key ssh_key shared_key " +
    "session_key shared_access_key account_key shared_access_signature bearer cvv cvc hmac_key api_keys " +
    "access_keys private_keys secret_keys signing_keys encryption_keys secret_key_base secret_value " +
    "amz_signature goog_signature subscription_key functions_key auth_key app_key application_key " +
    "license_key auth_header secret_string client_key_data security_code secret_binary psk " +
    "pre_shared_key unseal_key recovery_key",
  ssn: "ssn social_security social_security_number",
};

/** In text alone, in front of a `=`. */
const ASSIGNED = { passwords: "pass pw", tokens: "sid", api_keys: "sig signature" };

/** As it is written in one word, with marks, in camel case, in capitals and behind other words. */
function writingsOf(name: string): readonly string[] {
  const words = name.split("_");
  const camel = words
    .map((word, i) => (i === 0 ? word : word.slice(0, 1).toUpperCase() + word.slice(1)))
    .join("");
  return [
    words.join(""),
    name,
    words.join("-"),
    camel,
    name.toUpperCase(),
    `acme.${name}`,
    `x-${words.join("-")}`,
  ];
}

for (const [kind, names] of Object.entries(NAMES)) {
  describe(`a value goes under a name of ${kind}`, () => {
    for (const name of names.split(" ")) {
      test(name, () => {
        for (const key of writingsOf(name)) {
          assert.deepEqual(masker.maskValue({ [key]: "x" }), { [key]: R });
          assert.equal(masker.maskText(`${key}=q8Zk2x`), `${key}=${R}`);
          assert.deepEqual(masker.find(`${key}=q8Zk2x`), [{ path: "", kind }]);
          assert.equal(masker.maskText(`{"${key}":"q8Zk2x"}`), `{"${key}":"${R}"}`);
        }
      });
    }
  });
}

for (const [kind, names] of Object.entries(ASSIGNED)) {
  for (const name of names.split(" ")) {
    test(`a value goes behind ${name} in a query, as of ${kind}`, () => {
      // Beside a key's id a signature opens what it signs.
      const query = `/x?Key-Pair-Id=K1&${name}=q8Zk2x&b=2`;
      assert.equal(masker.maskText(query), `/x?Key-Pair-Id=K1&${name}=${R}&b=2`);
      assert.deepEqual(masker.find(query), [{ path: "", kind }]);
    });
  }
}

/** The registry's example of each country, with the length of the whole number in place of the check digits. */
const ACCOUNTS = [
  "AD24 00012030200359100100",
  "AE23 0331234567890123456",
  "AL28 212110090000000235698741",
  "AO25 004400006729503010102",
  "AT20 1904300234573201",
  "AZ28 NABZ00000000137010001944",
  "BA20 1290079401028494",
  "BE16 539007547034",
  "BF28 BF0840101300463574000390",
  "BG22 BNBG96611020345678",
  "BH22 BMAG00001299123456",
  "BI27 10000100010000332045181",
  "BJ28 BJ0610100100144390000769",
  "BR29 00360305000010009795493P1",
  "BY28 NBRB3600900000002Z00AB00",
  "CF27 20001000010120069700160",
  "CG27 30011000101013451300019",
  "CH21 00762011623852957",
  "CI28 CI0080111301134291200589",
  "CM27 12341234123412341234123",
  "CR22 015202001026284066",
  "CV25 000500000020108215144",
  "CY28 002001280000001200527600",
  "CZ24 08000000192000145399",
  "DE22 370400440532013000",
  "DJ27 00010000000154000100186",
  "DK18 00400440116243",
  "DO28 BAGR00000001212453611324",
  "DZ26 0002100001113000000570",
  "EE20 2200221020145685",
  "EG29 0019000500000000263180002",
  "ES24 21000418450200051332",
  "FI18 12345600000785",
  "FK18 SC123456789012",
  "FO18 00400440116243",
  "FR27 20041010050500013M02606",
  "GA27 42001007341520000106963",
  "GB22 NWBK60161331926819",
  "GE22 NB0000000101904917",
  "GI23 NWBK000000007099453",
  "GL18 00400440116243",
  "GQ27 50002001003715228190196",
  "GR27 01101250000000012300695",
  "GT28 TRAJ01020000001210029690",
  "GW25 GW1430010181800637601",
  "HN28 CABF00000000000250005469",
  "HR21 10010051863000160",
  "HU28 117730161111101800000000",
  "IE22 AIBK93115212345678",
  "IL23 0108000000099999999",
  "IQ23 NBIQ850123456789012",
  "IR26 1234123412341234123412",
  "IS26 0159260076545510730339",
  "IT27 X0542811101000000123456",
  "JO30 CBJO0010000000000131000302",
  "KM27 00005000010010904400137",
  "KW30 CBKU0000000000001234560101",
  "KZ20 125KZT5004100100",
  "LB28 099900000001001901229114",
  "LC32 HEMM000100010012001200023015",
  "LI21 088100002324013AA",
  "LT20 1000011101001000",
  "LU20 0019400644750000",
  "LV21 BANK0000435195001",
  "LY25 002048000020100120361",
  "MA28 011519000001205000534921",
  "MC27 11222000010123456789030",
  "MD24 AG000225100013104168",
  "ME22 505000012345678951",
  "MG27 12341234123412341234123",
  "MK19 250120000058984",
  "ML28 ML0160120102600100668497",
  "MN20 1234123456789123",
  "MR27 00020001010000123456753",
  "MT31 MALT011000012345MTLCAST001S",
  "MU30 BOMM0101101030300200000MUR",
  "MZ25 000301080016367102371",
  "NE28 NE0380100100130305000268",
  "NI28 BAPR00000013000003558124",
  "NL18 ABNA0417164300",
  "NO15 86011117947",
  "OM23 0180000001299123456",
  "PK24 SCBL0000001123456702",
  "PL28 109010140000071219812874",
  "PS29 PALS000000000400123456702",
  "PT25 000201231234567890154",
  "QA29 DOHB00001234567890ABCDEFG",
  "RO24 AAAA1B31007593840000",
  "RS22 260005601001611379",
  "RU33 04452522540817810538091310419",
  "SA24 80000000608010167519",
  "SC31 SSCB11010000000000001497USD",
  "SD18 11123456789012",
  "SE24 50000000058398257466",
  "SI19 263300012039086",
  "SK24 12000000198742637541",
  "SM27 U0322509800000000270100",
  "SN28 SN0100152000048500003035",
  "SO23 1000001001000100141",
  "ST25 000100010051845310112",
  "SV28 CENR00000000000000700025",
  "TD27 60003000203710253860174",
  "TG28 TG0090604310346500400070",
  "TL23 0080012345678910157",
  "TN24 10006035183598478831",
  "TR26 0006100519786457841326",
  "UA29 3996220000026007233566001",
  "VA22 001123000012345678",
  "VG24 VPVG0000012345678901",
  "XK20 1212012345678906",
  "YE30 CBYE0001018861234567891234",
];

describe("an account number goes", () => {
  for (const entry of ACCOUNTS) {
    const country = entry.slice(0, 2);
    test(country, () => {
      const account = entry.slice(5);
      const number = country + ibanCheck(country, account) + account;
      assert.equal(number.length, Number(entry.slice(2, 4)));
      for (const written of [number, number.toLowerCase(), (number.match(/.{1,4}/g) ?? []).join(" ")]) {
        assert.equal(masker.maskText(`to ${written}, now`), `to ${R}, now`);
        assert.deepEqual(masker.find(written), [{ path: "", kind: "iban" }]);
      }
    });
  }

  test("of no other country", () => {
    const countries = ACCOUNTS.map((entry) => entry.slice(0, 2));
    assert.deepEqual([...IBAN_COUNTRIES].sort(), countries.sort());
  });

  test("not with check digits that no bank gives, though the remainder is right", () => {
    const seen = new Set<string>();
    for (let i = 0; i < 1000; i++) {
      const account = String(370_400_440_532_013_000n + BigInt(i));
      const check = ibanCheck("DE", account);
      const other = Number(check) < 3 ? Number(check) + 97 : Number(check) - 97;
      if (other < 0 || other > 99) continue;
      seen.add(check);
      assert.equal(masker.maskText(`DE${check}${account}`), R);
      const refused = `DE${String(other).padStart(2, "0")}${account}`;
      assert.equal(masker.maskText(refused), refused);
    }
    assert.deepEqual([...seen].sort(), ["02", "97", "98"]);
  });
});

type Scheme = readonly [name: string, prefixes: string, shortest: number, longest?: number];

/** By first digits, each prefix or range with the lengths of its numbers. */
const SCHEMES: readonly Scheme[] = [
  ["Visa", "4", 13],
  ["Visa", "4", 16],
  ["Visa", "4", 19],
  ["Mastercard", "51-55 2221-2720", 16],
  ["American Express", "34 37", 15],
  ["Discover", "6011 644-649 65", 16, 19],
  ["UnionPay, RuPay", "62 81-82", 16, 19],
  ["Diners Club", "300-305 3095 36 38-39", 14],
  ["Diners Club", "300-305 3095 36 38-39", 16],
  ["JCB", "3528-3589", 16, 19],
  ["Mir, Borica", "2200-2205", 16, 19],
  ["Maestro", "5018 5020 5038 5893 6304 6703 6759 6761-6763 6767", 12, 19],
  ["Laser", "6706 6709 6771", 16, 19],
  ["Dankort", "5019", 16],
  ["Verve", "5060-5061 5078-5079", 16],
  ["Verve", "5060-5061 5078-5079", 18, 19],
  ["Elo", "5066-5067", 16],
  ["RuPay, Elo, Hipercard", "508-509 60", 16],
  ["InterPayment", "636", 16, 19],
  ["InstaPayment", "637-639", 16],
  ["UzCard", "8600", 16],
  ["NAPAS", "9704", 16],
  ["NAPAS", "9704", 19],
  ["Troy", "9792", 16],
  ["Humo", "9860", 16],
];

/** True when a scheme has numbers of this length that begin with these four digits. */
function isOfScheme(firstFour: string, length: number): boolean {
  return SCHEMES.some(([, prefixes, shortest, longest = shortest]) => {
    if (length < shortest || length > longest) return false;
    return prefixes.split(" ").some((range) => {
      const [from = "", to = from] = range.split("-");
      const first = firstFour.slice(0, from.length);
      return first >= from && first <= to;
    });
  });
}

describe("a card's number goes, and no other that passes the check", () => {
  for (let length = 12; length <= 19; length++) {
    test(`of ${length} digits`, () => {
      for (let first = 0; first < 10_000; first++) {
        const firstFour = String(first).padStart(4, "0");
        const body = firstFour.padEnd(length - 1, "0");
        const number = body + luhnDigit(body);
        assert.equal(masker.maskText(number), isOfScheme(firstFour, length) ? R : number, number);
      }
    });
  }
});

describe("a social security number goes, and none that is never issued", () => {
  for (const number of ["001-01-0001", "665-12-3456", "667-12-3456", "899-99-9999", "772-01-9999"]) {
    test(number, () => assert.equal(masker.maskText(`of ${number}.`), `of ${R}.`));
  }
  for (const number of [
    "000-12-3456",
    "666-12-3456",
    "900-12-3456",
    "999-12-3456",
    "123-00-4567",
    "123-45-0000",
  ]) {
    test(number, () => assert.equal(masker.maskText(`of ${number}.`), `of ${number}.`));
  }
});
