/*
 * Stand-ins for the bench: a confd and a service with as little delay of their own as possible. The name that it is
 * called by decides which; the folder that it lies in holds all that belongs to one run.
 *
 *   confd --help   answers as the classic confd does.
 *   confd ...      renders `out/conf` by a temporary file and a rename, says so, then prints `flood` where there is one,
 *                  and all that is written to the FIFO `lines`, until it is told to end.
 *   service        writes one `s` to standard output first of all, and one `h` for each SIGHUP; at SIGUSR1 it makes
 *                  ORPHANS children whose children end after them, and then writes an `o`.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ORPHANS 10000

static void copy(const char *path, int flags) {
  static char buffer[65536];
  int from = open(path, flags);
  ssize_t got;
  if (from < 0) return;
  while ((got = read(from, buffer, sizeof buffer)) > 0)
    for (ssize_t done = 0, put; done < got; done += put)
      if ((put = write(2, buffer + done, got - done)) < 0) _exit(1);
  close(from);
}

static int confd(const char *name, int help) {
  if (help) {
    dprintf(2, "Usage of %s:\n  -confdir string\n    \tconfd conf directory (default \"/etc/confd\")\n", name);
    return 2;
  }
  int file = open("out/.conf.new", O_WRONLY | O_CREAT | O_TRUNC, 0644);
  dprintf(file, "rendered by %d\n", (int)getpid());
  close(file);
  if (rename("out/.conf.new", "out/conf") < 0) return 1;
  char folder[4096];
  if (getcwd(folder, sizeof folder) == NULL) return 1;
  dprintf(2, "2026-01-01T00:00:00Z host confd[1]: INFO Target config %s/out/conf has been updated\n", folder);
  copy("flood", O_RDONLY);
  /* For writing too: the FIFO then never ends. */
  copy("lines", O_RDWR);
  return 1;
}

static void on_hup(int signal) {
  (void)signal;
  if (write(1, "h", 1) < 0) _exit(1);
}

static volatile sig_atomic_t asked;

static void on_usr1(int signal) {
  (void)signal;
  asked = 1;
}

static void make_orphans(void) {
  for (int i = 0; i < ORPHANS; i++) {
    pid_t child = fork();
    if (child == 0) {
      fork();
      _exit(0);
    }
    if (child > 0) waitpid(child, NULL, 0);
  }
  if (write(1, "o", 1) < 0) _exit(1);
}

static int service(void) {
  struct sigaction hup = {.sa_handler = on_hup}, usr1 = {.sa_handler = on_usr1};
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  sigprocmask(SIG_BLOCK, &blocked, &before);
  sigaction(SIGHUP, &hup, NULL);
  sigaction(SIGUSR1, &usr1, NULL);
  if (write(1, "s", 1) < 0) return 1;
  for (;;) {
    sigsuspend(&before);
    if (asked) make_orphans();
    asked = 0;
  }
}

int main(int argc, char **argv) {
  char *slash = strrchr(argv[0], '/');
  if (slash == NULL) return 1;
  *slash = '\0';
  if (chdir(argv[0]) < 0) return 1;
  if (strcmp(slash + 1, "service") == 0) return service();
  return confd(slash + 1, argc > 1 && strcmp(argv[1], "--help") == 0);
}
