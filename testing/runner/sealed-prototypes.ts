/**
 * Loaded before every test file: what everything inherits from can get no further property in a test, and a test
 * that changes one of those that are there fails at its end. Not frozen, since a frozen prototype also forbids own
 * properties of the same name by assignment, which libraries make; the decoders' tests freeze as well.
 */
const shared = [
  Object,
  Array,
  Function,
  String,
  Number,
  Boolean,
  Map,
  Set,
  Promise,
  RegExp,
  Date,
  Uint8Array,
];

const before = shared.map(({ prototype }) => {
  Object.seal(prototype);
  return Object.getOwnPropertyDescriptors(prototype);
});

process.on("exit", () => {
  for (const [i, { name, prototype }] of shared.entries()) {
    for (const [key, was] of Object.entries(before[i] ?? {})) {
      const is = Object.getOwnPropertyDescriptor(prototype, key);
      // A getter's value is its own business.
      if (Object.is(is?.value, was.value) && is?.get === was.get && is?.set === was.set) continue;
      console.error(`${name}.prototype.${key} was changed`);
      process.exitCode = 1;
    }
  }
});
