/**
 * The C library: the calls that a process 1 needs and the runtime does not have. A call that fails throws a
 * {@link CallError} with the name of the error number.
 *
 * A symbol is opened as a pointer and becomes a function at its first call: the runtime takes 0.2 ms to compile each.
 *
 * Touches: libc.so.6 through the runtime's foreign functions; nothing else opens a library.
 * @module
 */
import type { SignalMask } from "./proc.ts";

const FUNCTIONS = {
  __errno_location: { parameters: [], result: "pointer" },
  waitid: { parameters: ["i32", "u32", "buffer", "i32"], result: "i32" },
  waitpid: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
  getrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  setrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  sigaction: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  syscall: { parameters: ["i64", "i64", "buffer", "buffer", "i64"], result: "i64" },
  pthread_sigmask: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  kill: { parameters: ["i32", "i32"], result: "i32" },
  getpgrp: { parameters: [], result: "i32" },
  tcgetpgrp: { parameters: ["i32"], result: "i32" },
  tcsetpgrp: { parameters: ["i32", "i32"], result: "i32" },
  inotify_init1: { parameters: ["i32"], result: "i32" },
  inotify_add_watch: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  inotify_rm_watch: { parameters: ["i32", "i32"], result: "i32" },
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32", nonblocking: true },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  access: { parameters: ["buffer", "i32"], result: "i32" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  sendto: { parameters: ["i32", "buffer", "usize", "i32", "buffer", "u32"], result: "isize" },
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
  dup3: { parameters: ["i32", "i32", "i32"], result: "i32" },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  eventfd_write: { parameters: ["i32", "u64"], result: "i32" },
  syncfs: { parameters: ["i32"], result: "i32", nonblocking: true },
  posix_spawn: { parameters: ["buffer", "buffer", "buffer", "buffer", "buffer", "buffer"], result: "i32" },
  posix_spawnattr_init: { parameters: ["buffer"], result: "i32" },
  posix_spawnattr_setflags: { parameters: ["buffer", "i16"], result: "i32" },
  posix_spawnattr_setpgroup: { parameters: ["buffer", "i32"], result: "i32" },
  posix_spawnattr_setsigdefault: { parameters: ["buffer", "buffer"], result: "i32" },
  posix_spawnattr_setsigmask: { parameters: ["buffer", "buffer"], result: "i32" },
  posix_spawnattr_destroy: { parameters: ["buffer"], result: "i32" },
  posix_spawn_file_actions_init: { parameters: ["buffer"], result: "i32" },
  // glibc 2.35 and later.
  posix_spawn_file_actions_addtcsetpgrp_np: { parameters: ["buffer", "i32"], result: "i32" },
  posix_spawn_file_actions_destroy: { parameters: ["buffer"], result: "i32" },
} as const satisfies Record<string, Deno.ForeignFunction>;

/** A function of the C library, by its name there. */
export type FunctionName = keyof typeof FUNCTIONS;
/** What calling it takes. */
type ParametersOf<Name extends FunctionName> = Deno.ToNativeParameterTypes<(typeof FUNCTIONS)[Name]["parameters"]>;
/** Functions that return the error number itself instead of setting errno. */
type Returning = FunctionName & (`posix_spawn${string}` | `pthread_${string}`);

/** Names of error numbers, errno(3), as on x86-64 and arm64. */
const ERROR_NAMES: Readonly<Record<number, string>> = {
  1: "EPERM",
  2: "ENOENT",
  3: "ESRCH",
  4: "EINTR",
  5: "EIO",
  7: "E2BIG",
  8: "ENOEXEC",
  9: "EBADF",
  10: "ECHILD",
  11: "EAGAIN",
  12: "ENOMEM",
  13: "EACCES",
  20: "ENOTDIR",
  22: "EINVAL",
  23: "ENFILE",
  24: "EMFILE",
  25: "ENOTTY",
  26: "ETXTBSY",
  28: "ENOSPC",
  30: "EROFS",
  36: "ENAMETOOLONG",
  38: "ENOSYS",
  40: "ELOOP",
  107: "ENOTCONN",
  111: "ECONNREFUSED",
};

/** A call of the C library has failed. */
export class CallError extends Error {
  /** The error number's name; for one that has none here, `error number 71`. */
  readonly code: string;

