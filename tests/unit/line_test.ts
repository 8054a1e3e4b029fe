import { type Entry, formatJson, formatText, isShown, type Level } from "../../lib/log/line.ts";
import { assert, assertEquals } from "../support/assert.ts";

const LEVELS: Level[] = ["debug", "info", "warn", "error"];
const WINTER = new Date("2017-03-10T14:23:46.789Z");

/** Does something in a time zone; the runtime asks for it anew whenever it is set. */
function inZone<T>(zone: string, act: () => T): T {
  const before = Deno.env.get("TZ");
  Deno.env.set("TZ", zone);
  try {
    return act();
  } finally {
    if (before === undefined) Deno.env.delete("TZ");
    else Deno.env.set("TZ", before);
  }
}

function text(entry: Partial<Entry>, { time = WINTER, pid = 1, zone = "UTC" } = {}): string {
  return inZone(zone, () => formatText({ level: "info", msg: "hello", ...entry }, { time, pid }));
}

Deno.test("formatText() writes as the Go program did", () => {
  assertEquals(
    text({ msg: "starting main program now" }),
    "2017/03/10 14:23:46 supervisor[1]: starting main program now\n",
  );
  assertEquals(
    text({}, { time: new Date("2026-01-02T03:04:05Z"), pid: 4711 }),
    "2026/01/02 03:04:05 supervisor[4711]: hello\n",
  );
});

Deno.test("formatText() writes local time", () => {
  assertEquals(text({}, { zone: "Asia/Kolkata" }), "2017/03/10 19:53:46 supervisor[1]: hello\n");
  assertEquals(text({}, { zone: "America/New_York" }), "2017/03/10 09:23:46 supervisor[1]: hello\n");
  const newYear = new Date("2016-12-31T23:30:00Z");
  assertEquals(text({}, { zone: "Europe/Zurich", time: newYear }), "2017/01/01 00:30:00 supervisor[1]: hello\n");
});

Deno.test("formatText() marks warnings and errors", () => {
  assertEquals(
    LEVELS.map((level) => text({ level }).slice("2017/03/10 14:23:46 ".length)),
    [
      "supervisor[1]: hello\n",
      "supervisor[1]: hello\n",
      "supervisor[1]: warning: hello\n",
      "supervisor[1]: error: hello\n",
    ],
  );
});

Deno.test("formatText() makes a line of its own of each further line of a message", () => {
  const begin = "2017/03/10 14:23:46 supervisor[1]: error: ";
  assertEquals(text({ level: "error", msg: "a", more: ["b", ""] }), `${begin}a\n${begin}b\n${begin}\n`);
});

Deno.test("formatText() lets nobody's value forge a line, or reach a terminal", () => {
  const forged = "value\n2017/03/10 14:23:47 supervisor[1]: starting main program now\r\u001b[2J\u009b1m\u202e\u2028";
  assertEquals(
    text({ msg: forged, more: ["\ta tab is harmless\u0000"] }),
    "2017/03/10 14:23:46 supervisor[1]: value\\n2017/03/10 14:23:47 supervisor[1]: starting main program now\\r" +
      "\\u001b[2J\\u009b1m\\u202e\\u2028\n2017/03/10 14:23:46 supervisor[1]: \ta tab is harmless\\u0000\n",
  );
});

Deno.test("formatText() and formatJson() cut very long lines, and say by how much", () => {
  const [long, whole] = ["x".repeat(5000), "x".repeat(4096)];
  assert(text({ msg: long }).endsWith(`: ${whole}... and 904 more characters\n`));
  assert(text({ msg: whole }).endsWith(`: ${whole}\n`));
  const { msg } = JSON.parse(formatJson({ level: "info", msg: "a", more: [long] }, { time: WINTER, pid: 1 }));
  assertEquals(msg, `a\n${whole}... and 904 more characters`);
});

Deno.test("formatText() leaves the fields to the JSON log", () => {
  assertEquals(text({ fields: { dest: "/a" } }), text({}));
});

Deno.test("formatJson() writes one object a line, with the event's own fields", () => {
  const fields = { dest: "/a", ms: 5, waitingFor: ["/b"], signal: null };
  const line = formatJson({ level: "warn", msg: 'a "b"', more: ["c — d"], fields }, { time: WINTER, pid: 7 });
  assert(line.endsWith("}\n") && !line.slice(0, -1).includes("\n"), line);
  assertEquals(JSON.parse(line), {
    time: "2017-03-10T14:23:46.789Z",
    level: "warn",
    pid: 7,
    msg: 'a "b"\nc — d',
    ...fields,
  });
  assertEquals(Object.keys(JSON.parse(line)).slice(0, 4), ["time", "level", "pid", "msg"]);
});

Deno.test("formatJson() writes universal time wherever it is, as RFC 3339 has it", () => {
  const line = inZone("Asia/Kolkata", () => formatJson({ level: "info", msg: "x" }, { time: WINTER, pid: 1 }));
  assertEquals(line, '{"time":"2017-03-10T14:23:46.789Z","level":"info","pid":1,"msg":"x"}\n');
});

Deno.test("isShown() shows what is at least as grave as the log's level", () => {
  const shown = LEVELS.map((log) => LEVELS.filter((level) => isShown({ level, msg: "" }, log)));
  assertEquals(shown, [LEVELS, ["info", "warn", "error"], ["warn", "error"], ["error"]]);
});
