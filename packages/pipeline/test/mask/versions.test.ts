import { type Cases, gone, kept, testCases } from "./cases.ts";

/** Lines that show changes. */
const shown = (...lines: readonly string[]): string => lines.join("\n");

const CASES: Cases = {
  "what a diff shows goes in the old lines and in the new ones": gone(
    "hunter2x",
    shown(
      "@@ -4,9 +4,9 @@",
      "     - --password",
      "-    - §",
      "+    - §",
      "     - name: DB_PASSWORD",
      "-      value: §",
      "+      value: §",
      "     - name: ZONE",
      "-      value: eu",
    ),
    shown('   "name": "DB_PASSWORD",', '-  "value": "§"', '+  "value": "§"'),
    shown(
      "+    env:",
      "+    - name: DB_PASSWORD",
      "+      value: §",
      "+    - name: ZONE",
      "+      value: eu",
    ),
    shown("-    - --password", "-    - §", "+    - --zone", "+    - eu"),
    shown("   <name>password</name>", "-  <value>§</value>", "+  <value>§</value>"),
    shown("   password: |", "-    §", "+    §", "   zone: eu"),
    'msg="@@ -1 +1 @@\\n - name: DB_PASSWORD\\n-  value: §\\n+  value: §\\n"',
  ),
  "so it does in a plan of Terraform's": gone(
    "hunter2x",
    shown("  + args = [", '      + "--password",', '      + "§",', "    ]"),
    shown("  ~ args = [", '        "--password",', '      - "§",', '      + "§",', '        "-h",', "    ]"),
    shown("  ~ args = [", '        "--password",', '      ~ "§" -> "§",', "    ]"),
    shown("  - args = [", '      - "--password",', '      - "§",', "    ] -> null"),
    shown(
      "  + args = [",
      '      + "--password",',
      "      + <<-EOT",
      "            §",
      "        EOT,",
      "    ]",
    ),
  ),
  "a line that begins with a mark of diff does not keep a plan's marks from being read": gone(
    "hunter2x",
    ...["+/- create replacement and then destroy", "+ terraform plan -no-color"].map((first) =>
      shown(
        first,
        "  ~ update in-place",
        "",
        '  ~ resource "x" "y" {',
        "      ~ args = [",
        '            "--password",',
        '          ~ "§" -> "§",',
        "        ]",
        "    }",
      ),
    ),
  ),
  "so do the changed lines of a text in a plan, whose own hyphens are no marks": gone(
    "hunter2x",
    shown(
      '  ~ resource "terraform_data" "cfg" {',
      "      ~ input  = <<-EOT",
      "            args:",
      "            - --password",
      "          - - §",
      "          + - §",
      "            env:",
      "            - name: DB_PASSWORD",
      "          -   value: §",
      "          +   value: §",
      "        EOT",
      "      ~ output = <<-EOT",
      "            - --password",
      "            - §",
      "        EOT -> (known after apply)",
      "      ~ args = [",
      '            "--password",',
      '          ~ "§" -> "§",',
      "        ]",
      "    }",
    ),
    shown(
      "      ~ data = <<-EOT # forces replacement",
      "              <name>db.password</name>",
      "          -     <value>§</value>",
      "          +     <value>§</value>",
      "        EOT",
    ),
  ),
  "what has other lines in front of it when the marks are read stays": kept(
    shown("- name: token", "- value: eu", "- --password", "", "- eu"),
    shown("+ echo --password", "usage: x", "+ exit 1"),
    shown("-  - --zone", "-  - eu", "+  - --verbose", "+  - us"),
  ),
};

testCases(CASES);
