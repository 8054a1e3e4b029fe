/**
 * The image's root file system without an image builder: what the base image brings, and what the Dockerfile's final
 * stage copies. There is no shell in it and no other program.
 *
 * The C library is this machine's. Large files are bind-mounted later, over empty ones that are made here.
 *
 * Touches: the file system, below the folder that it is given; processes (ldd).
 * @module
 */

/** A file or folder of this machine that is to be seen in the root file system. */
export interface Mount {
  source: string;
  target: string;
  writable?: boolean;
}

/** A root file system. */
export interface Rootfs {
  path: string;
  mounts: Mount[];
}

/** What goes into it. */
export interface RootfsOptions {
  /** Where it is made; must exist. */
  folder: string;
  /** Programs: path in the image, and the file that stands for it. */
  programs: Record<string, string>;
  /** Other files: path, and content. */
  files: Record<string, string>;
  /** Folders that volumes are mounted on. */
  folders: readonly string[];
  /** True for an image that stands on another base and brings its programs' libraries itself. */
  ownLibraries?: boolean;
}

/** The user that distroless images offer for everything that need not be root. */
export const NONROOT = 65532;

/** What the base image has of its own, as far as programs look at it. */
const BASE_FILES: Record<string, string> = {
  "/etc/passwd": `root:x:0:0:root:/root:/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
nonroot:x:${NONROOT}:${NONROOT}:nonroot:/home/nonroot:/sbin/nologin
`,
  "/etc/group": `root:x:0:\nnobody:x:65534:\nnonroot:x:${NONROOT}:\n`,
  "/etc/nsswitch.conf": "hosts: files dns\n",
  // This one comes from whoever runs containers.
  "/etc/hosts": "127.0.0.1 localhost\n",
};
const BASE_FOLDERS = ["/bin", "/dev", "/proc", "/root", "/home/nonroot", "/tmp"];

/** The shared libraries of the base image's packages (libc6, libgcc-s1, libstdc++6) that programs of ours may need. */
const BASE_LIBRARIES = /^(ld-linux-.*|lib(c|m|dl|rt|pthread|resolv|gcc_s|stdc\+\+))\.so\.\d+$/;

/** Makes it. */
export function buildRootfs({ folder, programs, files, folders, ownLibraries = false }: RootfsOptions): Rootfs {
  const path = `${folder}/root`;
  const put = (target: string, content: string, mode = 0o644) => {
    makeFolder(path, parentOf(target));
    Deno.writeTextFileSync(`${path}${target}`, content);
    Deno.chmodSync(`${path}${target}`, mode);
  };
  for (const target of [...BASE_FOLDERS, ...folders]) makeFolder(path, target);
  Deno.chmodSync(`${path}/tmp`, 0o1777);
  for (const [target, content] of Object.entries({ ...BASE_FILES, ...files })) put(target, content);
  const mounts: Mount[] = [];
  for (const library of new Set(Object.values(programs).flatMap((program) => librariesOf(program, ownLibraries)))) {
    // Where the loader looks for it, even if it lies beside the program here.
    const target = library.startsWith("/lib") || library.startsWith("/usr/") ? library : `/lib/${nameOf(library)}`;
    makeFolder(path, parentOf(target));
    Deno.copyFileSync(library, `${path}${target}`);
  }
  for (const [target, source] of Object.entries(programs)) {
    put(target, "", 0o755);
    mounts.push({ source, target });
  }
  return { path, mounts };
}

/** Every file that could be executed, by its path in the root file system. */
export function executablesIn({ path }: Rootfs): string[] {
  const found: string[] = [];
  const visit = (folder: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(`${path}${folder}`)) {
      const target = `${folder}/${name}`;
      if (isDirectory) visit(target);
      else if ((Deno.lstatSync(`${path}${target}`).mode! & 0o111) !== 0) found.push(target);
    }
  };
  visit("");
  return found.sort();
}

/** The paths of the libraries that a program is linked to; none for a static one and for what is no program. */
function librariesOf(program: string, any: boolean): string[] {
  const env = { LD_LIBRARY_PATH: parentOf(program) };
  const { stdout } = new Deno.Command("ldd", { args: [program], env, stdin: "null", stderr: "null" }).outputSync();
  const libraries = new TextDecoder().decode(stdout).match(/(?<=\s)\/\S+/g) ?? [];
  for (const library of libraries) {
    if (!any && !BASE_LIBRARIES.test(library.slice(library.lastIndexOf("/") + 1))) {
      throw new Error(`${program} needs ${library}, which the base image does not have`);
    }
  }
  return libraries;
}

function makeFolder(root: string, folder: string): void {
  Deno.mkdirSync(`${root}${folder}`, { recursive: true, mode: 0o755 });
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
