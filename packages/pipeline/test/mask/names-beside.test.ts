import { type Cases, kept, testCases } from "./cases.ts";

const R = "[REDACTED]";

/** Texts in which `§` stands for the value beside a name, each with a value that goes. */
function gone(value: string, ...texts: readonly string[]): Cases[string] {
  return texts.map((text) => [text.replaceAll("§", value), text.replaceAll("§", R)]);
}

const CASES: Cases = {
  "a value goes beside its name in the same line": [
    ...gone("hunter2", "[{Key:API_TOKEN Value:§} {Key:A Value:b}]", 'env: <name: "DB_PASSWORD" value: "§" >'),
    ...gone("hunter2", 'key:"password" value:"§"', 'headers { key: "x-api-key" value: "§" }'),
    ...gone("hunter2", 'msg="key:\\"password\\" value:\\"§\\"" x=1'),
    ["{Key:(string)API_TOKEN Value:(string)hunter2}", `{Key:(string)API_TOKEN Value:${R}}`],
    ...kept("{Key:A Value:b}", 'key: "colour" value: "blue1"'),
  ],
  "a value goes in the line behind that of its name": [
    [
      ' Name: (string) (len=11) "DB_PASSWORD",\n Value: (string) (len=7) "hunter2",\n From: (*string)(<nil>)',
      ` Name: (string) (len=11) "DB_PASSWORD",\n Value: ${R},\n From: (*string)(<nil>)`,
    ],
    ...gone("hunter2", '  + {\n      + "name"  = "DB_PASSWORD"\n      + "value" = "§"\n    },'),
    ...gone(
      "hunter2",
      '{\n  "name" = "DB_PASSWORD"\n  "value" = "§"\n}',
      '      ~ "key"   = "TOKEN"\n      ~ "value" = "§" -> "§"',
    ),
    ...kept('{\n  "name" = "COLOUR"\n  "value" = "blue1"\n}'),
  ],
  "a header goes in a line of its own": [
    ...gone("abc123XYZ", "':path', '/'\n'x-api-key', '§'\n'x-vault-token', '§'\n'x', 'y1'", "'token', '§'"),
    ...kept("'token', 'x1', 'y'", "x\n'token', 'name'\n'password', 'text'"),
  ],
  "the item behind an option in a list goes": [
    ...gone(
      "hunter2",
      "args:\n- --port\n- '80'\n- --password\n- §\n- --x",
      "  - --token\n  - '§'\n",
      '  - "--token"\n  - "§"',
    ),
    ...gone("my hunter2 word", "  - --password\n  - §\n  - --x"),
    ...gone("abc123XYZabc", "    Args:\n      --token\n      §\n    State: Running"),
    ...gone("hunter2", 'argc=5 a0="mysql" a3="--password" a4="§"', 'a1="--token" a2="§" a3="x"'),
    ...gone(
      "hunter2x9",
      "[mysql, --password, §, -h, host]",
      "args: [--password, §]",
      "[keytool, -genkey, -storepass, §]",
    ),
    ...kept("[java, -cp, a.jar, --token, null, -x]", "[--verbose, --token, --help]", "(--token, x1, y)"),
    ...kept(
      "  - --token\n  - --host",
      "  --password\n      The password to use\n  --token\n  the token to use",
      "use --token\nhunter2",
      '  - --token\n  - "true"',
    ),
  ],
  "an element goes by the name of the one around it": [
    ...gone(
      "hunter2",
      '<property name="password"><value>§</value></property>',
      '<bean><property name="password">\n  <value>§</value>\n</property></bean>',
    ),
    ...gone("hunter2", '<setting name="Password" serializeAs="String"><value>§</value></setting>'),
    ...kept(
      '<property name="colour"><value>hunter2</value></property>',
      '<property name="password"/><value>hunter2</value>',
    ),
  ],
  "the content of meta goes": [
    ...gone("abc123XYZabc", '<meta name="csrf-token" content="§">', "<meta name='csrf-token' content='§' />"),
    ...kept('<meta name="description" content="abc123XYZabc">'),
  ],
  "a cell goes by the one in front of it": [
    ...gone(
      "hunter2",
      '<tr><td class="e">DB_PASSWORD </td><td class="v">§ </td></tr>',
      "<dt>Password</dt>\n<dd>§</dd>",
    ),
    ...gone("&#x27;abc123XYZ&#x27;", '<td>SECRET_KEY</td>\n<td class="code"><pre>§</pre></td>'),
    ...kept(
      "<td>Password</td><td>Your password here</td>",
      "<td>token</td><td>string</td>",
      "<th>Token</th><th>Name1</th>",
    ),
  ],
  "a label in a tag of its own ends with it": [
    ...gone(
      "hunter2",
      "<li><b>Password:</b> §</li>",
      '<span class="l">Password:</span> <span>§</span>',
      "<th>Token:</th><td>§</td>",
    ),
    ...gone("hunter2", "<p>Your password: <b>§</b></p>"),
    ...kept(
      "<b>Password:</b> required",
      '<label>Password:</label> <input type="password"> Forgot it?',
      "password: <b>",
    ),
  ],
  "pairs go without quotes around the name": [
    ...gone(
      "hunter2",
      "(spark.ssl.keyPassword,§)\n(spark.a,b)",
      "List((user,bob), (password,§))",
      "Some((token,§))",
    ),
    ...gone("wJalrXU", "(spark.hadoop.fs.s3a.secret.key,§)"),
    ...gone(
      "hunter2",
      '{:password, "§"}',
      '[{:user, "bob"}, {:password, "§"}]',
      '[[:user, "bob"], [:password, "§"]]',
    ),
    ...gone('hun\\"ter2', '{:password, "§"}'),
    ...kept(
      "(token,5)",
      "login(user,password1)",
      "f(token,x1)",
      "insert into t (password,mail2) select 1",
      '[[:password, "is too short (minimum is 8 characters)"]]',
      '[:password, "can\'t be blank"]',
      '{:token, "expired"}',
    ),
  ],
  "pairs of Kotlin and .NET": [
    ...gone(
      "Zx9vQ2mL7pTr",
      "Form [username, bob], [password, §]",
      "Headers: [Accept, */*], [X-Api-Key, §], [Host, x]",
      "[.AspNetCore.Session, §]",
      "headers [(Accept, */*), (X-Api-Key, §)]",
      "(password, §)",
    ),
    ...gone("hunter2", "[username, bob], [password, §]", "[(user, bob), (password, §)]"),
    ...gone("Zx9vQ2mL7pTr", "[Smtp:Host, mail], [Smtp:Password, §], [Jwt:Secret, §]", "[Smtp:Password, §]"),
    ...gone(
      "Zx9,v[Q2]mL7",
      "[Smtp:Host, mail]\n[Smtp:Password, §]\n[Smtp:Port, 587]",
      "[username, bob], [password, §], [remember, true]",
    ),
    ...gone('Digest username="bob", nonce="a1"', "[Host, x], [Authorization, §], [A, b]"),
    ...gone(".AspNetCore.Session=CfDJ8; a=b1", "Headers: [Cookie, §], [Host, x]"),
    ...kept(
      "scopes: [auth, oauth2] ok",
      "algorithms: (token, sha256)",
      "[auth, tenant-42] started",
      "[token, see page 5]",
      "x [ok]\n[auth, step 2 of 3] starting",
      "run (pid 12)\n[auth, worker-2] up",
      "f(x)\n(token, arg1)",
      "[password, token, x1y2z3a4]",
      "[auth, [x1y2z3a4, b2]]",
      "m[token, x1y2z3a4]",
      "users (token, x1y2z3a4)",
      "isinstance(key, (Ed25519PrivateKey, Ed448PrivateKey)):",
      "[secret, 12]",
    ),
  ],
  "entries of a map go as Node prints them": [
    ...gone(
      "hunter2",
      "[Map Entries] { [ 'password', '§' ] }",
      "[Map Entries] {\n  [ 'user', 'bob' ],\n  [ 'password', '§' ]\n}",
    ),
  ],
  "what PowerShell makes a secret of goes": [
    ...gone(
      "hunter2",
      '-Password (ConvertTo-SecureString "§" -AsPlainText -Force)',
      "$x = ConvertTo-SecureString -AsPlainText -Force -String '§'",
    ),
    ['$password = ConvertTo-SecureString "hunter2" -AsPlainText', `$password = ${R} "${R}" -AsPlainText`],
    ...kept("ConvertTo-SecureString $plain -AsPlainText"),
  ],
};

testCases(CASES);
