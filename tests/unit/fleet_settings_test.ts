/** Where a fleet takes turns, as it is written. @module */
import { fleetHint, parseFleet, parseFleetId } from "../../lib/settings/fleet.ts";
import { readSettings } from "../../lib/settings/settings.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("parseFleet() reads each engine, its nodes, its group and how many go at once", () => {
  assertEquals(parseFleet("etcd://store:2380/web?n=2"), {
    engine: "etcd",
    nodes: ["http://store:2380"],
    group: "web",
    n: 2,
    tls: {},
  });
  assertEquals(parseFleet("etcd://a,b:1,[::1]:2/fleets/web")?.nodes, ["http://a:2379", "http://b:1", "http://[::1]:2"]);
  assertEquals(parseFleet("etcd://a/fleets/web/")?.group, "fleets/web");
  assertEquals(parseFleet("consul://a/web")?.nodes, ["http://a:8500"]);
  assertEquals(parseFleet("consul://a/web")?.n, 1);
  assertEquals(parseFleet("etcd+https://a/web?ca=/ca.pem&n=3&cert=/c.pem&key=/k.pem"), {
    engine: "etcd",
    nodes: ["https://a:2379"],
    group: "web",
    n: 3,
    tls: { ca: "/ca.pem", cert: "/c.pem", key: "/k.pem" },
  });
  assertEquals(parseFleet("consul+https://a/web")?.nodes, ["https://a:8500"]);
  assertEquals(parseFleet("fleetlock+http://a:9090/default"), {
    engine: "fleetlock",
    nodes: ["http://a:9090"],
    group: "default",
    n: null,
    tls: {},
  });
  assertEquals(parseFleet("fleetlock+https://a/default")?.nodes, ["https://a"]);
});

const WRONG: [string, string][] = [
  ["etcd://a", "; a prefix, or a group, has to follow the host"],
  ["etcd://a/?n=2", "; a prefix, or a group, has to follow the host"],
  ["etcd://u:p@a/web", "; a user and a password stand in the file that SIDECAR_FLEET_TOKEN_FILE names"],
  ["fleetlock://a/web", "; it is fleetlock+http:// or fleetlock+https://"],
  ["http://a/web", "; the engine is missing: etcd://, consul:// or fleetlock+http://"],
  ["redis://a/web", ""],
  ["etcd://a:0/web", ""],
  ["etcd://a:65536/web", ""],
  ["etcd://a:b/web", "; the host is not HOST or HOST:PORT"],
  ["etcd://a,/web", "; the host is not HOST or HOST:PORT"],
  ["etcd://a/we b", "; a prefix has letters, digits, dots, dashes and underscores between its slashes"],
  ["etcd://a/web//x", "; a prefix has letters, digits, dots, dashes and underscores between its slashes"],
  ["etcd://a/web?n=0", "; n is a whole number from 1"],
  ["etcd://a/web?n=two", "; n is a whole number from 1"],
  ["etcd://a/web?n=", "; n is a whole number from 1"],
  ["etcd://a/web?n=1&n=2", ""],
  ["etcd://a/web?m=2", "; there is no parameter m"],
  ["etcd://a/web?ca=/x", "; ca is for etcd+https://"],
  ["etcd+https://a/web?cert=/x", "; cert and key belong together"],
  ["fleetlock+http://a/web?n=2", "; how many go at once is FleetLock's own setting"],
  ["fleetlock+http://a/web/x", ""],
];

for (const [text, hint] of WRONG) {
  Deno.test(`parseFleet() refuses ${text}`, () => {
    assertEquals(parseFleet(text), undefined);
    assertEquals(fleetHint(text), hint);
  });
}

Deno.test("parseFleetId() takes what can stand in a key", () => {
  assertEquals(parseFleetId("web-1.example_x"), "web-1.example_x");
  assertEquals(parseFleetId("x".repeat(253))?.length, 253);
  for (const wrong of ["", "a/b", "a b", "x".repeat(254)]) assertEquals(parseFleetId(wrong), undefined);
});

Deno.test("readSettings() shows nothing of a fleet's address that is not valid: it may hold a password", () => {
  const [problem] = readSettings({ SIDECAR_FLEET: "etcd://me:hunter22@a/web" }).problems;
  assertEquals(problem.includes("hunter22"), false);
  assertEquals(problem.includes("SIDECAR_FLEET_TOKEN_FILE"), true);
});
