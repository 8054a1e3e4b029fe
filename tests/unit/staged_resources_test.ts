import { parse } from "smol-toml";
import { namesDestination, pathMover, stageResource } from "../../lib/confd/staging.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";

// Template resources.

/** TOML's tables as objects like any other. */
function plain(text: string): unknown {
  return JSON.parse(JSON.stringify(parse(text)));
}

Deno.test("stageResource() changes dest and takes reload_cmd away, and keeps everything else", () => {
  const text = '[template]\nsrc = "a.tmpl"\ndest = "/etc/a.conf"\nkeys = ["/a", "/b"]\nmode = "0600"\nuid = 7\n' +
    'check_cmd = "check {{.src}}"\nreload_cmd = "reload"\n[other]\nkey = 1\n';
  assertEquals(plain(stageResource({ text, dest: "/etc/a.conf" }, ["/etc/a.conf"], "/state/new")), {
    template: {
      src: "a.tmpl",
      dest: "/state/new/etc/a.conf",
      keys: ["/a", "/b"],
      mode: "0600",
      uid: 7,
      check_cmd: "check {{.src}}",
    },
    other: { key: 1 },
  });
});

Deno.test("stageResource() reads names in any case, as confd does, and leaves one dest", () => {
  const text = '[Template]\nSrc = "a.tmpl"\nDEST = "/etc/a.conf"\nReload_Cmd = "reload"\nkeys = []\n';
  assertEquals(plain(stageResource({ text, dest: "/etc/a.conf" }, [], "/new")), {
    Template: { Src: "a.tmpl", keys: [], dest: "/new/etc/a.conf" },
  });
});

Deno.test("stageResource() has a check_cmd look at the new files of the set, once all that it names are there", () => {
  const check = (command: string) => {
    const text = `[template]\nsrc = "a"\ndest = "/etc/a.conf"\ncheck_cmd = '''${command}'''\n`;
    const staged = stageResource({ text, dest: "/etc/a.conf" }, ["/etc/a.conf", "/d/b.conf", "/d/it's"], "/S");
    return (plain(staged) as { template: { check_cmd: string } }).template.check_cmd;
  };
  const [, , ...lines] = check("test -s /d/b.conf # and").split("\n");
  assertEquals(lines, [
    "if test -e '/S/d/b.conf'; then",
    "test -s /S/d/b.conf # and",
    "else",
    "test -s /d/b.conf # and",
    "fi",
  ]);
  assertMatch(check(`cat "/d/it's" /d/b.conf`), /\nif test -e '\/S\/d\/b.conf' && test -e '\/S\/d\/it'\\''s'; then\n/);
  for (const same of ["diff {{.src}} /etc/a.conf", "ls /d", "cat /d/b.conf.old /x/d/b.conf"]) {
    assertEquals(check(same), same);
  }
});

// Paths.

Deno.test("pathMover() moves destinations and their folders, and nothing that only begins or ends like them", () => {
  const move = pathMover(["/etc/app/main.conf", "/etc/app/parts/one.conf"], "/R");
  const cases: Record<string, string> = {
    "/etc/app/main.conf": "/R/etc/app/main.conf",
    "--config=/etc/app/main.conf": "--config=/R/etc/app/main.conf",
    "include '/etc/app/parts/*.conf';": "include '/R/etc/app/parts/*.conf';",
    "/etc/app": "/R/etc/app",
    "/etc/app/": "/R/etc/app/",
    "see /etc/app/main.conf.": "see /R/etc/app/main.conf.",
    "/etc/app/main.conf:/etc/app/parts": "/R/etc/app/main.conf:/R/etc/app/parts",
    "/etc/app/beside.conf": "/R/etc/app/beside.conf",
    "/etc/app.d/main.conf": "/etc/app.d/main.conf",
    "/etc/application": "/etc/application",
    "/etc/app-old/main.conf": "/etc/app-old/main.conf",
    "/srv/etc/app/main.conf": "/srv/etc/app/main.conf",
    "./etc/app/main.conf": "./etc/app/main.conf",
    "/etc": "/etc",
    "/etc/hosts": "/etc/hosts",
  };
  for (const [before, after] of Object.entries(cases)) assertEquals(move(before), after, before);
});

Deno.test("pathMover() takes the longest path, and a path's letters for what they are", () => {
  const move = pathMover(["/a/b", "/a/b.c/d+(e)"], "/R");
  assertEquals(move("/a/b /a/b.c/d+(e) /a/bxc/d"), "/R/a/b /R/a/b.c/d+(e) /a/bxc/d");
  assertEquals(pathMover(["/a/x", "/a/x/y/z"], "/R")("/a/x/y/z"), "/R/a/x/y/z", "once, not twice");
});

Deno.test("pathMover() leaves a folder at the top alone, but not the destination in it", () => {
  const move = pathMover(["/etc/app.conf", "/top.conf"], "/R");
  assertEquals(
    move("/etc/app.conf /etc/other.conf /etc /top.conf /"),
    "/R/etc/app.conf /etc/other.conf /etc /R/top.conf /",
  );
});

Deno.test("namesDestination() looks for a destination, or a folder of one, in the words of a check", () => {
  const dests = ["/etc/nginx/nginx.conf", "/srv/x.conf"];
  for (
    const words of [["nginx", "-t", "-c", "/etc/nginx/nginx.conf"], ["check", "/srv"], ["check", "--file=/srv/x.conf"]]
  ) {
    assertEquals(namesDestination(words, dests), words[1] !== "/srv");
  }
  assertEquals(namesDestination(["nginx", "-t"], dests), false);
  assertEquals(namesDestination(["check", "/etc/nginx"], dests), true);
});