  constructor(name: FunctionName, errno: number) {
    const code = ERROR_NAMES[errno] ?? `error number ${errno}`;
    super(`${name}: ${code}`);
    this.code = code;
  }
}

/** Larger than glibc's sigset_t, struct sigaction, siginfo_t, posix_spawnattr_t and posix_spawn_file_actions_t. */
const OPAQUE_BYTES = 512;

/** Memory for a structure of C. Its zeros are SIG_DFL in a struct sigaction, and no signal in a sigset_t. */
export function opaque(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(OPAQUE_BYTES);
}

/** A sigset_t. */
export function signalSet(signals: SignalMask): Uint8Array<ArrayBuffer> {
  const set = opaque();
  new DataView(set.buffer).setBigUint64(0, signals, true);
  return set;
}

/** A string of C. */
export function cString(text: string | Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const string = new Uint8Array(bytes.length + 1);
  string.set(bytes);
  return string;
}

/** The open library. */
export class Libc {
  readonly #symbols: Record<string, Deno.PointerValue>;
  readonly #functions = new Map<FunctionName, (...parameters: readonly unknown[]) => unknown>();

  /** Throws where the library cannot be opened. */
  constructor(library = "libc.so.6") {
    const pointers = Object.keys(FUNCTIONS).map((name) => [name, { type: "pointer", optional: true }]);
    this.#symbols = Deno.dlopen(library, Object.fromEntries(pointers)).symbols as Record<string, Deno.PointerValue>;
  }

  /** True if the library has a function: older ones lack some. */
  has(name: FunctionName): boolean {
    return this.#symbols[name] !== null;
  }

  /** Calls a function that returns -1 and sets errno where it fails. Throws {@link CallError}. */
  call<Name extends Exclude<FunctionName, Returning | "poll" | "syncfs" | "__errno_location">>(
    name: Name,
    ...parameters: ParametersOf<Name>
  ): number {
    const result = Number(this.#function(name)(...parameters));
    if (result === -1) throw new CallError(name, this.#errno());
    return result;
  }

  /** Calls a function that returns 0 or an error number. Throws {@link CallError}. */
  check<Name extends Returning>(name: Name, ...parameters: ParametersOf<Name>): void {
    const errno = Number(this.#function(name)(...parameters));
    if (errno !== 0) throw new CallError(name, errno);
  }

  /** Where a function is, for the kernel to call it. */
  addressOf(name: FunctionName): bigint {
    return BigInt(Deno.UnsafePointer.value(this.#symbols[name]));
  }

  /**
   * Waits on a thread of the runtime's until some of the descriptors have something to read; returns these. That keeps the
   * process alive.
   */
  async readable(descriptors: readonly number[]): Promise<number[]> {
    const POLLIN = 1;
    const bytes = new Uint8Array(8 * descriptors.length);
    const poll = new DataView(bytes.buffer);
    descriptors.forEach((descriptor, i) => {
      poll.setInt32(8 * i, descriptor, true);
      poll.setInt16(8 * i + 4, POLLIN, true);
    });
    await this.#function("poll")(bytes, BigInt(descriptors.length), -1);
    return descriptors.filter((_, i) => poll.getInt16(8 * i + 6, true) !== 0);
  }

  /** Brings all of the file system that a file lies in to the disk, on a thread of the runtime's. */
  async syncFileSystem(path: string): Promise<void> {
    const CLOEXEC = 0o2000000;
    const descriptor = this.call("open", cString(path), CLOEXEC);
    try {
      // The error number is that other thread's.
      if (await this.#function("syncfs")(descriptor) !== 0) throw new Error(`syncfs of ${path} failed`);
    } finally {
      this.call("close", descriptor);
    }
  }

  #errno(): number {
    const place = this.#function("__errno_location")() as Deno.PointerObject;
    return new Deno.UnsafePointerView(place).getInt32();
  }

  #function(name: FunctionName): (...parameters: readonly unknown[]) => unknown {
    const known = this.#functions.get(name);
    if (known !== undefined) return known;
    const definition: Deno.ForeignFunction = FUNCTIONS[name];
    const pointer = this.#symbols[name] as Deno.PointerObject<Omit<Deno.ForeignFunction, "nonblocking">>;
    const callable = new Deno.UnsafeFnPointer(pointer, definition);
    const made = callable.call.bind(callable) as (...parameters: readonly unknown[]) => unknown;
    this.#functions.set(name, made);
    return made;
  }
}
