import { parseVerify } from "../../lib/settings/verify.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("parseVerify() reads every way to verify", () => {
  assertEquals(parseVerify("exec:test -e '/a b'"), { by: "exec", words: ["test", "-e", "/a b"] });
  assertEquals(parseVerify("tcp:localhost:80"), { by: "tcp", hostname: "localhost", port: 80 });
  assertEquals(parseVerify("tcp:[::1]:8080"), { by: "tcp", hostname: "::1", port: 8080 });
  assertEquals(parseVerify("http://localhost/-/ready"), { by: "http", url: "http://localhost/-/ready" });
});

Deno.test("parseVerify() refuses what is none of them", () => {
  for (
    const text of ["", "exec:", "tcp:80", "tcp:a:0", "tcp:a:65536", "tcp:a b:1", "http://", "localhost:80", "SIGHUP"]
  ) {
    assertEquals(parseVerify(text), undefined, text);
  }
});
