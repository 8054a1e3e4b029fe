import { CallError, Libc, opaque } from "../../lib/host/linux/libc.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";

const libc = new Libc();

Deno.test("Libc calls functions, and says which error one that fails has met", () => {
  assert(libc.call("getpgrp") > 0);
  assertThrows(() => libc.call("kill", -0x7fffffff, 0), { message: "kill: ESRCH", code: "ESRCH" });
  assertThrows(() => libc.call("close", -1), { message: "close: EBADF" });
});

Deno.test("Libc takes the error number that is returned where that is the way", () => {
  const set = opaque();
  libc.check("pthread_sigmask", 0, null, set);
  assertThrows(() => libc.check("pthread_sigmask", 99, set, null), { message: "pthread_sigmask: EINVAL" });
});

Deno.test("Libc says which functions there are", () => {
  assert(libc.has("posix_spawn"));
});

Deno.test("CallError has a number for an error without a name here", () => {
  assertEquals(new CallError("read", 71).code, "error number 71");
});
