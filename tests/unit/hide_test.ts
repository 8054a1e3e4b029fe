import { shownAddress } from "../../lib/settings/address.ts";
import { nameMatcher, visibleEnvironment } from "../../lib/settings/hide.ts";
import { assertEquals } from "../support/assert.ts";

function hidden(patterns: string[], names: string[]): string[] {
  return names.filter(nameMatcher(patterns));
}

Deno.test("nameMatcher() matches whole names", () => {
  assertEquals(hidden(["TOKEN", "A_B"], ["TOKEN", "TOKENS", "MY_TOKEN", "token", "A_B", "A.B"]), ["TOKEN", "A_B"]);
});

Deno.test("nameMatcher() takes * for any characters, none included", () => {
  const names = ["VAULT_", "VAULT_TOKEN", "VAULT", "MY_VAULT_TOKEN", "VAULT_\nX"];
  assertEquals(hidden(["VAULT_*"], names), ["VAULT_", "VAULT_TOKEN", "VAULT_\nX"]);
  assertEquals(hidden(["*_TOKEN"], names), ["VAULT_TOKEN", "MY_VAULT_TOKEN"]);
  assertEquals(hidden(["*"], names), names);
  assertEquals(hidden(["V*T*N"], names), ["VAULT_TOKEN"]);
});

Deno.test("nameMatcher() takes everything else as it is", () => {
  assertEquals(
    hidden(["A.C", "A|B", "[AB]", "A+", "(A)", "A$", "^A", "A?", "A\\B"], ["ABC", "A", "B", "AA", "AB"]),
    [],
  );
  assertEquals(hidden(["A.C", "A|B"], ["A.C", "A|B"]), ["A.C", "A|B"]);
});

Deno.test("nameMatcher() matches nothing without patterns", () => {
  assertEquals(hidden([], ["", "A"]), []);
});

Deno.test("visibleEnvironment() leaves out what matches, and nothing else", () => {
  assertEquals(visibleEnvironment({ A: "1", TOKEN: "2", B: "3" }, ["TOKEN", "C"]), { A: "1", B: "3" });
});

Deno.test("shownAddress() shows no user, password, query or fragment", () => {
  assertEquals(shownAddress("https://adm:secret@host:8443/-/reload?token=secret#secret"), "https://host:8443/-/reload");
  assertEquals(shownAddress("no address: secret"), "the address");
});
